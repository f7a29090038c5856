//! The receipt as a picture: grey for the screen, pure black and white for a printer.
//!
//! Invariant: on a printer's picture every module of the QR symbol is a square of whole dots: the
//! template's point is a dot, and [`crate::qr::QrPicture`] is a whole number of dots to a module.

use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageFormat, Luma, RgbaImage};
use typst::layout::Abs;
use typst::utils::Scalar;
use typst_layout::PagedDocument;
use typst_render::RenderOptions;

use crate::content::{Paper, ReceiptContent};
use crate::error::ReceiptError;
use crate::qr::QrPicture;
use crate::world::{Target, typeset};

/// Dots across a thermal roll of 80 mm: 72 mm at 8 dots to the millimetre.
pub const THERMAL_80_DOTS: u32 = 576;

/// Of a thermal printer, and of an A5 page that goes to one as a picture.
const DOTS_PER_INCH: f64 = 203.2;

/// Greys darker than this become black. Above the middle, since thin strokes lose otherwise.
const BLACK_BELOW: u8 = 168;

const BLACK: Luma<u8> = Luma([0]);
const WHITE: Luma<u8> = Luma([255]);

/// The receipt as dots, black (0) or white (255) and nothing between. Thermal paper: exactly
/// [`THERMAL_80_DOTS`] wide, as long as needed. A5: its pages one under the other at 203 dpi.
///
/// # Errors
/// [`ReceiptError`].
pub fn render_raster(content: &ReceiptContent, paper: Paper) -> Result<GrayImage, ReceiptError> {
    let qr = QrPicture::of(&content.proof_url, paper)?;
    let document = typeset(content, paper, &qr, Target::Dots)?;
    let mut dots = DynamicImage::from(draw(&document, paper, DOTS_PER_INCH)).into_luma8();
    for dot in dots.pixels_mut() {
        *dot = if dot.0[0] < BLACK_BELOW { BLACK } else { WHITE };
    }
    Ok(dots)
}

/// The receipt as a PNG for the screen. On thermal paper it is the dots themselves, whatever `ppi`.
///
/// # Errors
/// [`ReceiptError`].
pub fn render_png(
    content: &ReceiptContent,
    paper: Paper,
    ppi: f64,
) -> Result<Vec<u8>, ReceiptError> {
    let picture: DynamicImage = match paper {
        Paper::Thermal80 => render_raster(content, paper)?.into(),
        Paper::A5 => {
            let qr = QrPicture::of(&content.proof_url, paper)?;
            let picture = draw(&typeset(content, paper, &qr, Target::Dots)?, paper, ppi);
            DynamicImage::from(picture).into_rgb8().into()
        }
    };
    png(&picture)
}

/// What is set on A4, as a PNG for the screen.
pub(crate) fn page_png(document: &PagedDocument, ppi: f64) -> Result<Vec<u8>, ReceiptError> {
    let picture = DynamicImage::from(draw(document, Paper::A5, ppi));
    png(&picture.into_rgb8().into())
}

fn png(picture: &DynamicImage) -> Result<Vec<u8>, ReceiptError> {
    let mut png = Cursor::new(Vec::new());
    picture.write_to(&mut png, ImageFormat::Png)?;
    Ok(png.into_inner())
}

/// All pages, one under the other.
fn draw(document: &PagedDocument, paper: Paper, ppi: f64) -> RgbaImage {
    let pixel_per_pt = Scalar::new(match paper {
        Paper::A5 => ppi / 72.0,
        // The template's point is a dot.
        Paper::Thermal80 => 1.0,
    });
    let options = RenderOptions { pixel_per_pt, render_bleed: false };
    let picture = typst_render::render_merged(document, &options, Abs::zero(), None);
    let (width, height) = (picture.width(), picture.height());
    // Pages are opaque, so premultiplied colours are the colours.
    RgbaImage::from_raw(width, height, picture.take()).unwrap_or_default()
}
