//! The governor's briefing: one page about a place and a month, compared with the month before and
//! with its equals, and the three matters that most need a decision.
//!
//! Invariant: what is said, and which matters are chosen, follows from the figures alone, by the
//! rules of docs/briefing.md; nobody picks.

use std::collections::BTreeMap;

use jiff::civil::Date;
use pishkhan_domain::jalali::JalaliDate;
use pishkhan_domain::jalali_month::JalaliMonth;
use pishkhan_domain::working_days::WorkingCalendar;
use serde::Serialize;

use crate::cards::Cards;
use crate::figures::place::Place;
use crate::figures::shelf::Figures;
use crate::figures::sums::Sums;
use crate::storage::districts::District;
use crate::storage::offices::Contact;
use crate::wording;

pub mod facts;
pub mod matters;
pub mod measures;

use facts::Facts;
use matters::Matter;
use measures::MEASURES;

/// Months of the picture.
const MONTHS: u16 = 12;
/// Parts in the table at most; those with most applications late come first.
const MOST_PARTS: usize = 14;
/// An office counts as connected for so long after its last contact.
pub const CONNECTED_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

/// All that a briefing is made of.
pub struct Sources<'a> {
    /// Figures.
    pub figures: &'a Figures,
    /// Cards.
    pub cards: &'a Cards,
    /// Every district.
    pub districts: &'a [District],
    /// Every office with its last contact.
    pub contacts: &'a [Contact],
    /// Working days.
    pub calendar: &'a WorkingCalendar,
    /// Centre's clock.
    pub now: i64,
    /// The day in Tehran.
    pub today: Date,
}

/// A briefing as it is shown and printed: finished texts.
#[derive(Clone, Debug, Serialize)]
pub struct Briefing {
    /// Place.
    pub title: String,
    /// Month.
    pub month: String,
    /// Day on which it was made.
    pub made: String,
    /// At most three.
    pub matters: Vec<Matter>,
    /// Measures.
    pub rows: Vec<Row>,
    /// What the last column compares with.
    pub equals_title: String,
    /// Month by month, oldest first.
    pub months: Vec<MonthBar>,
    /// What its parts are called.
    pub parts_title: String,
    /// Its parts.
    pub parts: Vec<Part>,
    /// How it is counted.
    pub note: String,
}

/// A measure.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// What is measured.
    pub label: &'static str,
    /// In the month.
    pub now: String,
    /// In the month before.
    pub before: String,
    /// The difference.
    pub change: String,
    /// Of its equals.
    pub equals: String,
}

/// A month in the picture.
#[derive(Clone, Debug, Serialize)]
pub struct MonthBar {
    /// Name.
    pub label: &'static str,
    /// Share of the highest bar, 0 to 1.
    pub filed: f64,
    /// The same.
    pub decided: f64,
    /// Filed.
    pub filed_number: String,
    /// Decided.
    pub decided_number: String,
}

/// A part of the place.
#[derive(Clone, Debug, Serialize)]
pub struct Part {
    /// Name.
    pub title: String,
    /// Filed in the month.
    pub filed: String,
    /// Decided in the month.
    pub decided: String,
    /// Median wait for the agency.
    pub agency: String,
    /// Open and late now.
    pub late: String,
    /// Share returned.
    pub returned: String,
    /// Offices connected.
    pub offices: String,
    /// The place itself, for a link.
    #[serde(skip)]
    pub place: Place,
}

impl Sources<'_> {
    /// Makes the briefing of a place and a month.
    #[must_use]
    pub fn briefing(&self, place: &Place, month: JalaliMonth) -> Briefing {
        let now = Facts::of(self, place, Some(month));
        let before = Facts::of(self, place, Some(month.previous()));
        let equals: Vec<Facts> = place
            .equals(self.districts)
            .iter()
            .map(|equal| Facts::of(self, equal, Some(month)))
            .filter(|facts| facts.offices > 0)
            .collect();
        Briefing {
            title: place.title(),
            month: month.in_words(),
            made: JalaliDate::from_civil(self.today).in_digits(),
            matters: matters::chosen(&now, &equals, place, self),
            rows: MEASURES.iter().map(|measure| measure.row(&now, &before, &equals)).collect(),
            equals_title: equals_title(place).to_owned(),
            months: self.months(place, month),
            parts_title: parts_title(place).to_owned(),
            parts: self.parts(place, month),
            note: NOTE.to_owned(),
        }
    }

    fn months(&self, place: &Place, month: JalaliMonth) -> Vec<MonthBar> {
        let months: Vec<(JalaliMonth, Sums)> = month
            .last(MONTHS)
            .into_iter()
            .map(|month| {
                (month, self.sums(place, &month.to_string()).into_values().collect::<Vec<_>>())
            })
            .map(|(month, all)| (month, all.iter().sum()))
            .collect();
        let most = months.iter().map(|(_, sums)| sums.filed.max(sums.decided())).max();
        let most = most.unwrap_or(0).max(1);
        months
            .iter()
            .map(|(month, sums)| MonthBar {
                label: month.name(),
                filed: share(sums.filed, most),
                decided: share(sums.decided(), most),
                filed_number: wording::number(sums.filed),
                decided_number: wording::number(sums.decided()),
            })
            .collect()
    }

    fn parts(&self, place: &Place, month: JalaliMonth) -> Vec<Part> {
        let mut parts: Vec<(Place, Facts)> = place
            .parts(self.districts)
            .into_iter()
            .map(|part| (part.clone(), Facts::of(self, &part, Some(month))))
            .collect();
        parts.sort_by_key(|(place, facts)| (std::cmp::Reverse(facts.late_now), place.title()));
        parts.truncate(MOST_PARTS);
        parts
            .into_iter()
            .map(|(place, facts)| Part {
                title: place.title(),
                filed: wording::number(facts.sums.filed),
                decided: wording::number(facts.sums.decided()),
                agency: facts.sums.agency.median().map_or_else(|| "—".to_owned(), wording::number),
                late: wording::number(facts.late_now),
                returned: measures::percent(facts.sums.returned, facts.sums.decided()),
                offices: format!(
                    "{} از {}",
                    wording::number(facts.connected),
                    wording::number(facts.offices)
                ),
                place,
            })
            .collect()
    }

    /// Sums of a place in a month (empty is now), by service.
    #[must_use]
    pub fn sums(&self, place: &Place, month: &str) -> BTreeMap<String, Sums> {
        let mut by_service: BTreeMap<String, Sums> = BTreeMap::new();
        for code in self.codes(place) {
            for (service, sums) in self.figures.services(code, month) {
                *by_service.entry(service.to_owned()).or_default() += sums;
            }
        }
        by_service
    }

    /// Codes of its districts; the country has the offices of no district too.
    fn codes(&self, place: &Place) -> Vec<&str> {
        if *place == Place::Country {
            return self.figures.districts().collect();
        }
        let within = self.districts.iter().filter(|district| place.has(district));
        within.map(|district| district.code.as_str()).collect()
    }
}

#[allow(clippy::cast_precision_loss)]
fn share(number: u64, most: u64) -> f64 {
    number as f64 / most as f64
}

fn equals_title(place: &Place) -> &'static str {
    match place {
        Place::Country => "—",
        Place::Province(_) => "میانهٔ استان‌های دیگر",
        Place::County { .. } => "میانهٔ شهرستان‌های دیگر",
        Place::District(_) => "میانهٔ دهستان‌های دیگر",
    }
}

fn parts_title(place: &Place) -> &'static str {
    match place {
        Place::Country => "استان‌ها",
        Place::Province(_) => "شهرستان‌ها",
        Place::County { .. } => "دهستان‌ها",
        Place::District(_) => "",
    }
}

const NOTE: &str = "انتظارها به روز کاری است. «دیر» از روز کاری پس از مهلت است. موضوع‌ها را قاعده‌های \
                    نوشته‌شده برمی‌گزیند و کسی آن‌ها را انتخاب نمی‌کند. در این گزارش نامی از کسی نیست.";

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
