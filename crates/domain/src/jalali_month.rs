//! Months of the Persian calendar, by which figures are told.
//!
//! Invariant: written `1405-08`, so that months in order are texts in order.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::digits::to_persian_digits;
use crate::jalali::{JalaliDate, YEARS, month_name, tehran_date};

/// A month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct JalaliMonth {
    year: i32,
    month: u8,
}

impl JalaliMonth {
    /// The month of a day.
    #[must_use]
    pub fn of(date: Date) -> Self {
        let day = JalaliDate::from_civil(date);
        Self { year: day.year(), month: day.month() }
    }

    /// The month in Tehran at a time in milliseconds since 1970.
    #[must_use]
    pub fn at(at_ms: i64) -> Self {
        Self::of(tehran_date(at_ms))
    }

    /// The month before.
    #[must_use]
    pub fn previous(self) -> Self {
        self.back(1)
    }

    /// So many months earlier.
    #[must_use]
    pub fn back(self, months: u16) -> Self {
        let count = self.year * 12 + i32::from(self.month) - 1 - i32::from(months);
        let month = u8::try_from(count.rem_euclid(12)).unwrap_or_default() + 1;
        Self { year: count.div_euclid(12), month }
    }

    /// The last `number` months up to this one, oldest first.
    #[must_use]
    pub fn last(self, number: u16) -> Vec<Self> {
        (0..number).rev().map(|months| self.back(months)).collect()
    }

    /// `آبان ۱۴۰۵`.
    #[must_use]
    pub fn in_words(self) -> String {
        to_persian_digits(&format!("{} {}", month_name(self.month), self.year))
    }

    /// `آبان`.
    #[must_use]
    pub fn name(self) -> &'static str {
        month_name(self.month)
    }
}

impl fmt::Display for JalaliMonth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// Not a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a month is written as 1405-08")]
pub struct NoMonth;

impl FromStr for JalaliMonth {
    type Err = NoMonth;

    fn from_str(text: &str) -> Result<Self, NoMonth> {
        let (year, month) = text.split_once('-').ok_or(NoMonth)?;
        let digits = |part: &str, length| {
            part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !digits(year, 4) || !digits(month, 2) {
            return Err(NoMonth);
        }
        let year = year.parse().map_err(|_| NoMonth)?;
        let month = month.parse().map_err(|_| NoMonth)?;
        if YEARS.contains(&year) && (1..=12).contains(&month) {
            Ok(Self { year, month })
        } else {
            Err(NoMonth)
        }
    }
}

impl TryFrom<String> for JalaliMonth {
    type Error = NoMonth;

    fn try_from(text: String) -> Result<Self, NoMonth> {
        text.parse()
    }
}

impl From<JalaliMonth> for String {
    fn from(month: JalaliMonth) -> Self {
        month.to_string()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_month_is_of_the_persian_calendar() {
        let month = JalaliMonth::of(date(2026, 11, 24));
        assert_eq!(
            (month.to_string().as_str(), month.in_words().as_str()),
            ("1405-09", "آذر ۱۴۰۵")
        );
        assert_eq!(JalaliMonth::of(date(2026, 3, 20)).to_string(), "1404-12");
        assert_eq!(JalaliMonth::of(date(2026, 3, 21)).previous().to_string(), "1404-12");
        let last: Vec<String> = month.last(3).iter().map(ToString::to_string).collect();
        assert_eq!(last, ["1405-07", "1405-08", "1405-09"]);
        // Two hours before midnight in Tehran, and two hours after it.
        let midnight = crate::jalali::tehran_day_begins_at(date(2026, 10, 23));
        assert_eq!(JalaliMonth::at(midnight - 1).to_string(), "1405-07");
        assert_eq!(JalaliMonth::at(midnight).to_string(), "1405-08");
    }

    #[test]
    fn what_is_no_month_is_refused() {
        for text in ["", "1405", "1405-13", "1405-00", "1405-1", "14050-1", "0005-01", "1405-+1"] {
            assert_eq!(text.parse::<JalaliMonth>(), Err(NoMonth), "{text}");
        }
    }

    proptest! {
        #[test]
        fn going_back_keeps_the_order(year in 1210..1490_i32, month in 1..=12_u8, by in 0..100_u16) {
            let month: JalaliMonth = format!("{year}-{month:02}").parse().unwrap();
            let earlier = month.back(by);
            prop_assert_eq!(earlier.to_string().parse::<JalaliMonth>().unwrap(), earlier);
            prop_assert!(earlier <= month && (earlier == month) == (by == 0));
            prop_assert_eq!(earlier.back(7), month.back(by + 7));
            prop_assert!(earlier.to_string() <= month.to_string());
        }
    }
}
