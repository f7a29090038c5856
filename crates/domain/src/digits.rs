//! Persian, Arabic and Latin digits: accept all, keep Latin, show Persian.

/// Every Persian (U+06F0…) and Arabic-Indic (U+0660…) digit replaced by its Latin one.
#[must_use]
pub fn to_latin_digits(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '۰'..='۹' => shifted(c, '۰', '0'),
            '٠'..='٩' => shifted(c, '٠', '0'),
            other => other,
        })
        .collect()
}

/// Every Latin digit replaced by its Persian one.
#[must_use]
pub fn to_persian_digits(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_digit() { shifted(c, '0', '۰') } else { c }).collect()
}

/// A code as typed or scanned, in Latin digits and without what people and paper put between its
/// groups: spaces, dashes, dots, strokes, ZWNJ and direction marks.
#[must_use]
pub fn without_separators(text: &str) -> String {
    to_latin_digits(text)
        .chars()
        .filter(|c| {
            let dash = matches!(c, '-' | '_' | '.' | '/' | '\u{2010}'..='\u{2015}' | '\u{2212}');
            let invisible = matches!(c, '\u{200b}'..='\u{200f}' | '\u{61c}' | '\u{feff}');
            !(c.is_whitespace() || dash || invisible)
        })
        .collect()
}

/// Whole rial with groups of three in Persian: `۱٬۲۵۰٬۰۰۰`. The unit is printed by the caller.
#[must_use]
pub fn grouped_persian(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut grouped = String::from(if number < 0 { "−" } else { "" });
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push('٬');
        }
        grouped.push(digit);
    }
    to_persian_digits(&grouped)
}

fn shifted(c: char, from_zero: char, to_zero: char) -> char {
    char::from_u32(c as u32 - from_zero as u32 + to_zero as u32).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_three_kinds_of_digits_become_latin() {
        assert_eq!(to_latin_digits("۰۱۲٣٤٥678۹"), "0123456789");
        assert_eq!(to_persian_digits("0912"), "۰۹۱۲");
        assert_eq!(to_persian_digits(&to_latin_digits("٩٨")), "۹۸");
    }

    #[test]
    fn separators_go_and_other_characters_stay() {
        assert_eq!(without_separators(" ۰۰۷-۶۲۲ 9645\u{200c} "), "0076229645");
        assert_eq!(without_separators("12a"), "12a");
    }

    #[test]
    fn amounts_are_grouped_by_three() {
        assert_eq!(grouped_persian(0), "۰");
        assert_eq!(grouped_persian(999), "۹۹۹");
        assert_eq!(grouped_persian(1_250_000), "۱٬۲۵۰٬۰۰۰");
        assert_eq!(grouped_persian(-12_345), "−۱۲٬۳۴۵");
    }
}
