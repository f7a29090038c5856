//! The service cards that the centre has published, every version of them, held in memory.
//!
//! Invariant: a publication never changes, so what was read once is read for ever; only newer ones
//! are looked for.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use pishkhan_domain::catalogue::Publication;
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::ServiceCode;
use pishkhan_domain::service_card::ServiceCard;
use pishkhan_domain::working_days::{Weekday, WorkingCalendar};

use crate::storage::{StorageError, Unit, publications};

const PAGE: u32 = 100;

/// Cards and calendar as published up to some number.
#[derive(Clone, Default)]
pub struct Cards {
    number: u64,
    by_version: HashMap<ContentHash, Arc<ServiceCard>>,
    newest: BTreeMap<String, Arc<ServiceCard>>,
    calendar: Option<Arc<WorkingCalendar>>,
}

impl Cards {
    /// The card of a version.
    #[must_use]
    pub fn card(&self, version: ContentHash) -> Option<&ServiceCard> {
        self.by_version.get(&version).map(AsRef::as_ref)
    }

    /// Up to which publication this is.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Is this a service of the catalogue, under any version?
    #[must_use]
    pub fn knows(&self, service: &ServiceCode) -> bool {
        self.newest.contains_key(&service.0)
    }

    /// The newest card of each service, by code.
    pub fn newest(&self) -> impl Iterator<Item = &ServiceCard> {
        self.newest.values().map(AsRef::as_ref)
    }

    /// Working days.
    #[must_use]
    pub fn calendar(&self) -> Option<&WorkingCalendar> {
        self.calendar.as_deref()
    }

    /// Working days as far as they are known: before a calendar was published, the weekend alone.
    #[must_use]
    pub fn working_calendar(&self) -> Arc<WorkingCalendar> {
        static WEEKEND_ONLY: LazyLock<Arc<WorkingCalendar>> = LazyLock::new(|| {
            Arc::new(WorkingCalendar {
                weekend: vec![Weekday::Thursday, Weekday::Friday],
                holidays: BTreeMap::new(),
                known_until: String::new(),
                sample: true,
            })
        });
        self.calendar.clone().unwrap_or_else(|| WEEKEND_ONLY.clone())
    }

    /// Adds a publication.
    pub fn add(&mut self, number: u64, version: ContentHash, publication: Publication) {
        match publication {
            Publication::ServiceCard(card) => {
                let card: Arc<ServiceCard> = Arc::from(card);
                self.by_version.insert(version, card.clone());
                self.newest.insert(card.code.0.clone(), card);
            }
            Publication::WorkingCalendar(calendar) => self.calendar = Some(Arc::new(calendar)),
        }
        self.number = number;
    }
}

/// The shelf from which everybody takes the newest [`Cards`].
#[derive(Default)]
pub struct CardShelf(RwLock<Arc<Cards>>);

impl CardShelf {
    /// The cards as published now.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn current(&self, unit: &mut dyn Unit) -> Result<Arc<Cards>, StorageError> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        let mut newer = publications::after(unit, known.number, PAGE).await?;
        if newer.is_empty() {
            return Ok(known);
        }
        let mut cards = (*known).clone();
        while let Some(last) = newer.last().map(|publication| publication.number) {
            for stored in newer {
                let version =
                    stored.version.parse().map_err(|_| StorageError::Unreadable("version"))?;
                // A kind of a later release of the centre: nothing that this one could judge by.
                if let Ok(publication) = serde_json::from_slice(&stored.bytes) {
                    cards.add(stored.number, version, publication);
                }
                cards.number = stored.number;
            }
            newer = publications::after(unit, last, PAGE).await?;
        }
        let cards = Arc::new(cards);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = cards.clone();
        Ok(cards)
    }
}
