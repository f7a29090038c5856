//! What is known of a place in a month.

use std::collections::BTreeMap;

use jiff::civil::Date;
use pishkhan_domain::jalali_month::JalaliMonth;
use pishkhan_domain::service_clock::{Level, late_days};
use pishkhan_domain::working_days::WorkingCalendar;

use super::{CONNECTED_MS, Sources};
use crate::figures::place::Place;
use crate::figures::sums::Sums;

/// Facts.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Of the month, over all services.
    pub sums: Sums,
    /// Of the month, by service.
    pub by_service: BTreeMap<String, Sums>,
    /// What stands open now, by service.
    pub open: BTreeMap<String, Sums>,
    /// Open now.
    pub open_now: u64,
    /// Open and past the due day now.
    pub late_now: u64,
    /// So late that this place must look, by service: counted by its level.
    pub risen: BTreeMap<String, u64>,
    /// Offices.
    pub offices: u64,
    /// Those that were heard of within a week.
    pub connected: u64,
    /// Those that were heard of once, and not within a week.
    pub silent: u64,
}

impl Facts {
    /// Of a place and a month; without a month only what stands now.
    #[must_use]
    pub fn of(sources: &Sources<'_>, place: &Place, month: Option<JalaliMonth>) -> Self {
        let by_service = month.map(|month| sources.sums(place, &month.to_string()));
        let by_service = by_service.unwrap_or_default();
        let open = sources.sums(place, "");
        let today = sources.today.to_string();
        let risen_until =
            due_before(sources.today, level(place).from_late_days(), sources.calendar);
        let mut facts = Self {
            sums: by_service.values().sum(),
            open_now: open.values().map(Sums::open_now).sum(),
            late_now: open.values().map(|sums| sums.late_now(&today)).sum(),
            risen: open
                .iter()
                .map(|(service, sums)| (service.clone(), sums.late_now(&risen_until.to_string())))
                .filter(|(_, number)| *number > 0)
                .collect(),
            by_service,
            open,
            ..Self::default()
        };
        let here = |code: &str| match place {
            Place::Country => true,
            _ => sources.districts.iter().any(|d| d.code == code && place.has(d)),
        };
        for office in sources.contacts.iter().filter(|office| here(&office.district)) {
            facts.offices += 1;
            match office.last_contact_at {
                Some(at) if at >= sources.now - CONNECTED_MS => facts.connected += 1,
                Some(_) => facts.silent += 1,
                None => {}
            }
        }
        facts
    }
}

/// Who must look at this place's late applications.
#[must_use]
pub fn level(place: &Place) -> Level {
    match place {
        Place::Country | Place::Province(_) => Level::Province,
        Place::County { .. } | Place::District(_) => Level::County,
    }
}

/// What is due before this day is today as many working days late, or more.
fn due_before(today: Date, days: u32, calendar: &WorkingCalendar) -> Date {
    let back = std::iter::successors(Some(today), |day| day.yesterday().ok());
    // A calendar without working days would never end.
    let mut near = back.take(1_000);
    let last = near.find(|day| late_days(*day, today, calendar) >= days);
    last.and_then(|day| day.tomorrow().ok()).unwrap_or(Date::MIN)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use pishkhan_domain::working_days::Weekday;

    use super::*;

    #[test]
    fn the_day_before_which_a_due_day_is_so_late() {
        let calendar = WorkingCalendar {
            weekend: vec![Weekday::Thursday, Weekday::Friday],
            holidays: BTreeMap::new(),
            known_until: "1405-12-29".to_owned(),
            sample: true,
        };
        let saturday = date(2026, 11, 28);
        // Due on Wednesday is one day late on Saturday, due on Thursday too: that ends at Friday.
        assert_eq!(due_before(saturday, 1, &calendar), date(2026, 11, 28));
        assert_eq!(due_before(saturday, 2, &calendar), date(2026, 11, 25));
        assert_eq!(late_days(date(2026, 11, 24), saturday, &calendar), 2);
        assert_eq!(late_days(date(2026, 11, 25), saturday, &calendar), 1);
    }
}
