//! Paper: the receipt as an A5 page (PDF) and as an 80 mm thermal roll in black and white dots, and
//! the centre's sheets, an agency's letter among them.
//!
//! Invariant: what comes in is data, never markup. A name is printed letter by letter whatever it
//! contains, and no character of it can stop a receipt from being printed.

pub mod content;
pub mod error;
mod font;
pub mod letter;
mod printed;
mod qr;
mod raster;
pub mod sheet;
mod world;

pub use content::{Handed, Paper, ReceiptContent, ReceiptDocument};
pub use error::ReceiptError;
pub use letter::{LetterKind, render_letter, render_letter_png};
pub use raster::{THERMAL_80_DOTS, render_png, render_raster};
pub use sheet::{Sheet, render_sheet};

/// The receipt as a PDF file with its font embedded. Thermal paper gives one page of 80 mm, as long
/// as the roll needs.
///
/// # Errors
/// [`ReceiptError`].
pub fn render_pdf(content: &ReceiptContent, paper: Paper) -> Result<Vec<u8>, ReceiptError> {
    let qr = qr::QrPicture::of(&content.proof_url, paper)?;
    let document = world::typeset(content, paper, &qr, world::Target::Page)?;
    world::pdf(&document, content)
}
