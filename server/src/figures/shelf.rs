//! The figures of every district, held in memory, so that a page over a million applications is
//! answered without reading them.
//!
//! Invariant: a district is as it was added up last; only districts with a newer number are read
//! again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use pishkhan_domain::jalali_month::JalaliMonth;

use super::published::Published;
use super::sums::Sums;
use crate::centre::Centre;
use crate::storage::{StorageError, Unit, districts, figures};

/// Months that are kept at hand: three years and the one before them.
const MONTHS: u16 = 37;

/// By month (empty is now) and service.
type Parts = BTreeMap<(String, String), Sums>;

/// Figures as they were added up with some number.
#[derive(Clone, Default)]
pub struct Figures {
    number: u64,
    districts: BTreeMap<String, Arc<Parts>>,
}

#[cfg(test)]
impl Figures {
    /// Of districts with their parts.
    pub(crate) fn of<const N: usize>(
        districts: [(&str, Vec<crate::storage::figures::Part>); N],
    ) -> Self {
        let parts = |parts: Vec<crate::storage::figures::Part>| {
            Arc::new(parts.into_iter().map(|p| ((p.month, p.service), p.sums)).collect::<Parts>())
        };
        let districts = districts.map(|(code, of)| (code.to_owned(), parts(of)));
        Self { number: 1, districts: districts.into() }
    }
}

impl Figures {
    /// Of a district, one month (empty is now) and each service.
    pub fn services<'a>(
        &'a self,
        district: &str,
        month: &str,
    ) -> impl Iterator<Item = (&'a str, &'a Sums)> + use<'a> {
        let from = (month.to_owned(), String::new());
        let month = month.to_owned();
        let parts = self.districts.get(district).map(|parts| parts.range(from..));
        parts
            .into_iter()
            .flatten()
            .take_while(move |((of, _), _)| *of == month)
            .map(|((_, service), sums)| (service.as_str(), sums))
    }

    /// Codes of the districts that have figures.
    pub fn districts(&self) -> impl Iterator<Item = &str> {
        let told = self.districts.iter().filter(|(_, parts)| !parts.is_empty());
        told.map(|(code, _)| code.as_str())
    }

    /// The number with which they were added up.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }
}

/// The shelf from which everybody takes the newest [`Figures`].
#[derive(Default)]
pub struct FiguresShelf {
    figures: RwLock<Arc<Figures>>,
    /// What is shown to everybody, for as long as figures, cards and month are the same.
    published: Mutex<Option<(Key, Arc<Published>)>>,
}

/// What everybody is shown now.
///
/// # Errors
/// [`StorageError`].
pub async fn published(
    centre: &Centre,
    unit: &mut dyn Unit,
) -> Result<Arc<Published>, StorageError> {
    let now = centre.now();
    let figures = centre.figures.current(unit, now).await?;
    let cards = centre.cards.current(unit).await?;
    let districts = districts::all(unit).await?;
    let running = JalaliMonth::at(now);
    let key = (figures.number(), cards.number(), running);
    let make = || Published::make(&figures, &cards, &districts, running);
    Ok(centre.figures.published(key, make))
}

/// Number of the figures, number of the cards, and the running month.
type Key = (u64, u64, JalaliMonth);

impl FiguresShelf {
    /// The figures as they were added up last.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn current(
        &self,
        unit: &mut dyn Unit,
        now: i64,
    ) -> Result<Arc<Figures>, StorageError> {
        let known = self.figures.read().unwrap_or_else(PoisonError::into_inner).clone();
        let number = figures::number(unit).await?;
        if number == known.number {
            return Ok(known);
        }
        let since = JalaliMonth::at(now).back(MONTHS).to_string();
        // A centre that was put back from a backup counts on from there.
        let known = if number < known.number { Arc::default() } else { known };
        let mut newer = (*known).clone();
        newer.number = number;
        for (district, parts) in figures::districts_after(unit, known.number, &since).await? {
            let parts = parts.into_iter().map(|part| ((part.month, part.service), part.sums));
            newer.districts.insert(district, Arc::new(parts.collect()));
        }
        let newer = Arc::new(newer);
        *self.figures.write().unwrap_or_else(PoisonError::into_inner) = newer.clone();
        Ok(newer)
    }

    fn published(&self, key: Key, make: impl FnOnce() -> Published) -> Arc<Published> {
        let mut kept = self.published.lock().unwrap_or_else(PoisonError::into_inner);
        match kept.as_ref() {
            Some((of, published)) if *of == key => published.clone(),
            _ => {
                let published = Arc::new(make());
                *kept = Some((key, published.clone()));
                published
            }
        }
    }
}
