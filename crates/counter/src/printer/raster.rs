//! A strip as ESC/POS raster (`GS v 0`), through the escpos crate.

use std::io::Cursor;
use std::sync::{Arc, Mutex, PoisonError};

use escpos::driver::Driver;
use escpos::errors::PrinterError;
use escpos::printer::Printer;
use escpos::utils::{BitImageOption, BitImageSize, Protocol};
use image::{GenericImageView, GrayImage, ImageFormat};

/// Rows in one `GS v 0`: cheap printers have room for little more, and print garbage beyond it.
const BAND_ROWS: u32 = 240;

/// The bytes that print the strip, feed it past the knife and cut.
pub(super) fn commands(strip: &GrayImage) -> Result<Vec<u8>, String> {
    let bytes = Bytes::default();
    write(strip, bytes.clone()).map_err(|error| error.to_string())?;
    let mut written = bytes.0.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(std::mem::take(&mut written))
}

fn write(strip: &GrayImage, bytes: Bytes) -> Result<(), PrinterError> {
    let mut printer = Printer::new(bytes, Protocol::default(), None);
    printer.init()?;
    for top in (0..strip.height()).step_by(BAND_ROWS as usize) {
        let rows = BAND_ROWS.min(strip.height() - top);
        let band = strip.view(0, top, strip.width(), rows).to_image();
        let mut png = Cursor::new(Vec::new());
        band.write_to(&mut png, ImageFormat::Png)
            .map_err(|error| PrinterError::Input(error.to_string()))?;
        // No limits: the default caps width and height at 512 and would shrink 80 mm (576 dots).
        let as_it_is = BitImageOption::new(None, None, BitImageSize::Normal)?;
        printer.bit_image_from_bytes_option(png.get_ref(), as_it_is)?;
    }
    printer.feeds(3)?.print_cut()?;
    Ok(())
}

/// Collects what would go to a printer, so that a strip is sent whole or not at all.
#[derive(Clone, Default)]
struct Bytes(Arc<Mutex<Vec<u8>>>);

impl Driver for Bytes {
    fn name(&self) -> String {
        "bytes".to_owned()
    }
    fn write(&self, data: &[u8]) -> Result<(), PrinterError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(data);
        Ok(())
    }
    fn read(&self, _: &mut [u8]) -> Result<usize, PrinterError> {
        Ok(0)
    }
    fn flush(&self) -> Result<(), PrinterError> {
        Ok(())
    }
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    /// A printer's reading of raster commands: the picture that would come out. Anything that it
    /// does not know is garbage on paper, so it panics.
    pub(in super::super) fn printed(bytes: &[u8]) -> GrayImage {
        let (mut rows, mut width, mut at, mut cut) = (Vec::new(), 0, 0, false);
        while at < bytes.len() {
            assert!(!cut, "bytes after the cut");
            match bytes[at..] {
                [0x1b, b'@', ..] => at += 2,
                // Cancels what page mode holds; nothing, in standard mode.
                [0x18, ..] => at += 1,
                [0x1b, b'd', _, ..] => at += 3,
                [0x1d, b'V', b'A', _, ..] => (cut, at) = (true, at + 4),
                [0x1d, b'v', b'0', 0, xl, xh, yl, yh, ..] => {
                    width = usize::from(xl) + 256 * usize::from(xh);
                    let length = width * (usize::from(yl) + 256 * usize::from(yh));
                    rows.extend_from_slice(&bytes[at + 8..at + 8 + length]);
                    at += 8 + length;
                }
                _ => panic!("unknown command at {at}: {:x?}", &bytes[at..bytes.len().min(at + 8)]),
            }
        }
        assert!(cut, "never cut");
        let dots = rows.iter().flat_map(|byte| (0..8).map(move |bit| byte >> (7 - bit) & 1));
        let pixels = dots.map(|dot| if dot == 1 { 0 } else { 255 }).collect();
        let height = rows.len() / width;
        GrayImage::from_raw(
            u32::try_from(width * 8).unwrap(),
            u32::try_from(height).unwrap(),
            pixels,
        )
        .unwrap()
    }

    /// Black and white dots in no order.
    pub(in super::super) fn strip(width: u32, height: u32) -> GrayImage {
        GrayImage::from_fn(width, height, |x, y| {
            image::Luma([if (x * 7919 + y * 104_729) % 11 < 4 { 0 } else { 255 }])
        })
    }

    #[test]
    fn a_strip_of_80_mm_comes_out_dot_for_dot() {
        for height in [1, 239, 240, 241, 1733] {
            let strip = strip(576, height);
            assert_eq!(printed(&commands(&strip).unwrap()), strip, "{height} rows");
        }
    }

    #[test]
    fn grey_is_printed_when_darker_than_half() {
        let shades = GrayImage::from_fn(8, 1, |x, _| {
            image::Luma([[0, 60, 120, 128, 140, 200, 250, 255][x as usize]])
        });
        let dots = printed(&commands(&shades).unwrap());
        assert_eq!(dots.into_raw(), [0, 0, 0, 0, 255, 255, 255, 255]);
    }
}
