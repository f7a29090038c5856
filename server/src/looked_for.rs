//! What somebody at the desk looks for, told from how it is written.

use pishkhan_domain::digits::{to_latin_digits, without_separators};
use pishkhan_domain::persian_text::fold_key;
use pishkhan_domain::tracking_code::TrackingCode;
use pishkhan_domain::{legal_entity_id, mobile, national_id};

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookedFor {
    /// A tracking code.
    Code(TrackingCode),
    /// A national id of ten digits, or a legal entity's of eleven.
    Identity(String),
    /// A mobile number, as it is kept.
    Mobile(String),
    /// The beginning of a name, folded.
    Name(String),
}

/// Why nothing can be looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unclear {
    /// Less than two letters.
    TooShort,
    /// Digits that are none of the numbers that can be looked for.
    NoSuchNumber,
}

impl LookedFor {
    /// Tells what a text is.
    ///
    /// # Errors
    /// [`Unclear`].
    pub fn read(text: &str) -> Result<Self, Unclear> {
        let digits = without_separators(&to_latin_digits(text));
        if digits.trim_start_matches('+').bytes().all(|byte| byte.is_ascii_digit())
            && !digits.is_empty()
        {
            return number(&digits);
        }
        let key = fold_key(text);
        if key.chars().count() < 2 { Err(Unclear::TooShort) } else { Ok(Self::Name(key)) }
    }

    /// What kind of thing it is; for the audit log, which names nobody.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Code(_) => "code",
            Self::Identity(_) => "identity",
            Self::Mobile(_) => "mobile",
            Self::Name(_) => "name",
        }
    }
}

fn number(digits: &str) -> Result<LookedFor, Unclear> {
    if let Ok(code) = TrackingCode::parse(digits) {
        return Ok(LookedFor::Code(code));
    }
    if digits.len() == 10
        && let Ok(id) = national_id::parse(digits)
    {
        return Ok(LookedFor::Identity(id));
    }
    if digits.starts_with("09") || digits.starts_with("+98") || digits.starts_with("0098") {
        return mobile::parse(digits).map(LookedFor::Mobile).map_err(|_| Unclear::NoSuchNumber);
    }
    let legal = legal_entity_id::parse(digits).map(LookedFor::Identity);
    legal
        .or_else(|_| mobile::parse(digits).map(LookedFor::Mobile))
        .map_err(|_| Unclear::NoSuchNumber)
}

#[cfg(test)]
mod tests {
    use pishkhan_domain::ids::DeviceNumber;

    use super::*;

    #[test]
    fn a_number_is_told_from_its_digits_and_a_name_from_its_letters() {
        let code = TrackingCode::mint(DeviceNumber(4), 7);
        let shown = pishkhan_domain::digits::to_persian_digits(&code.grouped());
        assert_eq!(LookedFor::read(&shown), Ok(LookedFor::Code(code)));
        let id = || Ok(LookedFor::Identity("0076229645".to_owned()));
        assert_eq!(LookedFor::read("0076229645"), id());
        assert_eq!(LookedFor::read(" ۰۰۷۶۲۲۹۶۴۵ "), id());
        let mobile = Ok(LookedFor::Mobile("+989121234567".to_owned()));
        for typed in ["09121234567", "+98 912 123 4567", "۰۹۱۲-۱۲۳-۴۵۶۷"] {
            assert_eq!(LookedFor::read(typed), mobile, "{typed}");
        }
        assert_eq!(LookedFor::read("كريم آباد"), Ok(LookedFor::Name("کریماباد".to_owned())));
        assert_eq!(LookedFor::read("ع"), Err(Unclear::TooShort));
        assert_eq!(LookedFor::read(" "), Err(Unclear::TooShort));
        assert_eq!(LookedFor::read("0076229646"), Err(Unclear::NoSuchNumber));
        assert_eq!(LookedFor::read("12"), Err(Unclear::NoSuchNumber));
    }
}
