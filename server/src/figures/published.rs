//! What is shown to everybody: twelve whole months by service and district, small numbers kept
//! back.
//!
//! Invariant: page, CSV, JSON and posters show this and nothing besides. Only whole months, so
//! that nobody learns of one application by comparing two days.

use std::collections::BTreeMap;

use pishkhan_domain::jalali_month::JalaliMonth;

use super::shelf::Figures;
use super::sums::{Days, Sums};
use super::suppress::{Table, is_small, kept_back, kept_back_of};
use crate::cards::Cards;
use crate::facts;
use crate::storage::districts::District;

/// Months that are told of.
pub const MONTHS: u16 = 12;
/// Below this many, the ninth of ten is nearly somebody's own wait.
const LEAST_FOR_NINTH: u64 = 10;

/// A wait in working days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waited {
    /// Half waited no longer.
    pub median: u32,
    /// Nine of ten waited no longer; none of few.
    pub ninth: Option<u32>,
}

/// Answers to the question of satisfaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Satisfaction {
    /// Mean in tenths, 10 to 50.
    pub tenths: u64,
    /// Answers.
    pub rated: u64,
}

/// Figures as everybody sees them; none where they are kept back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// Filed.
    pub filed: Option<u64>,
    /// Decided.
    pub decided: Option<u64>,
    /// Approved.
    pub approved: Option<u64>,
    /// Refused.
    pub refused: Option<u64>,
    /// Returned at least once.
    pub returned: Option<u64>,
    /// Decided after the due day.
    pub late: Option<u64>,
    /// Wait for the line.
    pub line: Option<Waited>,
    /// Wait for the agency.
    pub agency: Option<Waited>,
    /// Wait for the citizen.
    pub citizen: Option<Waited>,
    /// Visits saved.
    pub visits_saved: Option<i64>,
    /// Kilometres saved.
    pub km_saved: Option<i64>,
    /// Satisfaction.
    pub satisfaction: Option<Satisfaction>,
}

/// What of it is kept back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeptBack {
    filed: bool,
    decided: bool,
    refused: bool,
    returned: bool,
    late: bool,
    rated: bool,
}

impl Shown {
    /// Of sums.
    #[must_use]
    pub fn of(sums: &Sums, kept_back: KeptBack) -> Self {
        let decided = |number: u64| (!kept_back.decided).then_some(number);
        let waited = |days: &Days| {
            let median = days.median().filter(|_| !kept_back.decided)?;
            let ninth = days.percentile(90).filter(|_| days.count() >= LEAST_FOR_NINTH);
            Some(Waited { median, ninth })
        };
        let refused_shown = !kept_back.refused;
        Self {
            filed: (!kept_back.filed).then_some(sums.filed),
            decided: decided(sums.decided()),
            approved: refused_shown.then_some(sums.approved),
            refused: refused_shown.then_some(sums.refused),
            returned: (!kept_back.returned).then_some(sums.returned),
            late: (!kept_back.late).then_some(sums.late),
            line: waited(&sums.line),
            agency: waited(&sums.agency),
            citizen: waited(&sums.citizen),
            visits_saved: (!kept_back.decided).then_some(sums.visits_saved),
            km_saved: (!kept_back.decided).then_some(sums.km_saved),
            satisfaction: sums
                .satisfaction_tenths()
                .filter(|_| !kept_back.rated)
                .map(|tenths| Satisfaction { tenths, rated: sums.rated() }),
        }
    }
}

/// A service by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Code.
    pub code: String,
    /// Title.
    pub title: String,
    /// Agency's title.
    pub agency: String,
    /// Legal deadline in working days; none for a service that is not published any more.
    pub deadline: Option<u16>,
    /// Why applications were returned and refused, most often first.
    pub returned_for: Vec<Reason>,
    /// Why they were refused.
    pub refused_for: Vec<Reason>,
}

/// A reason and how often it was given; none where that is kept back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Code or path.
    pub code: String,
    /// In words.
    pub title: String,
    /// How often.
    pub number: Option<u64>,
}

/// A month of all services and districts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Month {
    /// Which.
    pub month: JalaliMonth,
    /// Its figures.
    pub shown: Shown,
}

/// Everything that is shown.
#[derive(Clone, Debug)]
pub struct Published {
    /// First and last month.
    pub months: Vec<Month>,
    /// Services, in the order of the table's rows.
    pub services: Vec<Service>,
    /// Districts, in the order of its columns.
    pub districts: Vec<District>,
    table: Table<Shown>,
}

impl Published {
    /// Makes it of the figures as they stand in a month, which itself is not yet told of.
    #[must_use]
    pub fn make(
        figures: &Figures,
        cards: &Cards,
        districts: &[District],
        running: JalaliMonth,
    ) -> Self {
        let months = running.previous().last(MONTHS);
        let districts = known(figures, districts);
        let mut by_service: BTreeMap<String, Vec<Sums>> = BTreeMap::new();
        for card in cards.newest() {
            by_service.insert(card.code.0.clone(), vec![Sums::default(); districts.len()]);
        }
        let mut by_month = Vec::new();
        for month in months {
            let mut all = Sums::default();
            for (column, district) in districts.iter().enumerate() {
                for (service, sums) in figures.services(&district.code, &month.to_string()) {
                    all += sums;
                    let row = by_service
                        .entry(service.to_owned())
                        .or_insert_with(|| vec![Sums::default(); districts.len()]);
                    row[column] += sums;
                }
            }
            by_month.push((month, all));
        }
        let codes: Vec<String> = by_service.keys().cloned().collect();
        let (table, kept) = protect(by_service.into_values().collect());
        let named = codes.iter().enumerate().map(|(row, code)| {
            let total = table.at(row, districts.len());
            service(code, cards, total.map(|sums| (sums, kept.at(row, districts.len()))))
        });
        let services = named.collect();
        Self {
            months: shown_months(&by_month),
            services,
            districts,
            table: table.zip(&kept, |sums, kept| Shown::of(sums, *kept)),
        }
    }

    /// Of a service and a district; without one of them, over all.
    #[must_use]
    pub fn at(&self, service: Option<usize>, district: Option<usize>) -> Option<&Shown> {
        let row = service.unwrap_or(self.services.len());
        self.table.at(row, district.unwrap_or(self.districts.len()))
    }

    /// Row of a service.
    #[must_use]
    pub fn service(&self, code: &str) -> Option<usize> {
        self.services.iter().position(|service| service.code == code)
    }

    /// Column of a district.
    #[must_use]
    pub fn district(&self, code: &str) -> Option<usize> {
        self.districts.iter().position(|district| district.code == code)
    }

    /// Is there anything to tell?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.at(None, None).is_none_or(|all| {
            [all.filed, all.decided].iter().all(|number| number.is_none_or(|number| number == 0))
        })
    }
}

/// Offices of a district beside each other: each one's figures over all services.
#[must_use]
pub fn protect_offices(offices: &[Sums]) -> Vec<Shown> {
    let kept = protect_line(offices);
    offices.iter().zip(kept).map(|(sums, kept)| Shown::of(sums, kept)).collect()
}

/// Those that have figures, by province, county and title; last the offices of no district.
fn known(figures: &Figures, districts: &[District]) -> Vec<District> {
    let mut known: Vec<District> = districts
        .iter()
        .filter(|district| figures.districts().any(|code| code == district.code))
        .cloned()
        .collect();
    for code in figures.districts() {
        if !known.iter().any(|district| district.code == code) {
            known.push(District {
                code: code.to_owned(),
                title: if code.is_empty() { "نامشخص".to_owned() } else { code.to_owned() },
                county: String::new(),
                province: String::new(),
            });
        }
    }
    known
}

fn service(code: &str, cards: &Cards, total: Option<(&Sums, Option<&KeptBack>)>) -> Service {
    let card = cards.newest().find(|card| card.code.0 == code);
    let title_of =
        |path: &str| card.map_or_else(|| path.to_owned(), |card| facts::label(card, path));
    let refusal = |code: &str| {
        let reasons = card.map_or(&[][..], |card| &card.refusal_reasons);
        let known = reasons.iter().find(|reason| reason.code == code);
        known.map_or_else(|| code.to_owned(), |reason| reason.title.fa.clone())
    };
    let (returned_for, refused_for) = match total {
        Some((sums, Some(kept))) => {
            let of =
                |hidden: bool, counts: &BTreeMap<String, u64>, title: &dyn Fn(&str) -> String| {
                    if hidden { Vec::new() } else { reasons(counts, title) }
                };
            (
                of(kept.returned, &sums.returned_for, &title_of),
                of(kept.refused, &sums.refused_for, &refusal),
            )
        }
        _ => Default::default(),
    };
    Service {
        code: code.to_owned(),
        title: card.map_or_else(|| code.to_owned(), |card| card.title.fa.clone()),
        agency: card.map_or_else(String::new, |card| card.agency.title.fa.clone()),
        deadline: card.map(|card| card.deadline_working_days),
        returned_for,
        refused_for,
    }
}

fn reasons(counts: &BTreeMap<String, u64>, title: &dyn Fn(&str) -> String) -> Vec<Reason> {
    let numbers: Vec<u64> = counts.values().copied().collect();
    let mut reasons: Vec<Reason> = counts
        .keys()
        .zip(&numbers)
        .zip(kept_back_of(&numbers))
        .map(|((code, number), kept)| Reason {
            code: code.clone(),
            title: title(code),
            number: (!kept).then_some(*number),
        })
        .collect();
    // Those that are kept back stand last and in the order of their titles, which tells nothing.
    reasons.sort_by(|a, b| (b.number, &a.title).cmp(&(a.number, &b.title)));
    reasons
}

fn shown_months(months: &[(JalaliMonth, Sums)]) -> Vec<Month> {
    let sums: Vec<Sums> = months.iter().map(|(_, sums)| sums.clone()).collect();
    let kept = protect_line(&sums);
    let shown = months.iter().zip(kept);
    shown
        .map(|((month, sums), kept)| Month { month: *month, shown: Shown::of(sums, kept) })
        .collect()
}

/// Adds the sums of rows and columns, and decides what is kept back.
fn protect(mut rows: Vec<Vec<Sums>>) -> (Table<Sums>, Table<KeptBack>) {
    for row in &mut rows {
        row.push(row.iter().sum());
    }
    let columns = rows.first().map_or(1, Vec::len);
    let sums = (0..columns).map(|column| rows.iter().map(|row| &row[column]).sum()).collect();
    rows.push(sums);
    let table = Table::new(rows);
    let kept = protect_table(&table);
    (table, kept)
}

fn protect_table(table: &Table<Sums>) -> Table<KeptBack> {
    let number = |of: fn(&Sums) -> u64| table.map(of);
    let alone = |numbers: &Table<u64>| {
        kept_back(std::slice::from_ref(numbers), numbers.map(|number| is_small(*number)))
    };
    let filed = alone(&number(|sums| sums.filed));
    let rated = alone(&number(Sums::rated));
    let decided = alone(&number(Sums::decided));
    // A part of those decided tells the other part too.
    let part = |of: fn(&Sums) -> u64| {
        let (part, rest) = (table.map(of), table.map(|sums| sums.decided() - of(sums)));
        let small = part.zip(&rest, |part, rest| is_small(*part) || is_small(*rest));
        kept_back(&[part, rest], small.zip(&decided, |small, hidden| *small || *hidden))
    };
    let refused = part(|sums| sums.refused);
    let returned = part(|sums| sums.returned);
    let late = part(|sums| sums.late);
    let none = KeptBack::default();
    table
        .map(|_| none)
        .zip(&filed, |kept, filed| KeptBack { filed: *filed, ..*kept })
        .zip(&decided, |kept, decided| KeptBack { decided: *decided, ..*kept })
        .zip(&refused, |kept, refused| KeptBack { refused: *refused, ..*kept })
        .zip(&returned, |kept, returned| KeptBack { returned: *returned, ..*kept })
        .zip(&late, |kept, late| KeptBack { late: *late, ..*kept })
        .zip(&rated, |kept, rated| KeptBack { rated: *rated, ..*kept })
}

/// Of figures beside each other whose sum is shown.
fn protect_line(line: &[Sums]) -> Vec<KeptBack> {
    let (_, kept) = protect(vec![line.to_vec()]);
    (0..line.len()).filter_map(|column| kept.at(0, column).copied()).collect()
}

#[cfg(test)]
mod tests;
