//! The service clock of an application, read from its history.

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
