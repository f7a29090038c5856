//! An event as it stands in a device's log: a header in two halves, and a body.
//!
//! The header's `core` is what paper must carry to prove a filing; its `rest` is represented on
//! paper by its hash alone. The chain covers header and commitment to the body, so that a body
//! that the law orders erased can go without breaking the proof.

use minicbor::{Decode, Encode};
use pishkhan_domain::ids::{DeviceNumber, EventId, OperatorId};
use sha2::{Digest, Sha256};

use crate::anchor::Anchor;
use crate::error::ProtocolError;

/// Version of the event layout written by this program. 1: November 2026, the first.
pub const EVENT_VERSION: u8 = 1;

/// A hash of SHA-256.
pub type Hash = [u8; 32];

/// The half of the header that a receipt carries.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Core {
    /// [`EVENT_VERSION`] of the writer.
    #[n(0)]
    pub version: u8,
    /// Device.
    #[n(1)]
    pub device: DeviceNumber,
    /// Place in the device's log, from 1, without gaps.
    #[n(2)]
    pub seq: u64,
    /// Kind of the body, see [`crate::body::EventBody::kind`].
    #[n(3)]
    pub kind: u8,
    /// Device's clock, milliseconds since 1970-01-01T00:00:00Z: a claim, not a proof. Never less
    /// than that of the event before plus one.
    #[n(4)]
    pub device_time_ms: i64,
    /// Last anchor of the centre that the device had seen.
    #[n(5)]
    pub anchor: Option<Anchor>,
    /// Tracking code as a number; only of a recorded application.
    #[n(6)]
    pub tracking_code: Option<u64>,
    /// Commitment to the printed facts; only of a recorded application.
    #[cbor(n(7), with = "minicbor::bytes")]
    pub summary_commit: Option<Hash>,
}

/// The half of the header that paper represents by its hash.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Rest {
    /// Hash of the event before; zeros for the first.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub prev_hash: Hash,
    /// Derived UUIDv7.
    #[n(1)]
    pub id: EventId,
    /// Who acted.
    #[n(2)]
    pub operator: OperatorId,
    /// Commitment to the body.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub body_commit: Hash,
}

/// An event: header and the exact bytes of its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Core of the header.
    pub core: Core,
    /// Rest of the header.
    pub rest: Rest,
    /// Body as encoded at filing.
    pub body: Vec<u8>,
}

impl Event {
    /// The event's hash, which the next event names and the head's signature covers.
    #[must_use]
    pub fn hash(&self) -> Hash {
        event_hash(&self.core.to_bytes(), &self.rest.hash())
    }
}

impl Core {
    /// Exact bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        to_cbor(self)
    }
    /// Reads a core.
    ///
    /// # Errors
    /// [`ProtocolError::Malformed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProtocolError> {
        from_cbor(bytes, "event core")
    }
}

impl Rest {
    /// Exact bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        to_cbor(self)
    }
    /// Reads a rest.
    ///
    /// # Errors
    /// [`ProtocolError::Malformed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProtocolError> {
        from_cbor(bytes, "event rest")
    }
    /// What stands for it on paper.
    #[must_use]
    pub fn hash(&self) -> Hash {
        tagged_hash(b"pishkhan/event-rest/v1", &[&self.to_bytes()])
    }
}

/// Hash of an event from the two halves of its header.
#[must_use]
pub fn event_hash(core_bytes: &[u8], rest_hash: &Hash) -> Hash {
    tagged_hash(b"pishkhan/event/v1", &[core_bytes, rest_hash])
}

/// SHA-256 over a tag and parts, each preceded by its length, so that no two lists collide.
#[must_use]
pub fn tagged_hash(tag: &[u8], parts: &[&[u8]]) -> Hash {
    let mut hasher = Sha256::new();
    for part in std::iter::once(&tag).chain(parts) {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// Deterministic CBOR of a value (definite lengths, sorted maps, no floats).
pub(crate) fn to_cbor<T: Encode<()>>(value: &T) -> Vec<u8> {
    // Writing to a Vec cannot fail, and our types encode without condition.
    minicbor::to_vec(value).unwrap_or_default()
}

/// Reads exactly one value; bytes left over are an error.
pub(crate) fn from_cbor<T: for<'b> Decode<'b, ()>>(
    bytes: &[u8],
    what: &'static str,
) -> Result<T, ProtocolError> {
    let mut decoder = minicbor::Decoder::new(bytes);
    let value = decoder.decode().map_err(|_| ProtocolError::Malformed { what })?;
    if decoder.position() == bytes.len() {
        Ok(value)
    } else {
        Err(ProtocolError::Malformed { what })
    }
}
