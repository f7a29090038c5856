//! Taking in a scan or photo: what is picked becomes a small JPEG, or stays a small PDF.
//!
//! Invariant: what comes out is a JPEG of at most [`LONG_SIDE`] pixels with no metadata (a photo
//! tells where it was taken), or a PDF of at most [`MAX_PDF_BYTES`]. What goes in is not trusted:
//! its type is what its bytes say, its size is checked before anything is unpacked.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::error::{ImageError, LimitErrorKind};
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage};
use pishkhan_ipc::error::IpcError;

/// Largest file that is looked at.
pub const MAX_INPUT_BYTES: usize = 25 * 1024 * 1024;
/// Largest PDF that is kept.
pub const MAX_PDF_BYTES: usize = 5 * 1024 * 1024;
/// Long side of a kept picture: A4 at 170 dpi, enough to read a seal.
pub const LONG_SIDE: u32 = 2_000;

const MAX_SIDE: u32 = 8_000;
const MAX_PIXELS: u64 = 40_000_000;
const MAX_DECODED_BYTES: u64 = 400 * 1024 * 1024;
const JPEG_QUALITY: u8 = 80;

/// A paper as it is kept and sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intake {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// `image/jpeg` or `application/pdf`.
    pub media_type: &'static str,
}

/// Takes in a file as it was picked.
///
/// # Errors
/// `document.too_large`, `document.wrong_type`, `document.unreadable`.
pub fn take_in(bytes: &[u8]) -> Result<Intake, IpcError> {
    if bytes.len() > MAX_INPUT_BYTES {
        return Err(too_large());
    }
    match bytes {
        [0xff, 0xd8, 0xff, ..] => picture(bytes, ImageFormat::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => picture(bytes, ImageFormat::Png),
        [b'%', b'P', b'D', b'F', b'-', ..] => pdf(bytes),
        _ => Err(IpcError::new("document.wrong_type")),
    }
}

fn pdf(bytes: &[u8]) -> Result<Intake, IpcError> {
    if bytes.len() > MAX_PDF_BYTES {
        return Err(too_large());
    }
    // The mark of the end stands in the last 1024 bytes (ISO 32000-1, annex H.3); a file without
    // it was cut while it was copied.
    let tail = &bytes[bytes.len().saturating_sub(1024)..];
    if !tail.windows(5).any(|window| window == b"%%EOF") {
        return Err(unreadable());
    }
    Ok(Intake { bytes: bytes.to_vec(), media_type: "application/pdf" })
}

fn picture(bytes: &[u8], format: ImageFormat) -> Result<Intake, IpcError> {
    let picture = decode(bytes, format).map_err(|error| match error {
        ImageError::Limits(limit)
            if !matches!(limit.kind(), LimitErrorKind::Unsupported { .. }) =>
        {
            too_large()
        }
        _ => unreadable(),
    })?;
    let mut jpeg = Vec::new();
    on_white(&picture)
        .write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, JPEG_QUALITY))
        .map_err(|_| unreadable())?;
    Ok(Intake { bytes: jpeg, media_type: "image/jpeg" })
}

fn decode(bytes: &[u8], format: ImageFormat) -> Result<DynamicImage, ImageError> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits.clone());
    // Only the header is read here; a bomb stops before it is unpacked.
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        let kind = LimitErrorKind::DimensionError;
        return Err(ImageError::Limits(image::error::LimitError::from_kind(kind)));
    }
    limits.reserve(decoder.total_bytes())?;
    let orientation = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    if width.max(height) > LONG_SIDE {
        picture = picture.resize(LONG_SIDE, LONG_SIDE, FilterType::Triangle);
    }
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// A JPEG has no transparency: paper is white.
fn on_white(picture: &DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let with_alpha = picture.to_rgba8();
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [red, green, blue, alpha] = with_alpha.get_pixel(x, y).0.map(u16::from);
        let over = |part: u16| (part * alpha + 255 * (255 - alpha)) / 255;
        image::Rgb([red, green, blue].map(|part| u8::try_from(over(part)).unwrap_or(255)))
    })
}

fn too_large() -> IpcError {
    IpcError::new("document.too_large")
}

fn unreadable() -> IpcError {
    IpcError::new("document.unreadable")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use image::{Rgb, Rgba, RgbaImage};

    use super::*;

    fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn sheet(width: u32, height: u32) -> DynamicImage {
        RgbImage::from_fn(width, height, |x, _| Rgb([if x < width / 2 { 200 } else { 20 }, 90, 40]))
            .into()
    }

    /// A JPEG with an APP1 segment that holds an orientation and a place.
    fn with_exif(jpeg: &[u8], orientation: u8) -> Vec<u8> {
        let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
        exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
        exif.extend(b"GPS 29.4963 60.8629");
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        [&jpeg[..2], &[0xff, 0xe1], &length, &exif, &jpeg[2..]].concat()
    }

    fn kept(bytes: &[u8]) -> DynamicImage {
        let intake = take_in(bytes).unwrap();
        assert_eq!(intake.media_type, "image/jpeg");
        image::load_from_memory_with_format(&intake.bytes, ImageFormat::Jpeg).unwrap()
    }

    fn refusal(bytes: &[u8]) -> String {
        take_in(bytes).unwrap_err().code
    }

    #[test]
    fn pictures_become_jpegs_of_at_most_2000_pixels() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png] {
            let large = kept(&encoded(&sheet(2500, 1000), format));
            assert_eq!((large.width(), large.height()), (2000, 800));
            let small = kept(&encoded(&sheet(640, 480), format));
            assert_eq!((small.width(), small.height()), (640, 480));
        }
    }

    #[test]
    fn a_turned_photo_is_set_upright_and_tells_no_place() {
        let turned = with_exif(&encoded(&sheet(400, 200), ImageFormat::Jpeg), 6);
        let upright = kept(&turned);
        assert_eq!((upright.width(), upright.height()), (200, 400));
        // Its left half, which is light, is on top after a quarter turn to the right.
        let upright = upright.to_rgb8();
        assert!(upright.get_pixel(100, 50).0[0] > 150 && upright.get_pixel(100, 350).0[0] < 70);
        let bytes = take_in(&turned).unwrap().bytes;
        assert!(!bytes.windows(4).any(|window| window == b"Exif" || window == b"GPS "));
    }

    #[test]
    fn transparency_becomes_paper() {
        let clear = RgbaImage::from_pixel(20, 20, Rgba([0, 0, 0, 0]));
        assert!(
            kept(&encoded(&clear.into(), ImageFormat::Png)).to_rgb8().get_pixel(5, 5).0[0] > 250
        );
    }

    /// A PNG that claims a size in its header and is nothing but zeros behind it.
    fn bomb(width: u32, height: u32) -> Vec<u8> {
        let mut png = encoded(&sheet(1, 1), ImageFormat::Png);
        png[16..20].copy_from_slice(&width.to_be_bytes());
        png[20..24].copy_from_slice(&height.to_be_bytes());
        let crc = crc32(&png[12..29]).to_be_bytes();
        png[29..33].copy_from_slice(&crc);
        png
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0_u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1)))
        })
    }

    #[test]
    fn bombs_are_refused_by_their_header() {
        for (width, height) in
            [(8001, 10), (10, 8001), (7000, 7000), (u32::MAX >> 1, u32::MAX >> 1)]
        {
            assert_eq!(refusal(&bomb(width, height)), "document.too_large", "{width} x {height}");
        }
        let mut jpeg = encoded(&sheet(16, 16), ImageFormat::Jpeg);
        let frame = jpeg.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
        jpeg[frame + 5..frame + 9].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
        assert_eq!(refusal(&jpeg), "document.too_large");
        assert_eq!(refusal(&vec![0xff; MAX_INPUT_BYTES + 1]), "document.too_large");
    }

    #[test]
    fn cut_and_garbled_files_are_refused_and_never_panic() {
        let png = encoded(&sheet(300, 200), ImageFormat::Png);
        assert_eq!(refusal(&png[..png.len() / 2]), "document.unreadable");
        let jpeg = encoded(&sheet(48, 32), ImageFormat::Jpeg);
        for cut in [3, 4, 20, 200] {
            assert_eq!(refusal(&jpeg[..cut]), "document.unreadable", "cut at {cut}");
        }
        for at in (3..jpeg.len()).step_by(7) {
            let mut garbled = jpeg.clone();
            garbled[at] ^= 0xff;
            let _ = take_in(&garbled);
        }
    }

    #[test]
    fn other_types_are_refused_whatever_their_name() {
        for bytes in [&b"GIF89a"[..], b"<svg/>", b"MZ\x90", b"PK\x03\x04", b"", b"\xff\xd8"] {
            assert_eq!(refusal(bytes), "document.wrong_type");
        }
    }

    #[test]
    fn pdfs_are_kept_as_they_are_within_their_size() {
        let pdf = b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n".to_vec();
        assert_eq!(
            take_in(&pdf).unwrap(),
            Intake { bytes: pdf.clone(), media_type: "application/pdf" }
        );
        assert_eq!(refusal(&pdf[..20]), "document.unreadable");
        let mut large = pdf;
        large.splice(9..9, vec![b' '; MAX_PDF_BYTES]);
        assert_eq!(refusal(&large), "document.too_large");
    }
}
