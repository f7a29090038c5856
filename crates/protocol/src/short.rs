//! The short exchange of protocol 2, for a session that both sides are sure of: authenticated by a
//! key made of the device's secret and the present lease, so that neither signatures of requests,
//! nor leases going up, nor hashes that both sides can compute need travel.
//!
//! Whatever is out of the ordinary (another lease, epoch or history, a revoked device) is no matter
//! for this form: the centre answers 412, and the device says the same in the full form
//! ([`crate::exchange`]), where every verdict has its word.

use minicbor::{Decode, Encode};
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::DeviceNumber;
use zeroize::Zeroize;

use crate::anchor::Anchor;
use crate::derive::{DeviceSecret, hmac};
use crate::error::ProtocolError;
use crate::event::{Hash, from_cbor, to_cbor};
use crate::exchange::{CatalogueEntry, FeedEntry, Verdict};
use crate::keys::SignatureBytes;

/// An authentication code: HMAC-SHA-256 (RFC 2104), its first 16 bytes.
pub type Code = [u8; 16];

/// [`ShortRequest::wants`]: a fresh anchor.
pub const WANTS_ANCHOR: u8 = 1;
/// [`ShortRequest::wants`]: a token for uploads.
pub const WANTS_TOKEN: u8 = 2;

/// Key of a session: known to whoever has the device's secret and the lease of this epoch.
pub struct SessionKey([u8; 32]);

impl Drop for SessionKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// A short message either way.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ShortEnvelope {
    /// The device.
    #[n(0)]
    pub device: DeviceNumber,
    /// As in [`crate::envelope::Envelope`].
    #[n(1)]
    pub encoding: u8,
    /// As in [`crate::envelope::Envelope`]; of a request also without compression, since it says
    /// too which dictionary the reply may use.
    #[n(2)]
    pub dictionary: u16,
    /// A [`ShortRequest`] or [`ShortReply`] as encoded.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub payload: Vec<u8>,
    /// By [`SessionKey::code_of_request`] or [`SessionKey::code_of_reply`].
    #[cbor(n(4), with = "minicbor::bytes")]
    pub code: Code,
}

/// From device to centre.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct ShortRequest {
    /// Head that the batch goes on from, or the centre's head as far as known.
    #[n(0)]
    pub after_seq: u64,
    /// Last number of the feed that the device has stored.
    #[n(1)]
    pub feed_cursor: u64,
    /// Last publication of the catalogue that the device has stored.
    #[n(2)]
    pub catalogue_cursor: u64,
    /// Sum of [`WANTS_ANCHOR`] and [`WANTS_TOKEN`].
    #[n(3)]
    pub wants: u8,
    /// Entries, if there are any to send.
    #[n(4)]
    pub batch: Option<ShortBatch>,
    /// Where the log ends, if not at the end of the batch. Without a batch it is always said, unless
    /// the log ends at `after_seq`.
    #[n(5)]
    pub log_seq: Option<u64>,
    /// Device time of the oldest entry that waits after this request, milliseconds since 1970.
    #[n(6)]
    pub oldest_waiting_ms: Option<i64>,
    /// As in [`crate::exchange::ExchangeRequest::reply_most_bytes`].
    #[n(7)]
    pub reply_most_bytes: Option<u32>,
}

/// As [`crate::exchange::Batch`], without the heads: the centre computes them.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ShortBatch {
    /// Device's signature on the head after the last entry.
    #[n(0)]
    pub signature: SignatureBytes,
    /// How `entries` is written.
    #[n(1)]
    pub codec: u8,
    /// The entries. With [`crate::columns::CODEC_COLUMNS`] in the context of the event at
    /// `after_seq`.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub entries: Vec<u8>,
}

/// From centre to device. The hash of the received head and that of the feed are not in it, but its
/// code covers them.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ShortReply {
    /// Always [`Verdict::Ok`] today.
    #[n(0)]
    pub verdict: Verdict,
    /// What the centre durably holds of this device: رسید مرکز.
    #[n(1)]
    pub received_seq: u64,
    /// Lease for the next exchange.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub lease: [u8; 16],
    /// How far the centre's backup is behind `received_seq`.
    #[n(3)]
    pub unsafe_entries: u64,
    /// As in [`crate::exchange::ExchangeReply`], like all that follow.
    #[n(4)]
    pub feed: Option<Vec<FeedEntry>>,
    /// New publications.
    #[n(5)]
    pub catalogue: Option<Vec<CatalogueEntry>>,
    /// Is there more than was sent?
    #[n(6)]
    pub more: Option<bool>,
    /// If it was wanted.
    #[n(7)]
    pub anchor: Option<Anchor>,
    /// If it was wanted.
    #[n(8)]
    pub upload_token: Option<String>,
    /// Do not come back before so many seconds.
    #[n(9)]
    pub retry_after_s: Option<u32>,
    /// Documents that are to be sent again.
    #[n(10)]
    pub wanted: Option<Vec<ContentHash>>,
}

/// What the code of a reply covers beside the reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Implied<'a> {
    /// Code of the request that it answers.
    pub request: &'a Code,
    /// Hash of the event at `received_seq`; zeros at 0.
    pub received_hash: &'a Hash,
    /// Hash of the feed at the last item sent, or at the cursor.
    pub feed_hash: &'a Hash,
}

impl SessionKey {
    /// The key of a device's session under a lease.
    #[must_use]
    pub fn of(secret: &DeviceSecret, epoch: &[u8; 16], lease: &[u8; 16]) -> Self {
        Self(hmac(&secret.0, &[b"pishkhan/session/v2", epoch, lease]))
    }

    /// Of a request.
    #[must_use]
    pub fn code_of_request(&self, envelope: &ShortEnvelope) -> Code {
        self.code_of(b"request", envelope, &[])
    }

    /// Of a reply.
    #[must_use]
    pub fn code_of_reply(&self, envelope: &ShortEnvelope, implied: &Implied<'_>) -> Code {
        let beside: [&[u8]; 3] = [implied.request, implied.received_hash, implied.feed_hash];
        self.code_of(b"reply", envelope, &beside)
    }

    fn code_of(&self, label: &[u8], envelope: &ShortEnvelope, beside: &[&[u8]]) -> Code {
        let device = envelope.device.0.to_be_bytes();
        let dictionary = envelope.dictionary.to_be_bytes();
        let encoding = [envelope.encoding];
        let own: [&[u8]; 5] = [label, &device, &encoding, &dictionary, &envelope.payload];
        let parts = [&own[..], beside].concat();
        let mut short = [0; 16];
        short.copy_from_slice(&hmac(&self.0, &parts)[..16]);
        short
    }
}

impl ShortEnvelope {
    /// Is the code the one expected? In constant time.
    ///
    /// # Errors
    /// [`ProtocolError::BadSignature`].
    pub fn check(&self, expected: &Code) -> Result<(), ProtocolError> {
        let difference =
            self.code.iter().zip(expected).fold(0, |all, (one, two)| all | (one ^ two));
        let equal = std::hint::black_box(difference) == 0;
        equal.then_some(()).ok_or(ProtocolError::BadSignature { what: "short message" })
    }

    /// Exact bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        to_cbor(self)
    }

    /// Reads an envelope; says nothing of its code.
    ///
    /// # Errors
    /// [`ProtocolError::Malformed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProtocolError> {
        from_cbor(bytes, "short message")
    }
}

impl ShortRequest {
    /// Exact bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        to_cbor(self)
    }
    /// Reads a request.
    ///
    /// # Errors
    /// [`ProtocolError::Malformed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProtocolError> {
        from_cbor(bytes, "short request")
    }
}

impl ShortReply {
    /// Exact bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        to_cbor(self)
    }
    /// Reads a reply.
    ///
    /// # Errors
    /// [`ProtocolError::Malformed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProtocolError> {
        from_cbor(bytes, "short reply")
    }
}
