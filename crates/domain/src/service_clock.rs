//! The service clock: for whom an application has waited, and by when it must be answered.
//!
//! Three waits, never mixed: for the line, for the agency, for the citizen. Invariant: every
//! working day after the day of filing belongs to exactly one of them, to whoever had the
//! application when that day began; so the three add up to the whole. The rule in words is in
//! docs/service-clock.md.

use jiff::civil::Date;

use crate::jalali::tehran_date;
use crate::lifecycle::Act;
use crate::working_days::{WorkingCalendar, add_working_days, working_days_between};

/// For whom an application waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Wait {
    /// It is on its way from the office to the centre.
    Line,
    /// The agency has it.
    Agency,
    /// It was returned, and the citizen has not yet mended it.
    Citizen,
}

impl Wait {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Line, Self::Agency, Self::Citizen];

    /// As in files and addresses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Agency => "agency",
            Self::Citizen => "citizen",
        }
    }

    /// As people say it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Line => "انتظار خط",
            Self::Agency => "انتظار دستگاه",
            Self::Citizen => "انتظار متقاضی",
        }
    }
}

/// An act that changed an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What was done.
    pub act: Act,
    /// When, by the clock of whoever acted, in milliseconds since 1970.
    pub acted_at: i64,
    /// When the centre had it; the same for the agency's own acts.
    pub received_at: i64,
}

/// Three waits, in working days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waits {
    /// For the line.
    pub line: u32,
    /// For the agency.
    pub agency: u32,
    /// For the citizen.
    pub citizen: u32,
}

impl Waits {
    /// One of them.
    #[must_use]
    pub fn of(&self, wait: Wait) -> u32 {
        match wait {
            Wait::Line => self.line,
            Wait::Agency => self.agency,
            Wait::Citizen => self.citizen,
        }
    }

    /// All of them together.
    #[must_use]
    pub fn sum(&self) -> u32 {
        self.line + self.agency + self.citizen
    }

    fn add(&mut self, wait: Wait, days: u32) {
        match wait {
            Wait::Line => self.line += days,
            Wait::Agency => self.agency += days,
            Wait::Citizen => self.citizen += days,
        }
    }
}

/// What the clock shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The waits so far.
    pub waits: Waits,
    /// For whom it waits now; nobody once it is decided or withdrawn.
    pub waits_for: Option<Wait>,
    /// The day by which the answer is due, moved by the days that the citizen had it.
    pub due_on: Date,
    /// Whole working days by which the answer is late, or was when it came.
    pub late_days: u32,
}

/// A stretch of time in which one party had the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    wait: Wait,
    from: i64,
    until: i64,
}

/// Reads the clock at `now`.
///
/// `filed_at` is when the application was filed and `promised_on` the due day printed on the
/// receipt; `steps` are the acts that changed it, in the order in which they took effect.
#[must_use]
pub fn read(
    filed_at: i64,
    promised_on: Date,
    steps: &[Step],
    now: i64,
    calendar: &WorkingCalendar,
) -> Reading {
    let (stretches, waits_for) = stretches(filed_at, steps, now);
    let mut waits = Waits::default();
    for Stretch { wait, from, until } in &stretches {
        waits.add(*wait, days_after(tehran_date(*from), tehran_date(*until), calendar));
    }
    let due_on = moved(promised_on, waits.citizen, calendar);
    let ended_at = stretches.last().map_or(filed_at, |last| last.until);
    let late_days = late_days(due_on, tehran_date(ended_at), calendar);
    Reading { waits, waits_for, due_on, late_days }
}

/// A due day moved by the working days that the citizen had the application: they are not the
/// agency's.
#[must_use]
pub fn moved(due_on: Date, citizen_days: u32, calendar: &WorkingCalendar) -> Date {
    match u16::try_from(citizen_days).unwrap_or(u16::MAX) {
        0 => due_on,
        days => add_working_days(due_on, days, calendar).on,
    }
}

/// Working days of the citizen between a return and the mending of it.
#[must_use]
pub fn citizen_days(returned_at: i64, mended_at: i64, calendar: &WorkingCalendar) -> u32 {
    days_after(tehran_date(returned_at), tehran_date(mended_at), calendar)
}

/// Working days after the due day; the due day itself is not late.
#[must_use]
pub fn late_days(due_on: Date, today: Date, calendar: &WorkingCalendar) -> u32 {
    days_after(due_on, today, calendar)
}

fn days_after(from: Date, until: Date, calendar: &WorkingCalendar) -> u32 {
    if until <= from {
        return 0;
    }
    u32::try_from(working_days_between(from, until, calendar)).unwrap_or(0)
}

/// Who had the application when, without gaps and never backwards. A device's clock may say
/// anything: its acts are held between the act before and their arrival at the centre.
fn stretches(filed_at: i64, steps: &[Step], now: i64) -> (Vec<Stretch>, Option<Wait>) {
    let mut done = Vec::new();
    let mut holder = Some(Wait::Line);
    let mut since = filed_at;
    let mut pass = |at: i64, holder: &mut Option<Wait>, next: Option<Wait>| {
        let at = at.max(since);
        if let Some(wait) = *holder {
            done.push(Stretch { wait, from: since, until: at });
            since = at;
        }
        *holder = next;
    };
    for step in steps {
        let arrived = step.received_at;
        match step.act {
            Act::Receive => pass(arrived, &mut holder, Some(Wait::Agency)),
            Act::Return => pass(arrived, &mut holder, Some(Wait::Citizen)),
            Act::Resubmit => {
                pass(step.acted_at.min(arrived), &mut holder, Some(Wait::Line));
                pass(arrived, &mut holder, Some(Wait::Agency));
            }
            Act::Approve | Act::Refuse => pass(arrived, &mut holder, None),
            Act::Withdraw => pass(step.acted_at.min(arrived), &mut holder, None),
            Act::Record | Act::Accept | Act::Deliver => {}
        }
    }
    let waits_for = holder;
    pass(now, &mut holder, None);
    (done, waits_for)
}

/// Who must look at a late application. Each level sees what those before it see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The agency's supervisor: from the first working day late.
    Supervisor,
    /// The agency's head.
    Head,
    /// The county.
    County,
    /// The province.
    Province,
}

impl Level {
    /// From the lowest to the highest.
    pub const ALL: [Self; 4] = [Self::Supervisor, Self::Head, Self::County, Self::Province];

    /// From how many working days late on.
    #[must_use]
    pub fn from_late_days(self) -> u32 {
        match self {
            Self::Supervisor => 1,
            Self::Head => 5,
            Self::County => 10,
            Self::Province => 20,
        }
    }

    /// The highest that must look; nobody while it is in time.
    #[must_use]
    pub fn of(late_days: u32) -> Option<Self> {
        Self::ALL.into_iter().rev().find(|level| late_days >= level.from_late_days())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::jalali::tehran_day_begins_at;
    use crate::working_days::Weekday;

    const HOUR: i64 = 60 * 60 * 1_000;
    const DAY: i64 = 24 * HOUR;

    fn calendar() -> WorkingCalendar {
        WorkingCalendar {
            weekend: vec![Weekday::Thursday, Weekday::Friday],
            holidays: [("1405-09-10".to_owned(), "نمونه".to_owned())].into(),
            known_until: "1405-12-29".to_owned(),
            sample: true,
        }
    }

    /// Ten in the morning of a day of November 2026.
    fn at(day: i8) -> i64 {
        tehran_day_begins_at(date(2026, 11, day)) + 10 * HOUR
    }

    fn step(act: Act, at: i64) -> Step {
        Step { act, acted_at: at, received_at: at }
    }

    fn read_at(steps: &[Step], now: i64) -> Reading {
        read(at(14), date(2026, 11, 18), steps, now, &calendar())
    }

    #[test]
    fn each_day_belongs_to_whoever_had_it() {
        // Saturday the 14th filed, Monday received, Wednesday returned, Sunday mended, Monday
        // received, Tuesday approved. Thursday and Friday are no working days.
        let resubmit = Step { act: Act::Resubmit, acted_at: at(22), received_at: at(23) };
        let steps = [
            step(Act::Receive, at(16)),
            step(Act::Accept, at(16)),
            step(Act::Return, at(18)),
            resubmit,
            step(Act::Approve, at(24)),
            step(Act::Deliver, at(28)),
        ];
        let reading = read_at(&steps, at(30));
        assert_eq!(reading.waits, Waits { line: 3, agency: 3, citizen: 2 });
        assert_eq!(reading.waits_for, None);
        // Due on Wednesday the 18th; the citizen's two working days move it to Sunday.
        assert_eq!(reading.due_on, date(2026, 11, 22));
        assert_eq!(reading.late_days, 2);
    }

    #[test]
    fn while_the_citizen_has_it_the_agency_does_not_become_late() {
        let steps = [step(Act::Receive, at(15)), step(Act::Return, at(18))];
        for day in 18..=30 {
            let reading = read_at(&steps, at(day));
            assert_eq!((reading.late_days, reading.waits_for), (0, Some(Wait::Citizen)), "{day}");
        }
        assert_eq!(read_at(&steps[..1], at(18)).late_days, 0);
        let reading = read_at(&steps[..1], at(21));
        assert_eq!((reading.late_days, reading.waits_for), (1, Some(Wait::Agency)));
        assert_eq!(reading.due_on, date(2026, 11, 18));
    }

    #[test]
    fn what_never_arrived_waits_for_the_line() {
        let reading = read_at(&[], at(17));
        assert_eq!(reading.waits, Waits { line: 3, ..Waits::default() });
        assert_eq!(reading.waits_for, Some(Wait::Line));
    }

    #[test]
    fn a_clock_that_is_wrong_moves_no_days_to_somebody_else() {
        let mended = |acted_at| Step { act: Act::Resubmit, acted_at, received_at: at(24) };
        let begin = [step(Act::Receive, at(14)), step(Act::Return, at(17))];
        let waits = |acted_at| {
            let steps = [begin[0], begin[1], mended(acted_at)];
            read_at(&steps, at(24)).waits
        };
        // Said to be mended before it was returned: the whole of it was the line's.
        assert_eq!(waits(at(1)), Waits { line: 5, agency: 3, citizen: 0 });
        // Said to be mended after it arrived: the whole of it was the citizen's.
        assert_eq!(waits(at(30)), Waits { line: 0, agency: 3, citizen: 5 });
    }

    #[test]
    fn a_late_one_rises_by_itself() {
        let level = |days| Level::of(days);
        assert_eq!(level(0), None);
        assert_eq!(level(1), Some(Level::Supervisor));
        assert_eq!(level(4), Some(Level::Supervisor));
        assert_eq!(level(5), Some(Level::Head));
        assert_eq!(level(10), Some(Level::County));
        assert_eq!(level(400), Some(Level::Province));
    }

    fn any_step() -> impl Strategy<Value = Step> {
        let acts = prop::sample::select(Act::ALL.to_vec());
        (acts, -3 * DAY..90 * DAY, -3 * DAY..90 * DAY).prop_map(|(act, acted, received)| Step {
            act,
            acted_at: at(1) + acted,
            received_at: at(1) + received,
        })
    }

    proptest! {
        #[test]
        fn the_three_waits_are_the_whole(
            steps in prop::collection::vec(any_step(), 0..12), now in 0..120_i64
        ) {
            let (filed, now) = (at(1), at(1) + now * DAY);
            let calendar = calendar();
            let promised = add_working_days(tehran_date(filed), 7, &calendar).on;
            let reading = read(filed, promised, &steps, now, &calendar);
            let (stretches, waits_for) = stretches(filed, &steps, now);
            for pair in stretches.windows(2) {
                prop_assert_eq!(pair[0].until, pair[1].from);
            }
            let end = stretches.last().map_or(filed, |last| last.until);
            let whole = days_after(tehran_date(filed), tehran_date(end), &calendar);
            prop_assert_eq!(reading.waits.sum(), whole);
            prop_assert_eq!(reading.waits_for, waits_for);
            prop_assert!(reading.due_on >= promised);
        }

        #[test]
        fn time_alone_never_takes_a_day_back(
            steps in prop::collection::vec(any_step(), 0..6), now in 90..120_i64, later in 0..60_i64
        ) {
            let calendar = calendar();
            let filed = at(1);
            let promised = add_working_days(tehran_date(filed), 7, &calendar).on;
            let first = at(1) + now * DAY;
            let before = read(filed, promised, &steps, first, &calendar);
            let after = read(filed, promised, &steps, first + later * DAY, &calendar);
            for wait in Wait::ALL {
                prop_assert!(after.waits.of(wait) >= before.waits.of(wait));
                let grows = before.waits_for == Some(wait);
                prop_assert!(grows || after.waits.of(wait) == before.waits.of(wait));
            }
            prop_assert!(after.late_days >= before.late_days);
            // Whoever waits for the citizen becomes no later.
            let citizens = before.waits_for == Some(Wait::Citizen);
            prop_assert!(!citizens || after.late_days == before.late_days);
        }

        #[test]
        fn a_due_day_moves_by_working_days(days in 0..60_u32, offset in 0..300_i64) {
            let calendar = calendar();
            let due = date(2026, 1, 3).saturating_add(jiff::Span::new().days(offset));
            let moved = moved(due, days, &calendar);
            prop_assert_eq!(days_after(due, moved, &calendar), days);
        }
    }
}
