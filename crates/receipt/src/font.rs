//! The one font of screen and paper, Vazirmatn (SIL Open Font License 1.1, `fonts/OFL.txt`).
//!
//! Invariant: nothing outside the program is asked for a glyph. A character that the font lacks is
//! printed as [`MISSING`], so that a receipt never fails and never looks different on another PC.

use std::sync::LazyLock;

use typst::foundations::Bytes;
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;

/// Stands for a character that the font lacks.
pub(crate) const MISSING: char = '?';

static REGULAR: &[u8] = include_bytes!("../fonts/Vazirmatn-Regular.ttf");
static BOLD: &[u8] = include_bytes!("../fonts/Vazirmatn-Bold.ttf");

/// The fonts and their book, parsed once.
pub(crate) struct Fonts {
    pub(crate) book: LazyHash<FontBook>,
    pub(crate) all: Vec<Font>,
}

pub(crate) static FONTS: LazyLock<Fonts> = LazyLock::new(|| {
    let all: Vec<Font> =
        [REGULAR, BOLD].into_iter().flat_map(|data| Font::iter(Bytes::new(data))).collect();
    Fonts { book: LazyHash::new(FontBook::from_fonts(&all)), all }
});

/// Has the font, in both weights, a glyph for this character?
pub(crate) fn has_glyph(c: char) -> bool {
    FONTS.all.iter().all(|font| font.info().coverage.contains(u32::from(c)))
}
