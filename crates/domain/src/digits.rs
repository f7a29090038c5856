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

fn shifted(c: char, from_zero: char, to_zero: char) -> char {
    char::from_u32(c as u32 - from_zero as u32 + to_zero as u32).unwrap_or(c)
}
