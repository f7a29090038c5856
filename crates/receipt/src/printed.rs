//! From content to the template's dictionary: every text cleaned, every number in Persian.
//!
//! Invariant: the dictionary holds finished texts; the template only places them.

use pishkhan_domain::digits::{to_latin_digits, to_persian_digits};
use pishkhan_domain::jalali::{JalaliDate, parse_iso, tehran};
use typst::foundations::{Array, Bytes, Dict, IntoValue, Value, dict};

use crate::content::{Handed, Paper, ReceiptContent};
use crate::error::ReceiptError;
use crate::font::{MISSING, has_glyph};
use crate::qr::QrPicture;

/// A word longer than this is allowed to break anywhere, or it would leave the paper.
const LONGEST_WORD: usize = 26;

pub(crate) fn printed(
    content: &ReceiptContent,
    paper: Paper,
    qr: &QrPicture,
) -> Result<Dict, ReceiptError> {
    let documents: Array = content
        .documents
        .iter()
        .map(|document| {
            dict! {
                "title" => text(&document.title),
                "handed" => match document.handed {
                    Handed::Copy => "تصویر گرفته شد",
                    Handed::Seen => "اصل دیده شد",
                },
            }
            .into_value()
        })
        .collect();
    let missing: Array =
        content.documents_missing.iter().map(|title| text(title).into_value()).collect();
    let (recorded_on, recorded_at) = filing_time(content.recorded_at_ms);
    Ok(dict! {
        "paper" => match paper { Paper::A5 => "a5", Paper::Thermal80 => "thermal80" },
        "office" => text(&content.office_title),
        "district" => text(&content.district_title),
        "operator" => text(&content.operator_name),
        "code" => code_groups(content),
        "service" => text(&content.service_title),
        "agency" => text(&content.agency_title),
        "applicant" => text(&content.applicant_name),
        "last-four" => last_four(&content.applicant_code_masked),
        "documents" => documents,
        "missing" => missing,
        "fee" => rial(content.fee_rial),
        "fee-note" => text(&content.fee_note),
        "recorded-on" => recorded_on,
        "recorded-at" => recorded_at,
        "due-on" => due_day(&content.due_on)?,
        "deadline" => deadline(content.deadline_working_days),
        "sample" => content.sample,
        "url" => address(&content.public_url),
        "copy" => if content.copy > 1 { persian(content.copy) } else { String::new() },
        "unconfirmed" => content.time_not_confirmed,
        "numerals" => (1..=99_u32).map(|n| persian(n).into_value()).collect::<Array>(),
        "qr" => Value::Bytes(Bytes::new(qr.to_svg().into_bytes())),
        "qr-side" => qr.side_pt(),
    })
}

/// A text as it is printed: one line, Persian digits, only characters that the font has.
pub(crate) fn text(raw: &str) -> String {
    broken_up(&any_digits_to_persian(&plain(raw)))
}

/// An address as it is printed: its digits stay Latin.
pub(crate) fn address(raw: &str) -> String {
    broken_up(&plain(raw))
}

fn plain(raw: &str) -> String {
    let words: Vec<_> = raw.split(|c: char| c.is_whitespace() || c.is_control()).collect();
    let line = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    line.chars()
        .filter(|c| !turns_text(*c))
        .map(|c| if has_glyph(c) { c } else { MISSING })
        .collect()
}

/// Characters that turn the direction of what follows them have no place in a name: they could
/// make a paper read otherwise than it was filed.
fn turns_text(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Zero width spaces in words that no line could hold.
fn broken_up(line: &str) -> String {
    let mut run = 0;
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        run = if c == ' ' { 0 } else { run + 1 };
        if run > LONGEST_WORD {
            out.push('\u{200b}');
            run = 1;
        }
        out.push(c);
    }
    out
}

fn code_groups(content: &ReceiptContent) -> Array {
    let grouped = to_persian_digits(&content.tracking_code.grouped());
    grouped.split(' ').map(|group| group.into_value()).collect()
}

fn last_four(code: &str) -> String {
    let digits: Vec<char> =
        any_digits_to_persian(code).chars().filter(|c| matches!(c, '۰'..='۹')).collect();
    digits.get(digits.len().saturating_sub(4)..).unwrap_or_default().iter().collect()
}

fn deadline(working_days: u16) -> String {
    match working_days {
        0 => String::new(),
        days => format!("تا {} روز کاری", persian(u32::from(days))),
    }
}

/// An amount with its unit: `۱٬۲۵۰٬۰۰۰ ریال`.
fn rial(amount: i64) -> String {
    if amount == 0 {
        return "رایگان".to_owned();
    }
    let digits = amount.unsigned_abs().to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push('٬');
        }
        grouped.push(digit);
    }
    format!("{} ریال", to_persian_digits(&grouped))
}

fn any_digits_to_persian(text: &str) -> String {
    to_persian_digits(&to_latin_digits(text))
}

fn persian(number: u32) -> String {
    to_persian_digits(&number.to_string())
}

/// Day and clock in Tehran, on two lines of the paper.
fn filing_time(at_ms: i64) -> (String, String) {
    let at = tehran(at_ms);
    let clock = to_persian_digits(&format!("ساعت {:02}:{:02}", at.hour(), at.minute()));
    (JalaliDate::from_civil(at.date()).in_words(), clock)
}

fn due_day(iso: &str) -> Result<String, ReceiptError> {
    let day = parse_iso(iso).ok_or_else(|| ReceiptError::Date { text: iso.to_owned() })?;
    Ok(JalaliDate::from_civil(day).in_words())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_four_digits_are_printed() {
        for code in ["0076229645", "••••••9645", "۰۰۷۶۲۲۹۶۴۵", "٠٠٧٦٢٢٩٦٤٥", "9645"]
        {
            assert_eq!(last_four(code), "۹۶۴۵");
        }
        assert_eq!(last_four(""), "");
        assert_eq!(last_four("45"), "۴۵");
    }

    #[test]
    fn amounts_are_grouped_and_carry_their_unit() {
        assert_eq!(rial(0), "رایگان");
        assert_eq!(rial(500), "۵۰۰ ریال");
        assert_eq!(rial(1_250_000), "۱٬۲۵۰٬۰۰۰ ریال");
        assert_eq!(rial(12_000), "۱۲٬۰۰۰ ریال");
    }

    #[test]
    fn times_are_of_tehran_and_days_are_jalali() {
        let (day, clock) = filing_time(1_795_517_760_000);
        assert_eq!((day.as_str(), clock.as_str()), ("سه‌شنبه ۳ آذر ۱۴۰۵", "ساعت ۱۴:۲۶"));
        assert!(matches!(due_day("2026-12-13").as_deref(), Ok("یکشنبه ۲۲ آذر ۱۴۰۵")));
        assert!(matches!(due_day("1405-09-22x"), Err(ReceiptError::Date { .. })));
    }

    #[test]
    fn a_text_keeps_to_one_line_and_to_its_own_direction() {
        assert_eq!(text("علی\n\tرضا\u{202e}\u{2067}  ۲ 3"), "علی رضا ۲ ۳");
        assert_eq!(text("می‌روم"), "می‌روم");
        assert_eq!(text("a😀b"), "a?b");
    }

    #[test]
    fn a_word_longer_than_a_line_may_break() {
        let broken = text(&"ب".repeat(100));
        assert!(broken.split('\u{200b}').all(|part| part.chars().count() <= LONGEST_WORD));
        assert_eq!(broken.replace('\u{200b}', "").chars().count(), 100);
        assert!(!text("کوتاه است").contains('\u{200b}'));
    }
}
