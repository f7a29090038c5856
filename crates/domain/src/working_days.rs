//! Working days of the Iranian administration: weekend and official holidays are data of the
//! catalogue, since both have been changed by law more than once.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::jalali::JalaliDate;

/// Days of the week, Saturday first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    /// شنبه
    Saturday,
    /// یکشنبه
    Sunday,
    /// دوشنبه
    Monday,
    /// سه‌شنبه
    Tuesday,
    /// چهارشنبه
    Wednesday,
    /// پنجشنبه
    Thursday,
    /// جمعه
    Friday,
}

/// Weekend and holidays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkingCalendar {
    /// Days on which the agencies are closed every week.
    pub weekend: Vec<Weekday>,
    /// Jalali date (`1405-01-01`) to the name of the holiday.
    pub holidays: BTreeMap<String, String>,
    /// Last Jalali day that the list of holidays covers; a later due date is shown as provisional.
    pub known_until: String,
    /// Is the list an assumption rather than the official one?
    pub sample: bool,
}

/// The day on which an answer is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueDate {
    /// The day.
    pub on: Date,
    /// It lies beyond the known holidays and may move.
    pub provisional: bool,
}

impl WorkingCalendar {
    /// Are the agencies open on this day?
    #[must_use]
    pub fn is_working_day(&self, date: Date) -> bool {
        !self.weekend.contains(&date.weekday().into())
            && !self.holidays.contains_key(&JalaliDate::from_civil(date).to_string())
    }

    /// Does the list of holidays reach this day?
    #[must_use]
    pub fn knows(&self, date: Date) -> bool {
        JalaliDate::parse(&self.known_until).is_ok_and(|until| date <= until.to_civil())
    }
}

impl From<jiff::civil::Weekday> for Weekday {
    fn from(weekday: jiff::civil::Weekday) -> Self {
        match weekday {
            jiff::civil::Weekday::Saturday => Self::Saturday,
            jiff::civil::Weekday::Sunday => Self::Sunday,
            jiff::civil::Weekday::Monday => Self::Monday,
            jiff::civil::Weekday::Tuesday => Self::Tuesday,
            jiff::civil::Weekday::Wednesday => Self::Wednesday,
            jiff::civil::Weekday::Thursday => Self::Thursday,
            jiff::civil::Weekday::Friday => Self::Friday,
        }
    }
}

/// The `days`-th working day after `start`. The day of filing itself does not count; with zero days
/// it is the first working day from `start` on.
#[must_use]
pub fn add_working_days(start: Date, days: u16, calendar: &WorkingCalendar) -> DueDate {
    // A calendar with no working day at all would never end: it gives plain days instead.
    let open = |date: &Date| calendar.weekend.len() >= 7 || calendar.is_working_day(*date);
    let (first, nth) = match days.checked_sub(1) {
        None => (Some(start), 0),
        Some(before) => (start.tomorrow().ok(), before),
    };
    let from_first_on = std::iter::successors(first, |date| date.tomorrow().ok());
    let on = from_first_on.filter(open).nth(usize::from(nth)).unwrap_or(Date::MAX);
    DueDate { on, provisional: !calendar.knows(on) }
}

/// Working days from the day after `from` to `to`, both ends as in [`add_working_days`]; negative
/// when `to` lies before `from`. Tells how late, or how much is left.
#[must_use]
pub fn working_days_between(from: Date, to: Date, calendar: &WorkingCalendar) -> i32 {
    let (first, last, sign) = if from <= to { (from, to, 1) } else { (to, from, -1) };
    let days = std::iter::successors(first.tomorrow().ok(), |date| date.tomorrow().ok());
    let open = days.take_while(|date| *date <= last).filter(|date| calendar.is_working_day(*date));
    i32::try_from(open.count()).unwrap_or(i32::MAX) * sign
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn calendar() -> WorkingCalendar {
        WorkingCalendar {
            weekend: vec![Weekday::Thursday, Weekday::Friday],
            holidays: [("1405-09-10".to_owned(), "نمونه".to_owned())].into(),
            known_until: "1405-12-29".to_owned(),
            sample: true,
        }
    }

    #[test]
    fn weekend_and_holidays_do_not_count() {
        let tuesday = date(2026, 11, 24);
        let due = |days| add_working_days(tuesday, days, &calendar());
        assert_eq!(due(0), DueDate { on: tuesday, provisional: false });
        assert_eq!(due(1).on, date(2026, 11, 25));
        assert_eq!(due(2).on, date(2026, 11, 28));
        assert_eq!(due(4).on, date(2026, 11, 30));
        // 10 Azar 1405 is Tuesday, 1 December: closed.
        assert_eq!(due(5).on, date(2026, 12, 2));
        assert!(due(200).provisional);
        let friday = date(2026, 11, 27);
        assert_eq!(add_working_days(friday, 0, &calendar()).on, date(2026, 11, 28));
        assert_eq!(add_working_days(friday, 1, &calendar()).on, date(2026, 11, 28));
    }

    #[test]
    fn a_calendar_that_is_always_closed_ends() {
        use Weekday::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
        let mut closed = calendar();
        closed.weekend = vec![Saturday, Sunday, Monday, Tuesday, Wednesday, Thursday, Friday];
        assert_eq!(add_working_days(date(2026, 11, 24), 3, &closed).on, date(2026, 11, 27));
        closed.known_until = "نامعلوم".to_owned();
        assert!(add_working_days(date(2026, 11, 24), 3, &closed).provisional);
    }

    proptest! {
        #[test]
        fn due_dates_are_monotone_and_open(offset in 0..700_i64, days in 0..200_u16) {
            let calendar = calendar();
            let start = date(2026, 1, 1).saturating_add(jiff::Span::new().days(offset));
            let due = add_working_days(start, days, &calendar).on;
            prop_assert!(due >= start && calendar.is_working_day(due));
            let later = add_working_days(start, days + 1, &calendar).on;
            prop_assert!(later > due || (days == 0 && later == due && due > start));
            let next = start.saturating_add(jiff::Span::new().days(1));
            prop_assert!(add_working_days(next, days, &calendar).on >= due);
            if days > 0 {
                prop_assert_eq!(working_days_between(start, due, &calendar), i32::from(days));
                prop_assert_eq!(working_days_between(due, start, &calendar), -i32::from(days));
            }
        }
    }
}
