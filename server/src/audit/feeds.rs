//! What offices were told: numbers without gaps, each item linked to the one before, to the end
//! that the office's row names.

use pishkhan_protocol::event::Hash;
use pishkhan_protocol::feed::{FeedItem, feed_hash};

use super::finding::{Finding, Wrong};
use super::history::{History, Told};
use super::{Counts, MOST_NAMED, PAGE};
use crate::storage::{StorageError, Unit, evidence, offices};

/// Checks an office's feed, and gives what can be read of it to `history`.
pub(super) async fn check(
    unit: &mut dyn Unit,
    history: &mut History,
    counts: &mut Counts,
) -> Result<Vec<Finding>, StorageError> {
    let office = history.office.clone();
    let at = |number, wrong| Finding::new("feed", wrong).of(&office).at(number);
    let mut findings = Vec::new();
    let (mut number, mut hash): (u64, Hash) = (0, [0; 32]);
    loop {
        let page = evidence::feed(unit, &office, number, PAGE).await?;
        if page.is_empty() {
            break;
        }
        for row in page {
            counts.feed += 1;
            let missing = number + 1..row.number;
            let follows = missing.is_empty();
            findings.extend(missing.take(MOST_NAMED).map(|number| at(number, Wrong::FeedMissing)));
            let stored: Hash = row.hash.as_slice().try_into().unwrap_or_default();
            if follows && feed_hash(&hash, row.number, &row.item) != stored {
                findings.push(at(row.number, Wrong::FeedLink));
            }
            (number, hash) = (row.number, stored);
            match FeedItem::from_bytes(&row.item) {
                Ok(item) => {
                    if item.at_ms != row.created_at {
                        findings.push(at(row.number, Wrong::FeedTime));
                    }
                    history.told.push(Told { number, item });
                }
                Err(_) => findings.push(at(row.number, Wrong::Unreadable)),
            }
        }
    }
    let end = offices::find(unit, &office).await?;
    let end = end.map_or((0, [0; 32]), |office| (office.feed_number, office.feed_hash));
    if end != (number, hash) {
        findings.push(Finding::new("offices", Wrong::FeedEnd).of(&office).at(end.0));
        let missing = (number + 1..=end.0).take(MOST_NAMED);
        findings.extend(missing.map(|number| at(number, Wrong::FeedMissing)));
    }
    Ok(findings)
}
