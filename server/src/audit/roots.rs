//! The roots of the days: signed, linked, given by their leaves; and every leaf a place through
//! which its log still goes.

use std::collections::BTreeMap;

use pishkhan_protocol::day_root::{DayRoot, Leaf, RootTree, SignedDayRoot};
use pishkhan_protocol::event::Hash;
use pishkhan_protocol::keys::PublicKey;

use super::Counts;
use super::finding::{Finding, Wrong};
use super::staff_log::RootsMade;
use crate::secret::hex;
use crate::storage::day_roots::{self, Leaves};
use crate::storage::{StorageError, Unit, evidence};

/// Checks all roots; `published` are copies that somebody else has kept.
pub(super) async fn check(
    unit: &mut dyn Unit,
    key: &PublicKey,
    made: &RootsMade,
    published: &[SignedDayRoot],
    counts: &mut Counts,
    findings: &mut Vec<Finding>,
) -> Result<(), StorageError> {
    let mut before: Hash = [0; 32];
    let mut leaves = Leaves::new();
    let mut stored = BTreeMap::new();
    for root in day_roots::all(unit).await? {
        counts.roots += 1;
        let about = |wrong| Finding::new("day_roots", wrong).about(&root.day);
        let hash = root.signed.hash();
        if made.get(&root.day) != Some(&hex(&hash)) {
            findings.push(about(Wrong::RootNotInLog));
        }
        let said = match root.signed.verify(key) {
            Ok(said) => Some(said),
            Err(_) => {
                findings.push(about(Wrong::RootSignature));
                None
            }
        };
        if said.as_ref().is_some_and(|said| said.day != root.day) {
            findings.push(about(Wrong::RootDay));
        }
        if said.as_ref().is_some_and(|said| said.previous != before) {
            findings.push(about(Wrong::RootPrevious));
        }
        before = hash;
        for (key, bytes) in day_roots::changed_on(unit, &root.day).await? {
            counts.leaves += 1;
            let earlier = leaves.get(&key).map(Vec::as_slice);
            if let Some(wrong) = of_leaf(unit, &key, &bytes, earlier).await? {
                let leaf = format!("{} {key}", root.day);
                findings.push(placed(&bytes, Finding::new("day_root_leaves", wrong).about(leaf)));
            }
            leaves.insert(key, bytes);
        }
        if said.is_some_and(|said| !gives(&leaves, &said)) {
            findings.push(about(Wrong::RootTree));
        }
        stored.insert(root.day, root.signed);
    }
    for (key, bytes) in &leaves {
        if is_gone(unit, bytes).await? {
            let about = Finding::new("day_root_leaves", Wrong::LeafGone).about(key);
            findings.push(placed(bytes, about));
        }
    }
    for day in made.keys().filter(|day| !stored.contains_key(*day)) {
        findings.push(Finding::new("day_roots", Wrong::RootMissing).about(day));
    }
    for copy in published {
        let day = match copy.verify(key) {
            Ok(said) => said.day,
            Err(_) => String::new(),
        };
        if day.is_empty() || stored.get(&day) != Some(copy) {
            findings.push(Finding::new("day_roots", Wrong::RootPublished).about(day));
        }
    }
    Ok(())
}

fn gives(leaves: &Leaves, said: &DayRoot) -> bool {
    let tree = RootTree::of(leaves.values().cloned());
    (tree.leaves(), tree.root()) == (said.leaves, said.root)
}

/// Names the row that a leaf is about.
fn placed(bytes: &[u8], finding: Finding) -> Finding {
    match Leaf::from_bytes(bytes) {
        Ok(Leaf::Device(leaf)) => finding.device(leaf.device).at(leaf.head.seq),
        Ok(Leaf::Feed(leaf)) => finding.of(&leaf.office).at(leaf.number),
        Ok(Leaf::AuditLog(leaf)) => finding.at(leaf.number),
        Err(_) => finding,
    }
}

async fn of_leaf(
    unit: &mut dyn Unit,
    key: &str,
    bytes: &[u8],
    earlier: Option<&[u8]>,
) -> Result<Option<Wrong>, StorageError> {
    let Ok(leaf) = Leaf::from_bytes(bytes) else { return Ok(Some(Wrong::Unreadable)) };
    if leaf.key() != key {
        return Ok(Some(Wrong::Unreadable));
    }
    let earlier = earlier.and_then(|bytes| Leaf::from_bytes(bytes).ok());
    if earlier.is_some_and(|earlier| goes_back(&earlier, &leaf)) {
        return Ok(Some(Wrong::LeafBack));
    }
    Ok((!stands(unit, &leaf).await?).then_some(Wrong::LeafDiffers))
}

fn goes_back(earlier: &Leaf, later: &Leaf) -> bool {
    match (earlier, later) {
        (Leaf::Device(earlier), Leaf::Device(later)) => {
            later.head.seq < earlier.head.seq || later.key != earlier.key
        }
        (Leaf::Feed(earlier), Leaf::Feed(later)) => later.number < earlier.number,
        (Leaf::AuditLog(earlier), Leaf::AuditLog(later)) => later.number < earlier.number,
        _ => true,
    }
}

/// Does the log still go through the place that the leaf names?
async fn stands(unit: &mut dyn Unit, leaf: &Leaf) -> Result<bool, StorageError> {
    let zeros = |place: u64, hash: &Hash| place == 0 && *hash == [0; 32];
    Ok(match leaf {
        Leaf::Device(leaf) => {
            let place = evidence::device_at(unit, leaf.device, leaf.head.seq).await?;
            let log = zeros(leaf.head.seq, &leaf.head.hash)
                || place.hash.as_deref() == Some(&leaf.head.hash[..]);
            let received =
                leaf.received == [0; 32] || place.link.as_deref() == Some(&leaf.received[..]);
            let key = place.key.as_deref().is_none_or(|key| key == leaf.key.0);
            log && received && key
        }
        Leaf::Feed(leaf) => {
            zeros(leaf.number, &leaf.hash)
                || evidence::feed_at(unit, &leaf.office, leaf.number).await?.as_deref()
                    == Some(&leaf.hash[..])
        }
        Leaf::AuditLog(leaf) => {
            zeros(leaf.number, &leaf.hash)
                || evidence::audit_log_at(unit, leaf.number).await?.as_deref()
                    == Some(&leaf.hash[..])
        }
    })
}

async fn is_gone(unit: &mut dyn Unit, bytes: &[u8]) -> Result<bool, StorageError> {
    Ok(match Leaf::from_bytes(bytes) {
        Ok(Leaf::Device(leaf)) => {
            evidence::device_at(unit, leaf.device, leaf.head.seq).await?.key.is_none()
        }
        Ok(Leaf::Feed(leaf)) => crate::storage::offices::find(unit, &leaf.office).await?.is_none(),
        Ok(Leaf::AuditLog(_)) | Err(_) => false,
    })
}
