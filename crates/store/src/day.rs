//! The day in Tehran, by which an office counts.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use pishkhan_domain::jalali::tehran;

/// A day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Day {
    /// ISO 8601, Gregorian.
    pub(crate) iso: String,
    /// Its first moment, milliseconds since 1970.
    pub(crate) begins_at: i64,
}

impl Day {
    /// The day in Tehran at a time.
    pub(crate) fn of(now_ms: i64) -> Self {
        let now = tehran(now_ms);
        let as_utc_ms = |time: jiff::civil::DateTime| {
            time.to_zoned(TimeZone::UTC).map_or(0, |zoned| zoned.timestamp().as_millisecond())
        };
        let since_midnight = as_utc_ms(now) - as_utc_ms(now.date().to_datetime(Time::midnight()));
        Self { iso: now.date().to_string(), begins_at: now_ms - since_midnight }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_begins_at_midnight_in_tehran() {
        // 2026-11-24T20:29:59.999Z and one millisecond later.
        let before = Day::of(1_795_552_199_999);
        assert_eq!(before, Day { iso: "2026-11-24".to_owned(), begins_at: 1_795_465_800_000 });
        let after = Day::of(1_795_552_200_000);
        assert_eq!(after, Day { iso: "2026-11-25".to_owned(), begins_at: 1_795_552_200_000 });
    }
}
