//! Taking up several at once, always from the front of the queue; and what comes next.

use pishkhan_domain::ids::{AgencyCode, ApplicationId, ServiceCode};
use pishkhan_domain::lifecycle::State;

use super::{ActError, act};
use crate::centre::Centre;
use crate::projection::OfficerAct;
use crate::storage::queue::{self, Key, OPEN, QueueFilter, QueueRow};
use crate::storage::staff::Officer;
use crate::storage::{StorageError, Unit};

/// Most that are taken up at once.
pub const MOST_AT_ONCE: u32 = 50;

/// Takes up the first so many of a service, in order of filing. Those that a colleague took at the
/// same moment are left to the colleague.
///
/// # Errors
/// [`StorageError`]; what was taken up before it stays taken up.
pub async fn take_up_first(
    centre: &Centre,
    officer: &Officer,
    service: &ServiceCode,
    number: u32,
) -> Result<Vec<ApplicationId>, StorageError> {
    let mut filter = QueueFilter::of(&[State::Received]);
    filter.service = Some(service.clone());
    let mut unit = centre.storage.read().await?;
    let limit = number.min(MOST_AT_ONCE);
    let first = queue::page(unit.as_mut(), &officer.agency, &filter, None, limit).await?;
    drop(unit);
    let mut taken = Vec::new();
    for row in first {
        match act(centre, officer, row.id, row.changed_at, OfficerAct::Accept).await {
            Ok(_) => taken.push(row.id),
            Err(ActError::Storage(error)) => return Err(error),
            Err(_) => {}
        }
    }
    Ok(taken)
}

/// What an officer opens after an application: the next of its service that waits for the agency,
/// and behind the last one the first again.
///
/// # Errors
/// [`StorageError`].
pub async fn next_after(
    unit: &mut dyn Unit,
    agency: &AgencyCode,
    service: &ServiceCode,
    (filed_at, id): (i64, ApplicationId),
) -> Result<Option<QueueRow>, StorageError> {
    let mut filter = QueueFilter::of(&OPEN);
    filter.service = Some(service.clone());
    let after = Key { place: filed_at.to_string(), id: id.to_string() };
    let next = queue::page(unit, agency, &filter, Some(&after), 1).await?;
    if let Some(row) = next.into_iter().next() {
        return Ok(Some(row));
    }
    let first = queue::page(unit, agency, &filter, None, 1).await?;
    Ok(first.into_iter().find(|row| row.id != id))
}
