//! Does what the pages show follow from what offices signed and were told? Every act of the history
//! comes from an entry or from an item of the feed, in their order, and the application is where
//! these acts leave it.
//!
//! Invariant: pure, over rows that were read. Whether an entry could be used is not judged again
//! (rules change); the office was told of each that could not.

use std::collections::{BTreeMap, BTreeSet};

use pishkhan_domain::ids::ApplicationId;
use pishkhan_protocol::body::EventBody;

use super::finding::{Finding, Wrong};
use super::history::History;
use crate::cards::Cards;
use crate::projection::subject;
use crate::storage::acts::ActRecord;
use crate::storage::evidence::ApplicationRow;

mod columns;
mod decision;
mod story;

use columns::stored;
use decision::decided;
use story::{Own, Story};

/// What is stored of an office beside its logs.
pub(super) struct Shown {
    pub(super) applications: Vec<ApplicationRow>,
    pub(super) acts: Vec<(String, u64, Option<ActRecord>)>,
    pub(super) operators: Vec<(String, String)>,
}

/// What the replay needs besides.
pub(super) struct Rules<'a> {
    pub(super) cards: &'a Cards,
    pub(super) centre_secret: &'a [u8; 32],
    /// To which agency an application was handed over at a time, as the staff's log says.
    pub(super) handed_over: &'a BTreeMap<(String, i64), String>,
}

/// Compares what is shown with a replay of the logs.
pub(super) fn check(history: &History, shown: &Shown, rules: &Rules<'_>) -> Vec<Finding> {
    let office = &history.office;
    let mut findings = operators(history, shown);
    let parked = history.parked();
    let mut stories: BTreeMap<ApplicationId, Story<'_>> = BTreeMap::new();
    for entry in &history.entries {
        let about = match &entry.body {
            EventBody::ApplicationRecorded(_) => Some(entry.id),
            body => subject(body),
        };
        let Some(id) = about else { continue };
        let code = parked.get(&(entry.core.device, entry.core.seq)).copied();
        let story = stories.entry(id).or_insert_with(|| Story::new(office, id, rules));
        story.entries.entry(entry.core.device).or_default().push_back(Own { entry, code });
    }
    for told in &history.told {
        if let Some((id, _)) = decided(&told.item.body) {
            let story = stories.entry(id).or_insert_with(|| Story::new(office, id, rules));
            story.told.push_back(told);
        }
    }
    let mut rows: BTreeMap<ApplicationId, &ApplicationRow> = BTreeMap::new();
    for row in &shown.applications {
        match row.id.parse::<ApplicationId>() {
            Ok(id) if row.application.is_ok() => {
                rows.insert(id, row);
            }
            _ => {
                let about = Finding::new("applications", Wrong::Unreadable).of(office);
                findings.push(about.about(&row.id));
            }
        }
    }
    let mut acts: BTreeMap<ApplicationId, Vec<(u64, &ActRecord)>> = BTreeMap::new();
    for (id, number, act) in &shown.acts {
        match (id.parse::<ApplicationId>(), act) {
            (Ok(id), Some(act)) => acts.entry(id).or_default().push((*number, act)),
            _ => {
                let about = Finding::new("acts", Wrong::Unreadable).of(office);
                findings.push(about.about(id).at(*number));
            }
        }
    }
    let ids: BTreeSet<ApplicationId> =
        stories.keys().chain(rows.keys()).chain(acts.keys()).copied().collect();
    for id in ids {
        let story = stories.remove(&id).unwrap_or_else(|| Story::new(office, id, rules));
        findings.extend(story.tell(&acts.remove(&id).unwrap_or_default(), rows.get(&id).copied()));
    }
    findings
}

fn operators(history: &History, shown: &Shown) -> Vec<Finding> {
    let named: BTreeSet<(String, String)> = history
        .entries
        .iter()
        .filter_map(|entry| match &entry.body {
            EventBody::OperatorEnrolled(body) => {
                Some((body.operator.to_string(), stored(&body.name)))
            }
            _ => None,
        })
        .collect();
    let foreign = shown.operators.iter().filter(|known| !named.contains(*known));
    let about = |(operator, _): &(String, String)| {
        Finding::new("operators", Wrong::OperatorName).of(&history.office).about(operator)
    };
    foreign.map(about).collect()
}
