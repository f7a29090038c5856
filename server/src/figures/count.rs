//! What one application adds to the figures: a pure function of its history.
//!
//! Invariant: the same history gives the same sums, whenever it is counted; only "open now" says
//! something of now, and that as due days, which do not change while nothing happens.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use pishkhan_domain::ids::ServiceCode;
use pishkhan_domain::jalali::{parse_iso, tehran_date};
use pishkhan_domain::jalali_month::JalaliMonth;
use pishkhan_domain::lifecycle::Act;
use pishkhan_domain::service_card::ServiceCard;
use pishkhan_domain::service_clock::{self, Step, Wait};
use pishkhan_domain::working_days::{WorkingCalendar, add_working_days};

use super::sums::Sums;
use crate::storage::figures::{Acted, Filed, Part};
use crate::storage::ratings::Answers;

/// Who files comes once, and who fetches the answer comes once more.
const LEAST_VISITS: i64 = 2;

/// What is known besides the applications.
pub struct Surroundings<'a> {
    /// Working days.
    pub calendar: &'a WorkingCalendar,
    /// Kilometres to the district's centre.
    pub distance_km: i64,
    /// Centre's clock.
    pub now: i64,
}

/// An office's sums, growing.
#[derive(Default)]
pub struct Count(BTreeMap<(String, String), Sums>);

impl Count {
    /// Counts an application with the acts that changed it, in their order.
    pub fn add(
        &mut self,
        filed: &Filed,
        card: Option<&ServiceCard>,
        acts: &[Acted],
        around: &Surroundings<'_>,
    ) {
        let service = &filed.service;
        self.month(filed.filed_at, service).filed += 1;
        self.month(filed.received_at, service).received += 1;
        let steps: Vec<Step> = acts.iter().filter_map(step).collect();
        let first = |act| steps.iter().find(|step| step.act == act);
        if let Some(accepted) = first(Act::Accept) {
            self.month(accepted.received_at, service).accepted += 1;
        }
        if let Some(withdrawn) = first(Act::Withdraw) {
            self.month(withdrawn.received_at, service).withdrawn += 1;
        }
        let clock = service_clock::read(
            filed.filed_at,
            promised(filed, card, around.calendar),
            &steps,
            around.now,
            around.calendar,
        );
        let decision = |step: &&Step| matches!(step.act, Act::Approve | Act::Refuse);
        let Some(decided) = steps.iter().find(decision) else {
            let now = self.0.entry((String::new(), service.0.clone())).or_default();
            match clock.waits_for {
                Some(Wait::Citizen) => now.open_for_citizen += 1,
                Some(Wait::Line | Wait::Agency) => {
                    *now.open.entry(clock.due_on.to_string()).or_default() += 1;
                }
                None => {}
            }
            return;
        };
        let sums = self.month(decided.received_at, service);
        sums.line.add(clock.waits.line);
        sums.agency.add(clock.waits.agency);
        sums.citizen.add(clock.waits.citizen);
        sums.late += u64::from(clock.late_days > 0);
        if decided.act == Act::Approve {
            sums.approved += 1;
        } else {
            sums.refused += 1;
            *sums.refused_for.entry(filed.reason_code.clone()).or_default() += 1;
        }
        let fields: BTreeSet<&str> =
            acts.iter().flat_map(|act| &act.defects).map(|defect| defect.field.as_str()).collect();
        for field in fields {
            *sums.returned_for.entry(field.to_owned()).or_default() += 1;
        }
        sums.returned += u64::from(first(Act::Return).is_some());
        if let Some(card) = card {
            let mended = steps.iter().filter(|step| step.act == Act::Resubmit).count();
            let made = LEAST_VISITS + i64::try_from(mended).unwrap_or(i64::MAX - LEAST_VISITS);
            let saved = i64::from(card.visits_before) - made;
            sums.visits_saved += saved;
            sums.km_saved += saved * 2 * around.distance_km;
        }
    }

    /// Counts answers to the question of satisfaction.
    pub fn add_ratings(&mut self, answers: &[Answers]) {
        for Answers { month, service, rating, number } in answers {
            let sums = self.0.entry((month.clone(), service.0.clone())).or_default();
            if let Some(place) = sums.ratings.get_mut(usize::from(rating.saturating_sub(1))) {
                *place += number;
            }
        }
    }

    /// The sums by month and service, and of each month over all services.
    #[must_use]
    pub fn parts(self) -> Vec<Part> {
        let mut totals: BTreeMap<String, Sums> = BTreeMap::new();
        for ((month, _), sums) in &self.0 {
            *totals.entry(month.clone()).or_default() += sums;
        }
        let totals = totals.into_iter().map(|(month, sums)| ((month, String::new()), sums));
        let parts = self.0.into_iter().chain(totals).filter(|(_, sums)| !sums.is_empty());
        parts.map(|((month, service), sums)| Part { month, service, sums }).collect()
    }

    fn month(&mut self, at: i64, service: &ServiceCode) -> &mut Sums {
        self.0.entry((JalaliMonth::at(at).to_string(), service.0.clone())).or_default()
    }
}

/// The due day on the receipt; where that is none, counted again.
fn promised(filed: &Filed, card: Option<&ServiceCard>, calendar: &WorkingCalendar) -> Date {
    parse_iso(&filed.due_on).unwrap_or_else(|| {
        let days = card.map_or(0, |card| card.deadline_working_days);
        add_working_days(tehran_date(filed.filed_at), days, calendar).on
    })
}

fn step(act: &Acted) -> Option<Step> {
    let kind = match act.kind.as_str() {
        "recorded" => Act::Record,
        "received" => Act::Receive,
        "accepted" => Act::Accept,
        "returned" => Act::Return,
        "resubmitted" => Act::Resubmit,
        "approved" => Act::Approve,
        "refused" => Act::Refuse,
        "delivered" => Act::Deliver,
        "withdrawn" => Act::Withdraw,
        _ => return None,
    };
    Some(Step { act: kind, acted_at: act.acted_at, received_at: act.received_at })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
