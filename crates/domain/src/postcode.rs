//! Postcodes: ten digits, with no check digit, and often missing in villages.

use crate::digits::without_separators;
use crate::field_error::FieldErrorCode;

/// From text as typed to ten Latin digits.
///
/// # Errors
/// `postcode.characters`, `postcode.length`, `postcode.all_equal`, `postcode.leading_zero`.
pub fn parse(text: &str) -> Result<String, FieldErrorCode> {
    let code = without_separators(text);
    let digits = code.as_bytes();
    if !digits.iter().all(u8::is_ascii_digit) {
        Err("postcode.characters")
    } else if digits.len() != 10 {
        Err("postcode.length")
    } else if digits.iter().all(|d| *d == digits[0]) {
        Err("postcode.all_equal")
    } else if digits[0] == b'0' {
        Err("postcode.leading_zero")
    } else {
        Ok(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_digits_in_any_writing() {
        assert_eq!(parse("۹۸۱۶۷-۴۵۶۷۸").as_deref(), Ok("9816745678"));
        assert_eq!(parse("98167 45678").as_deref(), Ok("9816745678"));
        assert_eq!(parse("981674567"), Err("postcode.length"));
        assert_eq!(parse("9999999999"), Err("postcode.all_equal"));
        assert_eq!(parse("0816745678"), Err("postcode.leading_zero"));
        assert_eq!(parse("98167O5678"), Err("postcode.characters"));
    }
}
