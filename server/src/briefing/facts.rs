//! What is known of a place in a month.

use std::collections::BTreeMap;

use pishkhan_domain::jalali_month::JalaliMonth;
use pishkhan_domain::service_clock::Level;

use super::{CONNECTED_MS, Sources};
use crate::figures::place::Place;
use crate::figures::sums::Sums;
use crate::service_clock::late_if_due_before;

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
        let late_day = |days| late_if_due_before(days, sources.today, sources.calendar).to_string();
        let (late_from, risen_from) = (late_day(1), late_day(level(place).from_late_days()));
        let mut facts = Self {
            sums: by_service.values().sum(),
            open_now: open.values().map(Sums::open_now).sum(),
            late_now: open.values().map(|sums| sums.late_now(&late_from)).sum(),
            risen: open
                .iter()
                .map(|(service, sums)| (service.clone(), sums.late_now(&risen_from)))
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
