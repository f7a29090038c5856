//! The receipt as a picture: grey for the screen, pure black and white for a printer.
//!
//! Invariant: on a printer's picture every module of the QR symbol is a square of whole dots.

use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageFormat, Luma, RgbaImage};
use typst::layout::{Abs, Frame, FrameItem, Point, Transform};
use typst::utils::Scalar;
use typst_layout::PagedDocument;
use typst_render::RenderOptions;

use crate::content::{Paper, ReceiptContent};
use crate::error::ReceiptError;
use crate::qr::QrPicture;
use crate::world::typeset;

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
    let document = typeset(content, paper, &qr)?;
    let mut dots = DynamicImage::from(draw(&document, paper, DOTS_PER_INCH)).into_luma8();
    for dot in dots.pixels_mut() {
        *dot = if dot.0[0] < BLACK_BELOW { BLACK } else { WHITE };
    }
    if paper == Paper::Thermal80 {
        redraw_in_whole_dots(&mut dots, &document, &qr);
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
            let picture = draw(&typeset(content, paper, &qr)?, paper, ppi);
            DynamicImage::from(picture).into_rgb8().into()
        }
    };
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

/// Draws the symbol again where the typesetter put it, moved to the nearest whole dot.
fn redraw_in_whole_dots(dots: &mut GrayImage, document: &PagedDocument, qr: &QrPicture) {
    let corner = document.pages().iter().find_map(|page| image_corner(&page.frame, Point::zero()));
    let Some((left, top)) = corner.and_then(|corner| Some((dot(corner.x)?, dot(corner.y)?))) else {
        return;
    };
    let scale = qr.dots_per_module();
    for y in 0..qr.modules * scale {
        for x in 0..qr.modules * scale {
            let colour = if qr.dark(x / scale, y / scale) { BLACK } else { WHITE };
            if let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y))
                && let Some(dot) = dots.get_pixel_mut_checked(left + x, top + y)
            {
                *dot = colour;
            }
        }
    }
}

/// Upper left corner of the first picture: the template draws no other.
fn image_corner(frame: &Frame, origin: Point) -> Option<Point> {
    frame.items().find_map(|(at, item)| match item {
        FrameItem::Image(..) => Some(origin + *at),
        FrameItem::Group(group) => {
            image_corner(&group.frame, origin + *at + moved_by(group.transform))
        }
        _ => None,
    })
}

/// The template scales and turns nothing, so a group's transform is a shift.
fn moved_by(transform: Transform) -> Point {
    Point::new(transform.tx, transform.ty)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "rounded, and a receipt is a few thousand dots"
)]
fn dot(at: Abs) -> Option<u32> {
    u32::try_from(at.to_pt().round() as i64).ok()
}
