//! Numbers as typed: Persian, Arabic or Latin digits, Persian decimal sign or stroke.

use crate::digits::to_latin_digits;
use crate::field_error::FieldErrorCode;

/// Digits before and behind the point that a decimal may have; fits into 64 bits.
const MAX_DIGITS: usize = 17;

/// A whole number; groups of three may be parted by spaces, commas or `٬`.
pub(super) fn whole(text: &str) -> Result<i64, FieldErrorCode> {
    let plain: String = plain(text).chars().filter(|c| !matches!(c, ',' | '٬' | '،')).collect();
    let digits = plain.strip_prefix('-').unwrap_or(&plain);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err("number.format");
    }
    // Only digits are left, so the one thing that can fail is the size.
    plain
        .parse()
        .map_err(|_| if plain.starts_with('-') { "number.too_small" } else { "number.too_large" })
}

/// A decimal in its one kept form: `12.5`, `-0.25`, `3`. A comma is not taken: it means thousands
/// to some and a decimal sign to others.
pub(super) fn decimal(text: &str) -> Result<Decimal, FieldErrorCode> {
    let plain: String = plain(text).chars().filter(|c| *c != '٬').collect();
    let digits = plain.strip_prefix('-').unwrap_or(&plain);
    let (before, behind) = digits.split_once(['.', '٫', '/']).unwrap_or((digits, "0"));
    let number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !number(before) || !number(behind) {
        return Err("number.format");
    }
    let (before, behind) = (before.trim_start_matches('0'), behind.trim_end_matches('0'));
    if behind.len() > MAX_DIGITS {
        return Err("number.too_many_decimals");
    }
    if before.len() + behind.len() > MAX_DIGITS {
        return Err("number.too_large");
    }
    let negative = plain.starts_with('-') && !(before.is_empty() && behind.is_empty());
    let magnitude = format!("{before}{behind}");
    let magnitude =
        if magnitude.is_empty() { 0 } else { magnitude.parse().map_err(|_| "number.format")? };
    Ok(Decimal { negative, magnitude, decimals: behind.len() })
}

/// `magnitude · 10^-decimals`, without trailing zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    negative: bool,
    magnitude: i64,
    pub(super) decimals: usize,
}

impl Decimal {
    /// Does it lie between two whole numbers, ends included?
    pub(super) fn compare(self, min: i32, max: i32) -> Result<(), FieldErrorCode> {
        let scale = 10_i128.pow(u32::try_from(self.decimals).unwrap_or(0));
        let value = i128::from(self.magnitude) * if self.negative { -1 } else { 1 };
        if value < i128::from(min) * scale {
            Err("number.too_small")
        } else if value > i128::from(max) * scale {
            Err("number.too_large")
        } else {
            Ok(())
        }
    }
}

impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.negative { "-" } else { "" };
        let digits = format!("{:0width$}", self.magnitude, width = self.decimals + 1);
        let (before, behind) = digits.split_at(digits.len() - self.decimals);
        let point = if behind.is_empty() { "" } else { "." };
        write!(f, "{sign}{before}{point}{behind}")
    }
}

fn plain(text: &str) -> String {
    let latin = to_latin_digits(text);
    let shown = latin
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '\u{200c}' | '\u{200e}' | '\u{200f}'));
    shown.map(|c| if c == '−' { '-' } else { c }).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn whole_numbers() {
        assert_eq!(whole("۱٬۲۵۰٬۰۰۰"), Ok(1_250_000));
        assert_eq!(whole(" ٤٢ "), Ok(42));
        assert_eq!(whole("−۷"), Ok(-7));
        for text in ["", "-", "1.5", "ده", "1e3", "+5"] {
            assert_eq!(whole(text), Err("number.format"), "{text}");
        }
        assert_eq!(whole("99999999999999999999"), Err("number.too_large"));
        assert_eq!(whole("-99999999999999999999"), Err("number.too_small"));
    }

    #[test]
    fn decimals() {
        for text in ["12.5", "۱۲٫۵", "۱۲/۵۰", "0012.500"] {
            assert_eq!(decimal(text).unwrap().to_string(), "12.5", "{text}");
        }
        assert_eq!(decimal("-0.0").unwrap().to_string(), "0");
        assert_eq!(decimal("-0.05").unwrap().to_string(), "-0.05");
        for text in ["", ".", "1.", ".5", "1,5", "1.2.3", "NaN"] {
            assert_eq!(decimal(text), Err("number.format"), "{text}");
        }
        assert_eq!(decimal("100.01").unwrap().compare(0, 100), Err("number.too_large"));
        assert_eq!(decimal("-0.01").unwrap().compare(0, 100), Err("number.too_small"));
        assert_eq!(decimal("100").unwrap().compare(0, 100), Ok(()));
    }

    proptest! {
        #[test]
        fn the_kept_form_reads_as_itself(text in "-?[0-9]{1,9}(\\.[0-9]{1,8})?") {
            let kept = decimal(&text).unwrap();
            prop_assert_eq!(decimal(&kept.to_string()), Ok(kept));
        }

        #[test]
        fn any_text_is_taken_or_refused(text in any::<String>()) {
            let _ = whole(&text);
            let _ = decimal(&text).map(|number| number.compare(i32::MIN, i32::MAX));
        }
    }
}
