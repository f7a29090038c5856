//! Services that may be recorded, and the calendar that due days are counted in.

use std::cmp::Reverse;

use jiff::civil::Date;
use pishkhan_domain::catalogue::PublishedCard;
use pishkhan_domain::jalali;
use pishkhan_domain::service_card::ServiceCard;
use pishkhan_domain::working_days::{Weekday, WorkingCalendar, add_working_days};
use pishkhan_ipc::application::ServiceChoice;
use pishkhan_ipc::draft::ApplicationEntry;
use pishkhan_ipc::error::IpcError;

use crate::counter::{Counter, Desk};
use crate::error::CounterError;

impl Counter {
    /// `service_list`: the newest card of each service, frequent ones first.
    ///
    /// # Errors
    /// `session.locked`.
    pub fn service_list(&self) -> Result<Vec<ServiceChoice>, IpcError> {
        self.at_desk(|desk| {
            let times = desk.store.times_recorded()?;
            let mut choices: Vec<ServiceChoice> = desk
                .store
                .cards()?
                .into_iter()
                .map(|PublishedCard { version, card }| {
                    let times_recorded = times.get(&card.code).copied().unwrap_or_default();
                    ServiceChoice { version, card, times_recorded }
                })
                .collect();
            choices.sort_by_cached_key(|choice| {
                (Reverse(choice.times_recorded), choice.card.title.fa.clone())
            });
            Ok(choices)
        })
    }
}

impl Desk<'_> {
    /// The card that an entry is filled in for; none when it names none that is here.
    pub(crate) fn card_of(
        &self,
        entry: &ApplicationEntry,
    ) -> Result<Option<PublishedCard>, CounterError> {
        let Some(service) = &entry.service else { return Ok(None) };
        let card = match entry.card_version {
            Some(version) => self.store.card(version)?,
            None => self.store.newest_card(service)?,
        };
        Ok(card.filter(|published| published.card.code == *service))
    }

    /// Today in Tehran.
    pub(crate) fn today(&self) -> Date {
        jalali::tehran_date(self.now_ms)
    }

    /// The day on which the answer to an application of today is due, ISO 8601.
    pub(crate) fn due_on(&self, card: &ServiceCard) -> Result<String, CounterError> {
        let calendar = self.store.calendar()?.unwrap_or_else(weekend_alone);
        let due = add_working_days(self.today(), card.deadline_working_days, &calendar);
        Ok(due.on.to_string())
    }
}

/// For the time before the centre's calendar has come down: the weekend of the administration,
/// and no holiday known.
fn weekend_alone() -> WorkingCalendar {
    WorkingCalendar {
        weekend: vec![Weekday::Thursday, Weekday::Friday],
        holidays: Default::default(),
        known_until: String::new(),
        sample: true,
    }
}
