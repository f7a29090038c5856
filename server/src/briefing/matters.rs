//! The three matters that most need a decision, by the rules of docs/briefing.md.
//!
//! A rule names a matter when its threshold is passed; of all that are named, those that touch most
//! people come first, no rule more than twice.

use pishkhan_domain::digits::grouped_persian;
use serde::Serialize;

use super::facts::{Facts, level};
use super::measures::median;
use super::{Sources, measures};
use crate::facts as card_facts;
use crate::figures::place::Place;
use crate::figures::sums::Sums;
use crate::wording;

/// Matters on the page.
const MATTERS: usize = 3;
/// Of one rule.
const OF_ONE_RULE: usize = 2;
/// Returned, refused or decided: fewer than this are no pattern.
const LEAST: u64 = 5;
const RETURNED_PERCENT: u64 = 30;
const REFUSED_PERCENT: u64 = 20;
/// Working days by which the agency must be slower than its equals, at least.
const SLOWER_DAYS: i64 = 3;
/// Months over which an office's filings are averaged.
const MONTHS: u64 = 3;

/// Which rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// Undecided so long after the due day that this level must look.
    Late,
    /// Offices that the centre has not heard of for a week.
    Silent,
    /// Many are returned.
    Returned,
    /// The agency is slower than elsewhere.
    Slow,
    /// Many are refused.
    Refused,
}

/// A matter.
#[derive(Clone, Debug, Serialize)]
pub struct Matter {
    /// In two words.
    pub title: &'static str,
    /// What it is.
    pub text: String,
    /// Who decides.
    pub who: String,
    /// How many people it touches.
    #[serde(skip)]
    pub people: u64,
    /// By which rule.
    #[serde(skip)]
    pub rule: Rule,
}

/// Those that most need a decision.
#[must_use]
pub fn chosen(now: &Facts, equals: &[Facts], place: &Place, sources: &Sources<'_>) -> Vec<Matter> {
    let mut named = Vec::new();
    for (service, number) in &now.risen {
        named.push(late(service, *number, place, sources));
    }
    named.extend(silent(now, place, sources));
    for (service, sums) in &now.by_service {
        named.extend(returned(service, sums, sources));
        named.extend(slow(service, sums, equals, sources));
        named.extend(refused(service, sums, equals, sources));
    }
    best(named)
}

fn best(mut named: Vec<Matter>) -> Vec<Matter> {
    // Ties by rule, and then as they were named: by service.
    named.sort_by_key(|matter| (std::cmp::Reverse(matter.people), matter.rule));
    let mut chosen: Vec<Matter> = Vec::new();
    for matter in named {
        let of_rule = chosen.iter().filter(|other| other.rule == matter.rule).count();
        if chosen.len() < MATTERS && of_rule < OF_ONE_RULE {
            chosen.push(matter);
        }
    }
    chosen
}

fn late(service: &str, number: u64, place: &Place, sources: &Sources<'_>) -> Matter {
    let days = level(place).from_late_days();
    let text = format!(
        "{} درخواست «{}»، {} روز کاری یا بیشتر پس از مهلت، هنوز بی‌پاسخ است.",
        count(number),
        title(service, sources),
        wording::number(days),
    );
    matter(Rule::Late, "بی‌پاسخ پس از مهلت", text, agency(service, sources), number)
}

fn silent(now: &Facts, place: &Place, sources: &Sources<'_>) -> Option<Matter> {
    let text = format!(
        "{} دفتر از {} دفتر بیش از هفت روز است که با مرکز تماس نداشته است؛ درخواست‌های آن‌جا هنوز به دستگاه نرسیده است.",
        wording::number(now.silent),
        wording::number(now.offices),
    );
    // As many as these offices file in a month, by the average of all offices here.
    let month = pishkhan_domain::jalali_month::JalaliMonth::of(sources.today);
    let filed: u64 = month
        .previous()
        .last(u16::try_from(MONTHS).unwrap_or(1))
        .iter()
        .flat_map(|month| sources.sums(place, &month.to_string()).into_values())
        .map(|sums| sums.filed)
        .sum();
    let people = (filed * now.silent / (MONTHS * now.offices.max(1))).max(now.silent);
    (now.silent > 0)
        .then(|| matter(Rule::Silent, "دفترهای خاموش", text, "مرکز و بخشداری".to_owned(), people))
}

fn returned(service: &str, sums: &Sums, sources: &Sources<'_>) -> Option<Matter> {
    let enough = sums.returned >= LEAST && sums.returned * 100 >= RETURNED_PERCENT * sums.decided();
    let most =
        sums.returned_for.iter().max_by_key(|(path, number)| (**number, std::cmp::Reverse(*path)));
    let cause = most.map_or_else(String::new, |(path, number)| {
        let label =
            card(service, sources).map_or_else(|| path.clone(), |c| card_facts::label(c, path));
        format!(" بیش از همه برای «{label}» ({} بار).", count(*number))
    });
    let text = format!(
        "از {} درخواست «{}» که پاسخ گرفت، {} دست‌کم یک بار برگشته است ({}).{cause}",
        count(sums.decided()),
        title(service, sources),
        count(sums.returned),
        measures::percent(sums.returned, sums.decided()),
    );
    enough.then(|| {
        let who = agency(service, sources);
        matter(Rule::Returned, "برگشت زیاد", text, who, sums.returned)
    })
}

fn slow(service: &str, sums: &Sums, equals: &[Facts], sources: &Sources<'_>) -> Option<Matter> {
    let waited = |sums: &Sums| sums.agency.median().map(i64::from);
    let others = equals.iter().filter_map(|facts| waited(facts.by_service.get(service)?)).collect();
    let (mine, theirs) = (waited(sums)?, median(others)?);
    let slower = mine >= theirs + SLOWER_DAYS && mine * 2 >= theirs * 3;
    let text = format!(
        "میانهٔ انتظار دستگاه برای «{}» {} روز کاری است؛ در جاهای هم‌سنگ {} روز.",
        title(service, sources),
        wording::number(mine),
        wording::number(theirs),
    );
    (slower && sums.decided() >= LEAST).then(|| {
        matter(Rule::Slow, "کندتر از دیگران", text, agency(service, sources), sums.decided())
    })
}

fn refused(service: &str, sums: &Sums, equals: &[Facts], sources: &Sources<'_>) -> Option<Matter> {
    let share = |sums: &Sums| {
        let decided = sums.decided();
        (decided > 0).then(|| i64::try_from(sums.refused * 100 / decided).unwrap_or(i64::MAX))
    };
    let others: Vec<i64> =
        equals.iter().filter_map(|facts| share(facts.by_service.get(service)?)).collect();
    let twice = median(others).is_none_or(|theirs| share(sums).unwrap_or(0) >= 2 * theirs);
    let enough = sums.refused >= LEAST && sums.refused * 100 >= REFUSED_PERCENT * sums.decided();
    let text = format!(
        "از {} درخواست «{}» که پاسخ گرفت، {} رد شده است ({}).",
        count(sums.decided()),
        title(service, sources),
        count(sums.refused),
        measures::percent(sums.refused, sums.decided()),
    );
    (enough && twice)
        .then(|| matter(Rule::Refused, "رد زیاد", text, agency(service, sources), sums.refused))
}

fn matter(rule: Rule, title: &'static str, text: String, who: String, people: u64) -> Matter {
    Matter { title, text, who, people, rule }
}

fn count(number: u64) -> String {
    grouped_persian(i64::try_from(number).unwrap_or(i64::MAX))
}

fn card<'a>(
    service: &str,
    sources: &'a Sources<'_>,
) -> Option<&'a pishkhan_domain::service_card::ServiceCard> {
    sources.cards.newest().find(|card| card.code.0 == service)
}

fn title(service: &str, sources: &Sources<'_>) -> String {
    card(service, sources).map_or_else(|| service.to_owned(), |card| card.title.fa.clone())
}

fn agency(service: &str, sources: &Sources<'_>) -> String {
    card(service, sources).map_or_else(|| "دستگاه".to_owned(), |card| card.agency.title.fa.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(rule: Rule, people: u64) -> Matter {
        matter(rule, "", people.to_string(), String::new(), people)
    }

    #[test]
    fn those_that_touch_most_people_come_first_and_no_rule_thrice() {
        let chosen = best(vec![
            named(Rule::Returned, 50),
            named(Rule::Late, 9),
            named(Rule::Returned, 40),
            named(Rule::Returned, 30),
            named(Rule::Refused, 9),
        ]);
        let told: Vec<(Rule, u64)> = chosen.iter().map(|m| (m.rule, m.people)).collect();
        assert_eq!(told, [(Rule::Returned, 50), (Rule::Returned, 40), (Rule::Late, 9)]);
    }
}
