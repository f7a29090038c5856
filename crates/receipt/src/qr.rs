//! The QR symbol that carries the proof.
//!
//! Invariant: the quiet zone of four modules (ISO/IEC 18004) belongs to the picture, so that no
//! layout can take it away.

use std::fmt::Write as _;

use fast_qr::{ECL, QRBuilder, QRCode};

use crate::content::Paper;
use crate::error::ReceiptError;

/// Modules of white on each side.
const QUIET: usize = 4;

/// Largest picture, quiet zone included, that is still drawn with level M (15 % may be lost): it
/// gives 4 dots (half a millimetre) to a module on a thermal roll. A longer proof takes level L.
const MOST_MODULES_AT_M: usize = 129;

/// Dots across for the symbol on a thermal roll, at most: 68 mm.
const MOST_DOTS: usize = 544;

/// Smallest module on A5, in hundredths of a millimetre, and smallest picture in millimetres.
const A5_MODULE_MM: f64 = 0.36;
const A5_LEAST_MM: f64 = 42.0;

/// Modules, dark or light, and the size at which they are drawn.
pub(crate) struct QrPicture {
    code: QRCode,
    /// Modules across, quiet zone included.
    pub(crate) modules: usize,
    paper: Paper,
}

impl QrPicture {
    pub(crate) fn of(url: &str, paper: Paper) -> Result<Self, ReceiptError> {
        let at = |level| {
            QRBuilder::new(url)
                .ecl(level)
                .build()
                .map_err(|_| ReceiptError::ProofTooLong { bytes: url.len() })
        };
        let code = match at(ECL::M) {
            Ok(code) if code.size + 2 * QUIET <= MOST_MODULES_AT_M => code,
            _ => at(ECL::L)?,
        };
        let modules = code.size + 2 * QUIET;
        Ok(Self { code, modules, paper })
    }

    /// Dots for one module on a thermal roll.
    pub(crate) fn dots_per_module(&self) -> usize {
        (MOST_DOTS / self.modules).clamp(1, 4)
    }

    /// Side of the picture in typographic points; on a roll, a point is a dot.
    pub(crate) fn side_pt(&self) -> f64 {
        let modules = u32::try_from(self.modules).unwrap_or(u32::MAX);
        match self.paper {
            Paper::A5 => (f64::from(modules) * A5_MODULE_MM).max(A5_LEAST_MM) * 72.0 / 25.4,
            Paper::Thermal80 => {
                f64::from(modules) * f64::from(u32::try_from(self.dots_per_module()).unwrap_or(1))
            }
        }
    }

    /// Is the module dark? Coordinates include the quiet zone.
    pub(crate) fn dark(&self, x: usize, y: usize) -> bool {
        let inside = |at: usize| at.checked_sub(QUIET).filter(|at| *at < self.code.size);
        match (inside(x), inside(y)) {
            (Some(x), Some(y)) => self.code[y][x].value(),
            _ => false,
        }
    }

    /// The symbol as SVG: one path, so that no seam shows between modules. Holds digits only,
    /// nothing of what the symbol says.
    pub(crate) fn to_svg(&self) -> String {
        let n = self.modules;
        let mut path = String::new();
        for y in 0..n {
            let mut x = 0;
            while x < n {
                let width = (x..n).take_while(|at| self.dark(*at, y)).count();
                if width > 0 {
                    // Writing to a String cannot fail.
                    let _ = write!(path, "M{x} {y}h{width}v1h-{width}z");
                }
                x += width.max(1);
            }
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {n} {n}\" \
             shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{n}v{n}h-{n}z\"/>\
             <path fill=\"#000\" d=\"{path}\"/></svg>"
        )
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_level_falls_only_when_the_symbol_would_grow_too_large() {
        let short = QrPicture::of(&"a".repeat(700), Paper::Thermal80).unwrap();
        assert!(matches!(short.code.ecl, Some(ECL::M)));
        assert_eq!(short.dots_per_module(), 4);
        let long = QrPicture::of(&"a".repeat(1_400), Paper::Thermal80).unwrap();
        assert!(matches!(long.code.ecl, Some(ECL::L)));
    }

    #[test]
    fn any_symbol_fits_the_roll_and_an_a5_symbol_is_40_mm_or_more() {
        for length in [20, 700, 1_500, 2_900] {
            let url = "a".repeat(length);
            assert!(QrPicture::of(&url, Paper::Thermal80).unwrap().side_pt() <= 576.0);
            let side_mm = QrPicture::of(&url, Paper::A5).unwrap().side_pt() * 25.4 / 72.0;
            assert!((40.0..=70.0).contains(&side_mm), "{side_mm}");
        }
    }

    #[test]
    fn the_quiet_zone_is_white() {
        let picture = QrPicture::of("https://peygiri.example.ir", Paper::A5).unwrap();
        let last = picture.modules - 1;
        for at in 0..picture.modules {
            for quiet in 0..QUIET {
                assert!(!picture.dark(at, quiet) && !picture.dark(quiet, at));
                assert!(!picture.dark(at, last - quiet) && !picture.dark(last - quiet, at));
            }
        }
        assert!(picture.dark(QUIET, QUIET));
    }

    #[test]
    fn a_proof_too_long_for_any_symbol_is_refused() {
        let refused = QrPicture::of(&"a".repeat(3_000), Paper::A5);
        assert!(matches!(refused, Err(ReceiptError::ProofTooLong { bytes: 3_000 })));
    }
}
