//! Making the next event of a device's chain, the same way on both sides.

use pishkhan_domain::ids::{DeviceNumber, OperatorId};
use pishkhan_domain::tracking_code::TrackingCode;

use crate::anchor::Anchor;
use crate::body::EventBody;
use crate::derive::DeviceSecret;
use crate::event::{Core, EVENT_VERSION, Event, Hash, Rest, tagged_hash};
use crate::head::Head;
use crate::summary::{Summary, summary_commit};

/// What cannot be derived of an event: exactly what travels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Kind of the body.
    pub kind: u8,
    /// Device's clock, milliseconds since 1970.
    pub device_time_ms: i64,
    /// Last anchor seen.
    pub anchor: Option<Anchor>,
    /// Who acted.
    pub operator: OperatorId,
    /// Exact bytes of the body.
    pub body: Vec<u8>,
}

impl From<&Event> for Entry {
    fn from(event: &Event) -> Self {
        Self {
            kind: event.core.kind,
            device_time_ms: event.core.device_time_ms,
            anchor: event.core.anchor,
            operator: event.rest.operator,
            body: event.body.clone(),
        }
    }
}

/// The event that `entry` makes after `head`: everything else is derived. Deterministic: office
/// and centre call this same function and get the same hash.
#[must_use]
pub fn link(device: DeviceNumber, secret: &DeviceSecret, head: &Head, entry: Entry) -> Event {
    let seq = head.seq.saturating_add(1);
    let (tracking_code, summary) = match EventBody::from_bytes(&entry.body) {
        Ok(EventBody::ApplicationRecorded(recorded)) => (
            Some(tracking_code(device, secret, seq, recorded.code_attempt).as_u64()),
            Some(summary_commit(&secret.summary_salt(seq), &Summary::of(&recorded).to_bytes())),
        ),
        // Other kinds, and kinds of a later version, print no receipt.
        _ => (None, None),
    };
    Event {
        core: Core {
            version: EVENT_VERSION,
            device,
            seq,
            kind: entry.kind,
            device_time_ms: entry.device_time_ms,
            anchor: entry.anchor,
            tracking_code,
            summary_commit: summary,
        },
        rest: Rest {
            prev_hash: head.hash,
            id: secret.event_id(seq, entry.device_time_ms),
            operator: entry.operator,
            body_commit: body_commit(&secret.body_salt(seq), &entry.body),
        },
        body: entry.body,
    }
}

/// The tracking code of the application recorded at `seq`.
#[must_use]
pub fn tracking_code(
    device: DeviceNumber,
    secret: &DeviceSecret,
    seq: u64,
    attempt: u8,
) -> TrackingCode {
    TrackingCode::mint(device, secret.tracking_random(seq, attempt))
}

/// Commitment to the bytes of a body.
#[must_use]
pub fn body_commit(salt: &[u8; 16], body: &[u8]) -> Hash {
    tagged_hash(b"pishkhan/body/v1", &[salt, body])
}
