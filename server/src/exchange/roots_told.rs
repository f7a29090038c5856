//! The newest root of a day comes down to each office once, with the proof that what the centre
//! holds of its devices and what it was told are in it: so that every office keeps a copy, and sees
//! for itself that nothing of its own was left out.

use pishkhan_domain::ids::EventId;
use pishkhan_protocol::feed::{DayRootTold, FeedBody, FeedItem};

use crate::centre::Centre;
use crate::secret::uuid_at;
use crate::storage::offices::{self, Office};
use crate::storage::{StorageError, Unit, devices, feed};

/// Tells an office, whose row is locked, the newest root, unless it was told.
pub(crate) async fn tell_root(
    centre: &Centre,
    unit: &mut dyn Unit,
    office: &mut Office,
    now: i64,
) -> Result<(), StorageError> {
    let Some(newest) = centre.roots.newest(unit).await? else { return Ok(()) };
    if office.told_root >= newest.day {
        return Ok(());
    }
    let numbers = devices::numbers(unit, &office.code).await?;
    let mut inclusions: Vec<_> =
        numbers.into_iter().filter_map(|device| newest.of_device(device)).collect();
    inclusions.extend(newest.of_feed(&office.code));
    let told = DayRootTold { root: newest.signed.clone(), inclusions };
    let item = FeedItem {
        id: EventId(uuid_at(now)),
        at_ms: now,
        by: String::new(),
        body: FeedBody::DayRoot(Box::new(told)),
        after_seq: 0,
    };
    feed::append(unit, office, &[item]).await?;
    office.told_root.clone_from(&newest.day);
    offices::set_told_root(unit, office).await
}
