//! Mobile numbers, as dialled in many ways and kept in one: `+989…`.

use crate::digits::without_separators;
use crate::field_error::FieldErrorCode;

/// From text as typed (`+98…`, `0098…`, `98…`, `09…`, `9…`, any digits) to `+989…`.
///
/// # Errors
/// `mobile.characters`, `mobile.length`, `mobile.prefix`.
pub fn parse(text: &str) -> Result<String, FieldErrorCode> {
    let typed = without_separators(text).replace(['(', ')'], "");
    let digits = typed.strip_prefix('+').unwrap_or(&typed);
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err("mobile.characters");
    }
    let national = match digits {
        d if d.starts_with("0098") => &d[4..],
        d if d.starts_with("98") && d.len() > 10 => &d[2..],
        d => d,
    };
    let national = national.strip_prefix('0').unwrap_or(national);
    if national.len() != 10 {
        return Err("mobile.length");
    }
    if !national.starts_with('9') {
        return Err("mobile.prefix");
    }
    Ok(format!("+98{national}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn all_ways_of_dialling_are_one_number() {
        let ways = ["09151234567", "9151234567", "+989151234567", "00989151234567", "989151234567"];
        let more = ["۰۹۱۵ ۱۲۳ ۴۵۶۷", "٠٩١٥-١٢٣-٤٥٦٧", "+98 (0) 915 123 4567", "0098-0915-1234567"];
        for way in ways.iter().chain(&more) {
            assert_eq!(parse(way).as_deref(), Ok("+989151234567"), "{way}");
        }
        assert_eq!(parse("0915123456"), Err("mobile.length"));
        assert_eq!(parse("05433221100"), Err("mobile.prefix"));
        assert_eq!(parse("0915123456x"), Err("mobile.characters"));
        assert_eq!(parse("+1 202 555 0100"), Err("mobile.length"));
        assert_eq!(parse(""), Err("mobile.length"));
    }

    proptest! {
        #[test]
        fn a_kept_number_stays_as_it_is(tail in "[0-9]{9}") {
            let kept = format!("+989{tail}");
            prop_assert_eq!(parse(&kept), Ok(kept.clone()));
            prop_assert_eq!(parse(&format!("09{tail}")), Ok(kept.clone()));
            prop_assert_eq!(parse(&format!("9{tail}")), Ok(kept));
        }

        #[test]
        fn any_text_is_taken_or_refused(text in any::<String>()) {
            let _ = parse(&text);
        }
    }
}
