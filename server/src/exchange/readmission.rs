//! A device that the centre has forgotten, since it was restored from a backup that is older than
//! the device: its certificate, which the centre once signed, says who it is, and its secret is
//! derived again.
//!
//! Invariant: only who holds the certified key is admitted, and never under a number that is held.

use pishkhan_protocol::certificate::DeviceFacts;
use pishkhan_protocol::derive::device_secret;
use pishkhan_protocol::envelope::Envelope;
use pishkhan_protocol::exchange::{ExchangeRequest, MAX_MESSAGE_BYTES};
use pishkhan_protocol::head::Head;
use pishkhan_protocol::ingest::verify_batch;
use pishkhan_protocol::keys::Purpose;
use pishkhan_protocol::packing::unpack;

use super::ExchangeError;
use crate::centre::Centre;
use crate::lease::Leases;
use crate::storage::devices::{self, Device};
use crate::storage::{identity, offices};

/// Admits the sender again under its old number, with an empty log.
///
/// # Errors
/// [`ExchangeError::UnknownDevice`] for whoever does not prove to have been enrolled here.
pub(super) async fn readmit(centre: &Centre, envelope: &Envelope) -> Result<Device, ExchangeError> {
    let facts = certified(centre, envelope).ok_or(ExchangeError::UnknownDevice)?;
    admit(centre, &facts).await
}

/// Admits a device that has proved to hold the certified key.
///
/// # Errors
/// [`ExchangeError::Storage`].
pub(crate) async fn admit(centre: &Centre, facts: &DeviceFacts) -> Result<Device, ExchangeError> {
    let device = forgotten(centre, facts);
    let mut unit = centre.storage.begin().await?;
    let (unit_ref, now) = (unit.as_mut(), centre.now());
    if offices::find(unit_ref, &device.office).await?.is_none() {
        offices::upsert(unit_ref, &device.office, &facts.office_title, "", now).await?;
    }
    identity::leave_out(unit_ref, device.number).await?;
    devices::insert(unit_ref, &device, "", "", facts.enrolled_at_ms).await?;
    unit.commit().await?;
    tracing::warn!(
        device = device.number.0,
        office = device.office.0,
        "a forgotten device is admitted again by its certificate"
    );
    Ok(device)
}

/// A device as it was when it was enrolled.
pub(crate) fn forgotten(centre: &Centre, facts: &DeviceFacts) -> Device {
    Device {
        office: facts.office.clone(),
        number: facts.device,
        key: facts.key,
        secret: device_secret(&centre.secret, facts.device, &facts.key),
        head: Head::EMPTY,
        received_link: [0; 32],
        safe_seq: 0,
        leases: Leases::default(),
        revoked_at: None,
    }
}

fn certified(centre: &Centre, envelope: &Envelope) -> Option<DeviceFacts> {
    // The key that must have signed the request is in the request.
    let Envelope { encoding, dictionary, payload, .. } = envelope;
    let message = unpack(*encoding, *dictionary, payload, MAX_MESSAGE_BYTES).ok()?;
    let request = ExchangeRequest::from_bytes(&message).ok()?;
    let facts = request.certificate?.verify(&centre.key.public()).ok()?;
    envelope.open(Purpose::Request, &facts.key).ok()?;
    if facts.device != envelope.device {
        return None;
    }
    if let Some(batch) = &request.batch {
        // Enrolled before secrets were derived: it could never be understood.
        let secret = device_secret(&centre.secret, facts.device, &facts.key);
        verify_batch(facts.device, &secret, &facts.key, batch).ok()?;
    }
    Some(facts)
}
