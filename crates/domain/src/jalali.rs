//! Jalali dates and Tehran time. Kept: ISO 8601 Gregorian and UTC. Shown and typed: Jalali.
//!
//! Invariant: the machine's time zone is never asked. Tehran is UTC+03:30 since the summer time
//! was abolished in 1401, before this program's first timestamp.

use std::fmt;

use icu_calendar::Date as IcuDate;
use icu_calendar::cal::{Iso, Persian};
use jiff::civil::{Date, DateTime, Weekday};
use jiff::{Timestamp, tz::Offset};

use crate::digits::{to_latin_digits, to_persian_digits};
use crate::field_error::FieldErrorCode;

/// First and last Jalali year that is taken when typed.
pub const YEARS: std::ops::RangeInclusive<i32> = 1200..=1500;

const TEHRAN_OFFSET_SECONDS: i32 = (3 * 60 + 30) * 60;

const MONTHS: [&str; 12] = [
    "فروردین",
    "اردیبهشت",
    "خرداد",
    "تیر",
    "مرداد",
    "شهریور",
    "مهر",
    "آبان",
    "آذر",
    "دی",
    "بهمن",
    "اسفند",
];

/// A day of the Persian calendar; only days that exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JalaliDate {
    year: i32,
    month: u8,
    day: u8,
}

impl JalaliDate {
    /// A day that exists, in a year of [`YEARS`].
    ///
    /// # Errors
    /// `date.year`, `date.no_such_day`.
    pub fn new(year: i32, month: u8, day: u8) -> Result<Self, FieldErrorCode> {
        if !YEARS.contains(&year) {
            return Err("date.year");
        }
        match IcuDate::try_new_persian(year, month, day) {
            Ok(_) => Ok(Self { year, month, day }),
            Err(_) => Err("date.no_such_day"),
        }
    }

    /// From text as typed: `۱۳۷۰/۵/۱۲`, `1370-05-12`, `13700512`, or day first with the year in
    /// four digits, `12/5/1370`. Any digits.
    ///
    /// # Errors
    /// `date.format`, `date.year`, `date.no_such_day`.
    pub fn parse(text: &str) -> Result<Self, FieldErrorCode> {
        let text = to_latin_digits(text.trim());
        let separated = |c: char| matches!(c, '/' | '-' | '.' | '٫') || c.is_whitespace();
        let shown = |c: char| !matches!(c, '\u{200c}' | '\u{200e}' | '\u{200f}');
        let text: String = text.chars().filter(|c| shown(*c)).collect();
        let parts: Vec<&str> = text.split(separated).filter(|part| !part.is_empty()).collect();
        let (year, month, day) = match parts[..] {
            [all] if all.len() == 8 && all.is_ascii() => (&all[..4], &all[4..6], &all[6..]),
            [day, month, year] if year.len() == 4 && day.len() <= 2 => (year, month, day),
            [year, month, day] => (year, month, day),
            _ => return Err("date.format"),
        };
        if ![year, month, day].iter().all(|part| part.bytes().all(|b| b.is_ascii_digit())) {
            return Err("date.format");
        }
        let number = |part: &str| part.parse::<u16>().map_err(|_| "date.format");
        let small = |part: &str| number(part).map(|n| u8::try_from(n).unwrap_or(u8::MAX));
        Self::new(i32::from(number(year)?), small(month)?, small(day)?)
    }

    /// The same day in the Gregorian calendar.
    #[must_use]
    pub fn to_civil(self) -> Date {
        // `new` and `from_civil` let only existing days in, so neither fallback is reached.
        let Ok(persian) = IcuDate::try_new_persian(self.year, self.month, self.day) else {
            return Date::ZERO;
        };
        let iso = persian.to_calendar(Iso);
        let year = i16::try_from(iso.year().extended_year()).unwrap_or_default();
        let (month, day) = (iso.month().ordinal, iso.day_of_month().0);
        Date::new(year, month.cast_signed(), day.cast_signed()).unwrap_or(Date::ZERO)
    }

    /// The same day in the Persian calendar.
    #[must_use]
    pub fn from_civil(date: Date) -> Self {
        let (year, month, day) = (date.year(), date.month(), date.day());
        let iso = IcuDate::try_new_iso(year.into(), month.unsigned_abs(), day.unsigned_abs());
        match iso.map(|iso| iso.to_calendar(Persian)) {
            Ok(persian) => Self {
                year: persian.year().extended_year(),
                month: persian.month().ordinal,
                day: persian.day_of_month().0,
            },
            // A jiff date always is an ISO date.
            Err(_) => Self { year: 1348, month: 10, day: 11 },
        }
    }

    /// Jalali year.
    #[must_use]
    pub fn year(self) -> i32 {
        self.year
    }

    /// Month, 1 to 12.
    #[must_use]
    pub fn month(self) -> u8 {
        self.month
    }

    /// Day of the month.
    #[must_use]
    pub fn day(self) -> u8 {
        self.day
    }

    /// `۱۴۰۵/۰۹/۰۳`.
    #[must_use]
    pub fn in_digits(self) -> String {
        to_persian_digits(&format!("{:04}/{:02}/{:02}", self.year, self.month, self.day))
    }

    /// `سه‌شنبه ۳ آذر ۱۴۰۵`.
    #[must_use]
    pub fn in_words(self) -> String {
        let weekday = weekday_name(self.to_civil().weekday());
        let month = month_name(self.month);
        to_persian_digits(&format!("{weekday} {} {month} {}", self.day, self.year))
    }
}

impl fmt::Display for JalaliDate {
    /// `1405-09-03`, as in the catalogue's list of holidays.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// Persian name of a month, 1 to 12.
#[must_use]
pub fn month_name(month: u8) -> &'static str {
    MONTHS[usize::from(month.saturating_sub(1)) % 12]
}

/// Persian name of a day of the week.
#[must_use]
pub fn weekday_name(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Saturday => "شنبه",
        Weekday::Sunday => "یکشنبه",
        Weekday::Monday => "دوشنبه",
        Weekday::Tuesday => "سه‌شنبه",
        Weekday::Wednesday => "چهارشنبه",
        Weekday::Thursday => "پنجشنبه",
        Weekday::Friday => "جمعه",
    }
}

/// Clock and calendar in Tehran at a time in milliseconds since 1970-01-01T00:00:00Z.
#[must_use]
pub fn tehran(at_ms: i64) -> DateTime {
    let at = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    Offset::from_seconds(TEHRAN_OFFSET_SECONDS).unwrap_or(Offset::UTC).to_datetime(at)
}

/// The day in Tehran at a time in milliseconds since 1970.
#[must_use]
pub fn tehran_date(at_ms: i64) -> Date {
    tehran(at_ms).date()
}

/// The first millisecond of a day in Tehran, since 1970.
#[must_use]
pub fn tehran_day_begins_at(date: Date) -> i64 {
    let days = date.since(Date::constant(1970, 1, 1)).map_or(0, |span| i64::from(span.get_days()));
    (days * 86_400 - i64::from(TEHRAN_OFFSET_SECONDS)) * 1_000
}

/// `۱۴۰۵/۰۹/۰۳ ۱۴:۴۹`, Tehran time.
#[must_use]
pub fn timestamp_in_digits(at_ms: i64) -> String {
    let at = tehran(at_ms);
    let clock = format!("{:02}:{:02}", at.hour(), at.minute());
    format!("{} {}", JalaliDate::from_civil(at.date()).in_digits(), to_persian_digits(&clock))
}

/// `سه‌شنبه ۳ آذر ۱۴۰۵، ساعت ۱۴:۴۹`, Tehran time.
#[must_use]
pub fn timestamp_in_words(at_ms: i64) -> String {
    let at = tehran(at_ms);
    let clock = to_persian_digits(&format!("{:02}:{:02}", at.hour(), at.minute()));
    format!("{}، ساعت {clock}", JalaliDate::from_civil(at.date()).in_words())
}

/// The kept form `2026-11-24` as a date; `None` when it is not one.
#[must_use]
pub fn parse_iso(text: &str) -> Option<Date> {
    (text.len() == 10).then(|| text.parse().ok()).flatten()
}

/// The kept form `2026-11-24` as `۱۴۰۵/۰۹/۰۳`; a text that is no date is given back as it is.
#[must_use]
pub fn iso_in_digits(text: &str) -> String {
    parse_iso(text).map_or_else(|| text.to_owned(), |date| JalaliDate::from_civil(date).in_digits())
}

/// The kept form `2026-11-24` as `سه‌شنبه ۳ آذر ۱۴۰۵`; a text that is no date is given back.
#[must_use]
pub fn iso_in_words(text: &str) -> String {
    parse_iso(text).map_or_else(|| text.to_owned(), |date| JalaliDate::from_civil(date).in_words())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_days() {
        // New Year's days of the official calendar, leap years 1399 and 1403 among them.
        for (year, gregorian) in [
            (1357, date(1978, 3, 21)),
            (1399, date(2020, 3, 20)),
            (1400, date(2021, 3, 21)),
            (1403, date(2024, 3, 20)),
            (1404, date(2025, 3, 21)),
            (1405, date(2026, 3, 21)),
            (1406, date(2027, 3, 21)),
        ] {
            assert_eq!(JalaliDate::new(year, 1, 1).unwrap().to_civil(), gregorian);
        }
        let day = JalaliDate::parse("۱۳۷۰/۵/۱۲").unwrap();
        assert_eq!(day.to_civil(), date(1991, 8, 3));
        assert_eq!(day.in_digits(), "۱۳۷۰/۰۵/۱۲");
        assert_eq!(day.to_string(), "1370-05-12");
        let today = JalaliDate::from_civil(date(2026, 11, 24));
        assert_eq!(today.in_words(), "سه‌شنبه ۳ آذر ۱۴۰۵");
    }

    #[test]
    fn typed_in_many_ways() {
        let day = JalaliDate::new(1370, 5, 12);
        for text in ["۱۳۷۰/۰۵/۱۲", "1370-5-12", "١٣٧٠.٥.١٢", "13700512", "12/5/1370", " ۱۳۷۰ ۵ ۱۲ "]
        {
            assert_eq!(JalaliDate::parse(text), day, "{text}");
        }
        assert_eq!(JalaliDate::parse("۷۰/۵/۱۲"), Err("date.year"));
        assert_eq!(JalaliDate::parse("1991-08-03"), Err("date.year"));
        assert_eq!(JalaliDate::parse("1370/7/31"), Err("date.no_such_day"));
        assert_eq!(JalaliDate::parse("1404/12/30"), Err("date.no_such_day"));
        assert_eq!(JalaliDate::parse("1403/12/30").unwrap().to_civil(), date(2025, 3, 20));
        assert_eq!(JalaliDate::parse("1370/13/1"), Err("date.no_such_day"));
        assert_eq!(JalaliDate::parse("1370/0/1"), Err("date.no_such_day"));
        assert_eq!(JalaliDate::parse("1370/5/300"), Err("date.no_such_day"));
        for text in ["", "1370", "1370/5", "1370/5/12/1", "1370/پنج/12", "1370/-5/12x", "+137/5/12"]
        {
            assert_eq!(JalaliDate::parse(text), Err("date.format"), "{text}");
        }
    }

    #[test]
    fn tehran_is_three_and_a_half_hours_ahead() {
        let midnight = Timestamp::UNIX_EPOCH.as_millisecond();
        assert_eq!(tehran(midnight).to_string(), "1970-01-01T03:30:00");
        // 20:29:59.999 UTC is still the same day in Tehran, 20:30 the next.
        let evening = (20 * 60 + 30) * 60_000;
        assert_eq!(tehran_date(evening - 1), date(1970, 1, 1));
        assert_eq!(tehran_date(evening), date(1970, 1, 2));
        assert_eq!(tehran_day_begins_at(date(1970, 1, 2)), evening);
        assert_eq!(timestamp_in_digits(1_795_518_549_000), "۱۴۰۵/۰۹/۰۳ ۱۴:۳۹");
        assert_eq!(timestamp_in_words(1_795_518_549_000), "سه‌شنبه ۳ آذر ۱۴۰۵، ساعت ۱۴:۳۹");
    }

    #[test]
    fn kept_dates_are_shown() {
        assert_eq!(iso_in_digits("2026-11-24"), "۱۴۰۵/۰۹/۰۳");
        assert_eq!(iso_in_words("2026-11-24"), "سه‌شنبه ۳ آذر ۱۴۰۵");
        assert_eq!(parse_iso("2026-02-30"), None);
        assert_eq!(iso_in_digits("روزی"), "روزی");
    }

    proptest! {
        #[test]
        fn a_day_there_and_back_is_the_same(year in 1300..=1500_i32, month in 1..=12_u8, day in 1..=31_u8) {
            let Ok(jalali) = JalaliDate::new(year, month, day) else { return Ok(()) };
            prop_assert_eq!(JalaliDate::from_civil(jalali.to_civil()), jalali);
            prop_assert_eq!(JalaliDate::parse(&jalali.in_digits()), Ok(jalali));
            prop_assert_eq!(JalaliDate::parse(&jalali.to_string()), Ok(jalali));
            let tomorrow = JalaliDate::from_civil(jalali.to_civil().tomorrow().unwrap());
            prop_assert!(tomorrow > jalali);
            prop_assert!(tomorrow.day == 1 || tomorrow.day == jalali.day + 1);
        }

        #[test]
        fn a_time_lies_in_its_day(at_ms in 0..4_000_000_000_000_i64) {
            let begins = tehran_day_begins_at(tehran_date(at_ms));
            prop_assert!(begins <= at_ms && at_ms - begins < 86_400_000);
        }

        #[test]
        fn any_text_is_taken_or_refused(text in any::<String>()) {
            let _ = JalaliDate::parse(&text);
            let _ = iso_in_words(&text);
        }
    }
}
