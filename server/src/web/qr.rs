//! A square code as a picture within a page.

use std::fmt::Write as _;

use fast_qr::{ECL, QRBuilder};

/// White around the symbol (ISO/IEC 18004).
const QUIET: usize = 4;

/// The symbol as SVG: one path, so that no seam shows between its squares. It holds digits only,
/// nothing of what the symbol says. None when the text is too long for any symbol.
#[must_use]
pub fn svg(text: &str, label: &str) -> Option<String> {
    let code = QRBuilder::new(text).ecl(ECL::M).build().ok()?;
    let side = code.size + 2 * QUIET;
    let mut path = String::new();
    for y in 0..code.size {
        let row = &code[y];
        let mut x = 0;
        while x < code.size {
            let width = row[x..code.size].iter().take_while(|module| module.value()).count();
            if width > 0 {
                // Writing to a String cannot fail.
                let _ = write!(path, "M{} {}h{width}v1h-{width}z", x + QUIET, y + QUIET);
            }
            x += width.max(1);
        }
    }
    Some(format!(
        "<svg class=\"qr\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" \
         shape-rendering=\"crispEdges\" role=\"img\" aria-label=\"{label}\">\
         <path fill=\"#fff\" d=\"M0 0h{side}v{side}h-{side}z\"/><path fill=\"#000\" d=\"{path}\"/>\
         </svg>"
    ))
}
