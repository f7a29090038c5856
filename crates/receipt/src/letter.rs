//! A letter of an agency as one page of A4, the same bytes at the centre and at the office.
//!
//! Invariant: as on a receipt, what a letter says is data and never markup.

use pishkhan_domain::digits::to_persian_digits;
use pishkhan_domain::jalali::{JalaliDate, parse_iso};
use pishkhan_domain::tracking_code::TrackingCode;
use pishkhan_protocol::letter::Letter;
use serde_json::{Map, Value, json};

use crate::error::ReceiptError;
use crate::raster::page_png;
use crate::sheet::{Sheet, document, render_sheet};

/// Is it a letter, or what would become one?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetterKind {
    /// With its number.
    Issued,
    /// Marked so across the page, without a number.
    Draft,
}

/// The letter as a PDF file with its font embedded.
///
/// # Errors
/// [`ReceiptError`].
pub fn render_letter(
    letter: &Letter,
    code: TrackingCode,
    kind: LetterKind,
) -> Result<Vec<u8>, ReceiptError> {
    let identity = match kind {
        LetterKind::Issued => format!("pishkhan letter {code} {}", letter.reference()),
        LetterKind::Draft => format!("pishkhan draft of a letter {code}"),
    };
    render_sheet(Sheet::Letter, &content(letter, code, kind)?, &identity)
}

/// The letter as a picture.
///
/// # Errors
/// [`ReceiptError`].
pub fn render_letter_png(
    letter: &Letter,
    code: TrackingCode,
    pixels_per_inch: f64,
) -> Result<Vec<u8>, ReceiptError> {
    let content = content(letter, code, LetterKind::Issued)?;
    page_png(&document(Sheet::Letter, &content)?, pixels_per_inch)
}

fn content(
    letter: &Letter,
    code: TrackingCode,
    kind: LetterKind,
) -> Result<Map<String, Value>, ReceiptError> {
    let day = parse_iso(&letter.issued_on)
        .ok_or_else(|| ReceiptError::Date { text: letter.issued_on.clone() })?;
    let content = json!({
        "draft": kind == LetterKind::Draft,
        "agency": letter.agency,
        "number": letter.reference(),
        "date": JalaliDate::from_civil(day).in_words(),
        "code": to_persian_digits(&code.grouped()),
        "applicant": letter.applicant,
        "subject": letter.subject,
        "paragraphs": letter.paragraphs,
        "address": letter.check_at,
    });
    Ok(content.as_object().cloned().unwrap_or_default())
}
