//! The log of what the staff did: numbers without gaps, each entry linked to the one before, to the
//! end that is kept beside it.

use std::collections::BTreeMap;

use pishkhan_protocol::event::Hash;

use super::finding::{Finding, Wrong};
use super::{Counts, MOST_NAMED, PAGE};
use crate::storage::{StorageError, Unit, audit_log, evidence};

/// What the log says of roots: the hash of each by its day.
pub(super) type RootsMade = BTreeMap<String, String>;

/// What other checks ask the log.
#[derive(Default)]
pub(super) struct Said {
    pub(super) roots: RootsMade,
    /// Agency by application and time.
    pub(super) handed_over: BTreeMap<(String, i64), String>,
}

/// Checks the log.
pub(super) async fn check(
    unit: &mut dyn Unit,
    counts: &mut Counts,
    findings: &mut Vec<Finding>,
) -> Result<Said, StorageError> {
    let at = |number, wrong| Finding::new("audit_log", wrong).at(number);
    let mut said = Said::default();
    let (mut number, mut hash): (u64, Hash) = (0, [0; 32]);
    loop {
        let page = audit_log::after(unit, number, PAGE).await?;
        if page.is_empty() {
            break;
        }
        for entry in page {
            counts.log += 1;
            let missing = number + 1..entry.number;
            let follows = missing.is_empty();
            findings.extend(missing.take(MOST_NAMED).map(|number| at(number, Wrong::LogMissing)));
            if follows && entry.link(&hash) != entry.hash {
                findings.push(at(entry.number, Wrong::LogLink));
            }
            (number, hash) = (entry.number, entry.hash);
            match entry.act.as_str() {
                "root.made" => {
                    said.roots.insert(entry.subject, entry.detail);
                }
                "application.handed_over" => {
                    said.handed_over.insert((entry.subject, entry.at), entry.detail);
                }
                _ => {}
            }
        }
    }
    let end = evidence::audit_log_end(unit).await?.unwrap_or_default();
    if (end.0, &end.1[..]) != (number, &hash[..]) {
        findings.push(Finding::new("audit_log_end", Wrong::LogEnd).at(end.0));
        let missing = (number + 1..=end.0).take(MOST_NAMED);
        findings.extend(missing.map(|number| at(number, Wrong::LogMissing)));
    }
    Ok(said)
}
