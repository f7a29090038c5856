//! Making the root of a day that has ended, once.
//!
//! Invariant: under the lock of the centre's row, so that of two processes one makes it and the
//! other finds it. A leaf that is in no table any more stays in the tree: the audit asks for it.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jiff::civil::Date;
use pishkhan_domain::ids::{DeviceNumber, OfficeCode};
use pishkhan_domain::jalali;
use pishkhan_protocol::day_root::{
    DAY_ROOT_VERSION, DayRoot, Inclusion, RootTree, SignedDayRoot, device_key, feed_key,
};
use pishkhan_protocol::keys::SecretKey;

use crate::centre::Centre;
use crate::secret::hex;
use crate::storage::day_roots::{self, Leaves, StoredRoot};
use crate::storage::{SharedStorage, StorageError, Unit, audit_log, identity};

/// How long after midnight: the last exchanges of the day have ended.
const AFTER_MIDNIGHT_MS: i64 = 5 * 60_000;
/// How long until a failure, or a clock that was set, is looked at again.
const LOOK_AGAIN: Duration = Duration::from_secs(10 * 60);

/// What came of making a root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Made {
    /// It was made.
    Now(SignedDayRoot),
    /// It was there.
    Before(SignedDayRoot),
}

/// The last day that has ended in Tehran at a time.
#[must_use]
pub fn ended(now: i64) -> Date {
    let today = jalali::tehran_date(now - AFTER_MIDNIGHT_MS);
    today.yesterday().unwrap_or(today)
}

/// Makes the root of the last day that has ended, unless it is there.
///
/// # Errors
/// [`StorageError`].
pub async fn make(
    storage: &SharedStorage,
    key: &SecretKey,
    now: i64,
) -> Result<Made, StorageError> {
    let day = ended(now).to_string();
    let mut unit = storage.begin().await?;
    let epoch = identity::lock(unit.as_mut()).await?;
    let newest = day_roots::newest(unit.as_mut()).await?;
    if let Some(found) = newest.as_ref().filter(|newest| newest.day >= day) {
        return Ok(Made::Before(found.signed.clone()));
    }
    let (tree, changed) = grown(unit.as_mut(), newest.as_ref()).await?;
    let root = DayRoot {
        version: DAY_ROOT_VERSION,
        day: day.clone(),
        at_ms: now,
        epoch,
        leaves: tree.leaves(),
        root: tree.root(),
        previous: newest.map_or([0; 32], |newest| newest.signed.hash()),
    };
    let signed = SignedDayRoot::sign(&root, key);
    let stored = StoredRoot { day: day.clone(), signed: signed.clone() };
    day_roots::insert(unit.as_mut(), &stored, &changed, now).await?;
    let detail = hex(&signed.hash());
    audit_log::record_order_of(unit.as_mut(), "root.made", &day, &detail, now).await?;
    unit.commit().await?;
    tracing::info!(day, leaves = root.leaves, "day root made");
    Ok(Made::Now(signed))
}

/// The tree as it is now, and which of its leaves are other than in the newest root.
async fn grown(
    unit: &mut dyn Unit,
    newest: Option<&StoredRoot>,
) -> Result<(RootTree, Leaves), StorageError> {
    let mut leaves = match newest {
        Some(newest) => day_roots::leaves_of(unit, &newest.day).await?,
        None => BTreeMap::new(),
    };
    let mut changed = BTreeMap::new();
    for leaf in day_roots::standing(unit).await? {
        let (key, bytes) = (leaf.key(), leaf.to_bytes());
        if leaves.get(&key) != Some(&bytes) {
            changed.insert(key.clone(), bytes.clone());
            leaves.insert(key, bytes);
        }
    }
    Ok((RootTree::of(leaves.into_values()), changed))
}

/// Makes each day's root soon after midnight, as long as the centre runs.
pub async fn keep_making(centre: Arc<Centre>) {
    loop {
        if let Err(error) = make(&centre.storage, &centre.key, centre.now()).await {
            crate::web::report(&error);
        }
        let now = centre.now();
        let begun = jalali::tehran_day_begins_at(jalali::tehran_date(now));
        let next = begun + 24 * 60 * 60_000 + AFTER_MIDNIGHT_MS;
        let until = Duration::from_millis(u64::try_from(next - now).unwrap_or(0) + 1_000);
        tokio::time::sleep(until.min(LOOK_AGAIN)).await;
    }
}

/// The newest root with its whole tree, held in memory for proofs.
#[derive(Default)]
pub struct RootShelf(RwLock<Option<Arc<Standing>>>);

/// A root whose leaves can be proved.
pub struct Standing {
    /// Its day.
    pub day: String,
    /// The root.
    pub signed: SignedDayRoot,
    places: BTreeMap<String, usize>,
    tree: RootTree,
}

impl RootShelf {
    /// The newest root, once there is one.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn newest(&self, unit: &mut dyn Unit) -> Result<Option<Arc<Standing>>, StorageError> {
        let Some(day) = day_roots::newest_day(unit).await? else { return Ok(None) };
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = known.filter(|known| known.day == day) {
            return Ok(Some(known));
        }
        let Some(StoredRoot { signed, .. }) = day_roots::find(unit, &day).await? else {
            return Ok(None);
        };
        let leaves = day_roots::leaves_of(unit, &day).await?;
        let places = leaves.keys().cloned().enumerate().map(|(place, key)| (key, place)).collect();
        let tree = RootTree::of(leaves.into_values());
        let standing = Arc::new(Standing { day, signed, places, tree });
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(standing.clone());
        Ok(Some(standing))
    }
}

impl Standing {
    /// That a device's log is in it.
    #[must_use]
    pub fn of_device(&self, device: DeviceNumber) -> Option<Inclusion> {
        self.tree.prove(*self.places.get(&device_key(device))?)
    }

    /// That what an office was told is in it.
    #[must_use]
    pub fn of_feed(&self, office: &OfficeCode) -> Option<Inclusion> {
        self.tree.prove(*self.places.get(&feed_key(office))?)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_ended_five_minutes_after_midnight_in_tehran() {
        // 2026-11-28T00:00 in Tehran.
        let midnight = jalali::tehran_day_begins_at(jalali::parse_iso("2026-11-28").unwrap());
        assert_eq!(ended(midnight + 4 * 60_000).to_string(), "2026-11-26");
        assert_eq!(ended(midnight + 5 * 60_000).to_string(), "2026-11-27");
        assert_eq!(ended(midnight + 23 * 60 * 60_000).to_string(), "2026-11-27");
    }
}
