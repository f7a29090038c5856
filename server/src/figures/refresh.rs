//! Keeping the figures up to date: offices in which something happened are counted again, then
//! their districts are added up.
//!
//! Invariants: a stop at any moment loses nothing, since what is outdated is seen in the database;
//! two processes that refresh at once give the same figures as one.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use pishkhan_domain::ids::ApplicationId;
use pishkhan_domain::working_days::WorkingCalendar;

use super::count::{Count, Surroundings};
use super::shelf::published;
use super::sums::Sums;
use crate::cards::Cards;
use crate::centre::Centre;
use crate::storage::figures::{self, Acted, Counted, Part};
use crate::storage::{StorageError, Unit, ratings};

/// Raised by a release that counts in another way: then everything is counted again.
const WAY_OF_COUNTING: u32 = 1;
/// Applications that are read at once.
const PAGE: u32 = 1_000;
/// The least rest between two rounds, and how many times as long as a round it lasts: counting
/// takes no more than a twentieth of anybody's time.
const LEAST_REST: Duration = Duration::from_secs(60);
const REST: u32 = 20;

/// What a round came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refreshed {
    /// Offices counted again.
    pub offices: usize,
    /// Districts added up again.
    pub districts: usize,
}

/// Refreshes for as long as the server runs.
pub async fn keep(centre: Arc<Centre>) {
    loop {
        let begun = Instant::now();
        let done = refresh(&centre).await;
        if let Err(error) = have_at_hand(&centre).await {
            crate::web::report(&error);
        }
        match done {
            Ok(done) if done != Refreshed::default() => {
                tracing::info!(offices = done.offices, districts = done.districts, "counted");
            }
            Ok(_) => {}
            Err(error) => crate::web::report(&error),
        }
        tokio::time::sleep((begun.elapsed() * REST).max(LEAST_REST)).await;
    }
}

/// One round.
///
/// # Errors
/// [`StorageError`]; what was counted before it stays.
pub async fn refresh(centre: &Centre) -> Result<Refreshed, StorageError> {
    let mut unit = centre.storage.read().await?;
    let cards = centre.cards.current(unit.as_mut()).await?;
    let outdated: Vec<Counted> = figures::offices(unit.as_mut())
        .await?
        .into_iter()
        .filter(|o| !is_current(o, &cards))
        .collect();
    drop(unit);
    for office in &outdated {
        count_office(centre, &cards, office).await?;
    }
    let mut unit = centre.storage.read().await?;
    let districts = figures::outdated_districts(unit.as_mut()).await?;
    drop(unit);
    for district in &districts {
        add_up(centre, district).await?;
    }
    Ok(Refreshed { offices: outdated.len(), districts: districts.len() })
}

/// Has at hand what is shown, so that no reader waits until it is made.
async fn have_at_hand(centre: &Centre) -> Result<(), StorageError> {
    let mut unit = centre.storage.read().await?;
    published(centre, unit.as_mut()).await.map(drop)
}

/// The calendar of a centre that has published none.
#[must_use]
pub fn every_day_counts() -> WorkingCalendar {
    WorkingCalendar {
        weekend: Vec::new(),
        holidays: BTreeMap::new(),
        known_until: String::new(),
        sample: true,
    }
}

fn stamp(office: &Counted, cards: &Cards) -> String {
    let Counted { counter, distance_km, .. } = office;
    format!("{WAY_OF_COUNTING}.{counter}.{}.{distance_km}", cards.number())
}

fn is_current(office: &Counted, cards: &Cards) -> bool {
    office.counted_district.as_ref() == Some(&office.district)
        && office.counted_stamp.as_ref() == Some(&stamp(office, cards))
}

async fn count_office(
    centre: &Centre,
    cards: &Cards,
    office: &Counted,
) -> Result<(), StorageError> {
    let every_day = every_day_counts();
    let around = Surroundings {
        calendar: cards.calendar().unwrap_or(&every_day),
        distance_km: office.distance_km,
        now: centre.now(),
    };
    // The stamp was read before: what happens from then on is counted now, or in the next round.
    let mut unit = centre.storage.read().await?;
    let mut count = Count::default();
    add_applications(unit.as_mut(), office, cards, &around, &mut count).await?;
    count.add_ratings(&ratings::of_office(unit.as_mut(), &office.office).await?);
    drop(unit);
    let mut unit = centre.storage.begin().await?;
    let (stamp, parts) = (stamp(office, cards), count.parts());
    figures::write_office(unit.as_mut(), office, &stamp, &parts, around.now).await?;
    unit.commit().await
}

async fn add_applications(
    unit: &mut dyn Unit,
    office: &Counted,
    cards: &Cards,
    around: &Surroundings<'_>,
    count: &mut Count,
) -> Result<(), StorageError> {
    let mut after = String::new();
    loop {
        let filed = figures::filed_after(unit, &office.office, &after, PAGE).await?;
        let Some(last) = filed.last().map(|filed| filed.id.to_string()) else { return Ok(()) };
        let mut acts: HashMap<ApplicationId, Vec<Acted>> = HashMap::new();
        for act in figures::acts_between(unit, &office.office, &after, &last).await? {
            acts.entry(act.application).or_default().push(act);
        }
        for filed in &filed {
            let card = filed.card_version.parse().ok().and_then(|version| cards.card(version));
            let of_it = acts.get(&filed.id).map_or(&[][..], Vec::as_slice);
            count.add(filed, card, of_it, around);
        }
        after = last;
    }
}

async fn add_up(centre: &Centre, district: &str) -> Result<(), StorageError> {
    let mut unit = centre.storage.begin().await?;
    let number = figures::next_number(unit.as_mut()).await?;
    let mut sums: BTreeMap<(String, String), Sums> = BTreeMap::new();
    for Part { month, service, sums: part } in
        figures::parts_of_district(unit.as_mut(), district).await?
    {
        *sums.entry((month, service)).or_default() += &part;
    }
    let parts: Vec<Part> =
        sums.into_iter().map(|((month, service), sums)| Part { month, service, sums }).collect();
    figures::write_district(unit.as_mut(), district, number, &parts).await?;
    unit.commit().await
}
