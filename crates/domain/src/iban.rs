//! Sheba (شبا): the IBAN (ISO 13616) of an Iranian account, `IR` and 24 digits.

use crate::digits::without_separators;
use crate::field_error::FieldErrorCode;

/// From text as typed, with or without `IR`, to `IR` and 24 Latin digits, checked modulo 97.
///
/// # Errors
/// `iban.country`, `iban.characters`, `iban.length`, `iban.check_digits`.
pub fn parse(text: &str) -> Result<String, FieldErrorCode> {
    let typed = without_separators(text).to_ascii_uppercase();
    let digits = typed.strip_prefix("IR").unwrap_or(&typed);
    if digits.get(..2).is_some_and(|land| land.bytes().all(|b| b.is_ascii_uppercase())) {
        return Err("iban.country");
    }
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err("iban.characters");
    }
    if digits.len() != 24 {
        return Err("iban.length");
    }
    // ISO 7064: the first four characters go to the end, letters count from A = 10.
    let (check, account) = digits.split_at(2);
    let rest = [account, "1827", check]
        .concat()
        .bytes()
        .fold(0, |rest, b| (rest * 10 + u32::from(b - b'0')) % 97);
    if rest == 1 { Ok(format!("IR{digits}")) } else { Err("iban.check_digits") }
}

/// `IR` and check digits for an account of 22 digits; `None` when it is not that.
#[must_use]
pub fn of_account(account: &str) -> Option<String> {
    if account.len() != 22 || !account.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    (2..=98).map(|check| format!("IR{check:02}{account}")).find(|iban| parse(iban).is_ok())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_accounts() {
        // Example of the SWIFT registry of IBAN formats.
        let kept = "IR580540105180021273113007";
        assert_eq!(parse("IR58 0540 1051 8002 1273 1130 07").as_deref(), Ok(kept));
        assert_eq!(parse("ir۵۸۰۵۴۰۱۰۵۱۸۰۰۲۱۲۷۳۱۱۳۰۰۷").as_deref(), Ok(kept));
        assert_eq!(parse("580540105180021273113007").as_deref(), Ok(kept));
        assert_eq!(parse("IR590540105180021273113007"), Err("iban.check_digits"));
        assert_eq!(parse("IR58054010518002127311300"), Err("iban.length"));
        assert_eq!(parse("DE89370400440532013000"), Err("iban.country"));
        assert_eq!(parse("IR58054010518002127311300x"), Err("iban.characters"));
    }

    proptest! {
        #[test]
        fn a_wrong_digit_or_a_swap_is_caught(
            account in "[0-9]{22}", place in 0..23_usize, other in b'0'..=b'9'
        ) {
            let iban = of_account(&account).unwrap();
            let mut wrong = iban.clone().into_bytes();
            wrong[2 + place] = other;
            prop_assume!(wrong != iban.as_bytes());
            prop_assert!(parse(&String::from_utf8(wrong).unwrap()).is_err());
            let mut swapped = iban.clone().into_bytes();
            swapped.swap(2 + place, 3 + place);
            prop_assume!(swapped != iban.as_bytes());
            prop_assert!(parse(&String::from_utf8(swapped).unwrap()).is_err());
        }

        #[test]
        fn any_text_is_taken_or_refused(text in any::<String>()) {
            let _ = parse(&text);
        }
    }
}
