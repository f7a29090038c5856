//! Id of a legal entity (شناسه ملی): eleven digits, the last a check digit modulo eleven.

use crate::digits::without_separators;
use crate::field_error::FieldErrorCode;

const WEIGHTS: [u16; 5] = [29, 27, 23, 19, 17];

/// From text as typed to eleven Latin digits, checked.
///
/// # Errors
/// `legal_entity_id.characters`, `legal_entity_id.length`, `legal_entity_id.all_equal`,
/// `legal_entity_id.check_digit`.
pub fn parse(text: &str) -> Result<String, FieldErrorCode> {
    let id = without_separators(text);
    if !id.bytes().all(|b| b.is_ascii_digit()) {
        return Err("legal_entity_id.characters");
    }
    let Ok(digits) = <[u8; 11]>::try_from(id.as_bytes()) else {
        return Err("legal_entity_id.length");
    };
    if digits.iter().all(|d| *d == digits[0]) {
        return Err("legal_entity_id.all_equal");
    }
    if digits[10] - b'0' != check_digit(&digits) {
        return Err("legal_entity_id.check_digit");
    }
    Ok(id)
}

/// The check digit that belongs to the first ten of eleven ASCII digits.
#[must_use]
pub fn check_digit(digits: &[u8; 11]) -> u8 {
    let shift = u16::from(digits[9] - b'0') + 2;
    let weights = WEIGHTS.iter().cycle();
    let sum: u16 =
        digits[..10].iter().zip(weights).map(|(d, w)| (u16::from(d - b'0') + shift) * w).sum();
    u8::try_from(sum % 11 % 10).unwrap_or(0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_ids() {
        assert_eq!(parse("۱۰۳۸۰۲۸۴۷۹۰").as_deref(), Ok("10380284790"));
        assert_eq!(parse("10380285692"), Err("legal_entity_id.check_digit"));
        assert_eq!(parse("11111111111"), Err("legal_entity_id.all_equal"));
        assert_eq!(parse("1038028479"), Err("legal_entity_id.length"));
        assert_eq!(parse("1038028479a"), Err("legal_entity_id.characters"));
    }

    proptest! {
        #[test]
        fn an_id_with_its_check_digit_is_taken(mut digits in prop::array::uniform11(b'0'..=b'9')) {
            digits[10] = check_digit(&digits) + b'0';
            prop_assume!(!digits.iter().all(|d| *d == digits[0]));
            let id = String::from_utf8(digits.to_vec()).unwrap();
            prop_assert_eq!(parse(&id), Ok(id.clone()));
            digits[10] = (digits[10] - b'0' + 1) % 10 + b'0';
            let wrong = String::from_utf8(digits.to_vec()).unwrap();
            prop_assert_eq!(parse(&wrong), Err("legal_entity_id.check_digit"));
        }

        #[test]
        fn any_text_is_taken_or_refused(text in any::<String>()) {
            let _ = parse(&text);
        }
    }
}
