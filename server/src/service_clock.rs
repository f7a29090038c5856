//! The service clock of an application, read from its history.

use jiff::civil::Date;
use pishkhan_domain::jalali::{parse_iso, tehran_date};
use pishkhan_domain::lifecycle::Act;
use pishkhan_domain::service_clock::{self, Reading, Step};
use pishkhan_domain::working_days::WorkingCalendar;

use crate::storage::acts::ActRecord;
use crate::storage::applications::Application;

/// What the clock of an application shows.
#[must_use]
pub fn read(
    application: &Application,
    history: &[ActRecord],
    now: i64,
    calendar: &WorkingCalendar,
) -> Reading {
    let promised = parse_iso(&application.due_on);
    let promised = promised.unwrap_or_else(|| tehran_date(application.filed_at));
    service_clock::read(application.filed_at, promised, &steps(history), now, calendar)
}

/// The acts that took effect, as the clock knows them.
#[must_use]
pub fn steps(history: &[ActRecord]) -> Vec<Step> {
    let applied = history.iter().filter(|act| act.applied);
    applied
        .filter_map(|act| {
            let step =
                |kind| Step { act: kind, acted_at: act.acted_at, received_at: act.received_at };
            Some(step(match act.kind.as_str() {
                "received" => Act::Receive,
                "returned" => Act::Return,
                "resubmitted" => Act::Resubmit,
                "approved" => Act::Approve,
                "refused" => Act::Refuse,
                "withdrawn" => Act::Withdraw,
                _ => return None,
            }))
        })
        .collect()
}

/// A due day as it is stored, moved by the citizen's days. What is no day stays as it is.
#[must_use]
pub fn moved_iso(due_on: &str, citizen_days: u32, calendar: &WorkingCalendar) -> String {
    match parse_iso(due_on) {
        Some(day) => service_clock::moved(day, citizen_days, calendar).to_string(),
        None => due_on.to_owned(),
    }
}

/// How many working days late an answer is that is still owed.
#[must_use]
pub fn late_days(due_on: &str, now: i64, calendar: &WorkingCalendar) -> u32 {
    parse_iso(due_on).map_or(0, |due| service_clock::late_days(due, tehran_date(now), calendar))
}

/// What was due before this day is today at least so many working days late: for lists that know
/// nothing but the due day.
#[must_use]
pub fn late_if_due_before(working_days: u32, today: Date, calendar: &WorkingCalendar) -> Date {
    let back = std::iter::successors(Some(today), |day| day.yesterday().ok());
    // A calendar without working days would never end.
    let mut near = back.take(1_000);
    let newest = near.find(|day| service_clock::late_days(*day, today, calendar) >= working_days);
    newest.and_then(|day| day.tomorrow().ok()).unwrap_or(Date::MIN)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use pishkhan_domain::service_clock::Level;
    use pishkhan_domain::working_days::Weekday;

    use super::*;

    fn calendar() -> WorkingCalendar {
        WorkingCalendar {
            weekend: vec![Weekday::Thursday, Weekday::Friday],
            holidays: [("1405-09-10".to_owned(), "نمونه".to_owned())].into(),
            known_until: String::new(),
            sample: true,
        }
    }

    #[test]
    fn what_was_due_before_the_day_is_late_enough_and_the_next_is_not() {
        for offset in 0..30 {
            let today = date(2026, 11, 20).saturating_add(jiff::Span::new().days(offset));
            for days in [1, 2].into_iter().chain(Level::ALL.map(Level::from_late_days)) {
                let first = late_if_due_before(days, today, &calendar());
                let late = |day| service_clock::late_days(day, today, &calendar()) >= days;
                assert!(late(first.yesterday().unwrap_or(first)), "{today} {days}");
                assert!(!late(first), "{today} {days}");
            }
        }
    }

    #[test]
    fn a_due_day_before_a_weekend_is_not_late_in_the_weekend() {
        let late = |today| late_if_due_before(1, today, &calendar());
        let wednesday = date(2026, 11, 25);
        for weekend in [date(2026, 11, 26), date(2026, 11, 27)] {
            assert_eq!(late(weekend), wednesday);
        }
        assert_eq!(late(date(2026, 11, 28)), date(2026, 11, 28));
    }

    #[test]
    fn where_no_day_is_a_working_day_nothing_is_ever_late() {
        use Weekday::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
        let weekend = vec![Saturday, Sunday, Monday, Tuesday, Wednesday, Thursday, Friday];
        let idle = WorkingCalendar { weekend, ..calendar() };
        assert_eq!(late_if_due_before(1, date(2026, 11, 28), &idle), Date::MIN);
    }
}
