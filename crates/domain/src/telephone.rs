//! Telephone numbers, fixed or mobile, kept as `+98…`.

use crate::digits::without_separators;
use crate::field_error::FieldErrorCode;
use crate::mobile;

/// From text as typed to `+98…`: a mobile number, or area code and eight digits (`05433221100`).
///
/// # Errors
/// `telephone.characters`, `telephone.length`, `telephone.area_code` when the area code is missing.
pub fn parse(text: &str) -> Result<String, FieldErrorCode> {
    if let Ok(mobile) = mobile::parse(text) {
        return Ok(mobile);
    }
    let typed = without_separators(text).replace(['(', ')'], "");
    let digits = typed.strip_prefix('+').unwrap_or(&typed);
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err("telephone.characters");
    }
    let national = digits
        .strip_prefix("0098")
        .or_else(|| digits.strip_prefix("98").filter(|_| digits.len() > 10));
    let national = national.unwrap_or(digits);
    match (national.strip_prefix('0').unwrap_or(national), national.len()) {
        (local, 8) if local.len() == 8 => Err("telephone.area_code"),
        (area_and_local, _) if area_and_local.len() == 10 => Ok(format!("+98{area_and_local}")),
        _ => Err("telephone.length"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_and_mobile_numbers() {
        for way in ["054-33221100", "۰۵۴ ۳۳۲۲ ۱۱۰۰", "+985433221100", "00985433221100"] {
            assert_eq!(parse(way).as_deref(), Ok("+985433221100"), "{way}");
        }
        assert_eq!(parse("09151234567").as_deref(), Ok("+989151234567"));
        assert_eq!(parse("33221100"), Err("telephone.area_code"));
        assert_eq!(parse("0543322"), Err("telephone.length"));
        assert_eq!(parse("نمی‌دانم"), Err("telephone.characters"));
    }
}
