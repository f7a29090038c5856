//! Filling what the desk looks applications up by, in rows that an older release has written.
//!
//! Invariant: a few rows of one office at a time, under that office's lock, so that nobody waits
//! for it and an older release may go on serving beside it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use pishkhan_domain::ids::{ApplicationId, OfficeCode};

use crate::centre::Centre;
use crate::service_clock::read;
use crate::storage::{StorageError, acts, applications, offices};

const AT_ONCE: u32 = 200;
/// An older release may still write while a newer one starts.
const EVERY: Duration = Duration::from_secs(10 * 60);

/// Fills all rows that are to be filled; gives how many there were.
///
/// # Errors
/// [`StorageError`].
pub async fn fill(centre: &Centre) -> Result<u64, StorageError> {
    let mut filled = 0;
    loop {
        let mut unit = centre.storage.read().await?;
        let found = applications::not_at_desk(unit.as_mut(), AT_ONCE).await?;
        drop(unit);
        let Some((office, _)) = found.first() else { return Ok(filled) };
        let ids = found.iter().filter(|(of, _)| of == office).map(|(_, id)| *id).collect();
        filled += fill_some(centre, office, &ids).await?;
    }
}

async fn fill_some(
    centre: &Centre,
    office: &OfficeCode,
    ids: &BTreeSet<ApplicationId>,
) -> Result<u64, StorageError> {
    let mut unit = centre.storage.begin().await?;
    offices::lock(unit.as_mut(), office).await?;
    let mut found = applications::find_all(unit.as_mut(), office, ids).await?;
    let calendar = centre.cards.current(unit.as_mut()).await?.working_calendar();
    for application in &mut found {
        let history = acts::of(unit.as_mut(), office, application.id).await?;
        // As of its last change: what the citizen has now is counted when it comes back.
        let reading = read(application, &history, application.changed_at, &calendar);
        application.answer_due_on = reading.due_on.to_string();
    }
    applications::upsert(unit.as_mut(), &found).await?;
    unit.commit().await?;
    Ok(found.len() as u64)
}

/// Fills at once, and looks again from time to time.
pub async fn keep_filled(centre: Arc<Centre>) {
    loop {
        match fill(&centre).await {
            Ok(0) => {}
            Ok(filled) => tracing::info!(filled, "columns of the desk filled"),
            Err(error) => tracing::warn!(%error, "columns of the desk not filled"),
        }
        tokio::time::sleep(EVERY).await;
    }
}
