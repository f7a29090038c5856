//! The service clock as a page shows it: three waits against the due day.

use pishkhan_domain::jalali::JalaliDate;
use pishkhan_domain::service_clock::{Reading, Wait};
use pishkhan_domain::working_days::WorkingCalendar;

use crate::wording;

/// The clock.
pub(super) struct ClockView {
    /// The due day, in words.
    pub due: String,
    /// May the day still move, since the holidays are not known so far?
    pub provisional: bool,
    /// By how much it is late; empty when it is not.
    pub late: String,
    /// The three waits.
    pub waits: Vec<WaitView>,
    /// All of them together, for the length of the bars.
    pub whole: u32,
}

/// One wait.
pub(super) struct WaitView {
    /// For whom.
    pub label: &'static str,
    /// Working days.
    pub days: u32,
    /// The same in words.
    pub text: String,
    /// Is it the one that grows now?
    pub now: bool,
}

impl ClockView {
    /// As it is shown.
    #[must_use]
    pub(super) fn of(reading: &Reading, calendar: &WorkingCalendar) -> Self {
        let view = |wait: Wait| {
            let days = reading.waits.of(wait);
            let text = format!("{} روز کاری", wording::number(days));
            WaitView { label: wait.label(), days, text, now: reading.waits_for == Some(wait) }
        };
        Self {
            due: JalaliDate::from_civil(reading.due_on).in_words(),
            provisional: !calendar.knows(reading.due_on),
            late: wording::late_by(reading.late_days),
            waits: Wait::ALL.map(view).into(),
            whole: reading.waits.sum().max(1),
        }
    }
}
