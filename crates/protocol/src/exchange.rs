//! One exchange carries both directions.
//!
//! The device pushes what it believes the centre lacks and says where its feed stands; the centre
//! answers with what it durably holds and what is new. The centre's head, not the device's memory,
//! decides what is sent next. Accept first, judge later: the only verdicts here are on framing,
//! link and signature; what is wrong with an entry comes down the feed and blocks nothing.

use minicbor::{Decode, Encode};
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::DeviceNumber;

use crate::anchor::Anchor;
use crate::certificate::Certificate;
use crate::error::ProtocolError;
use crate::event::{Hash, from_cbor, tagged_hash, to_cbor};
use crate::head::Head;
use crate::keys::SignatureBytes;

/// Protocol of this program. 1: November 2026, the first. 2: 24 November 2026, adds the short
/// exchange ([`crate::short`]), the codec by columns, the trained dictionary, deltas of the
/// catalogue, batches of up to 20 000 entries and large exchanges sent as resumable uploads.
pub const PROTOCOL: u16 = 2;

/// Largest request or reply after decompression, in bytes.
pub const MAX_MESSAGE_BYTES: usize = 8 * 1024 * 1024;
/// Largest body of one event, in bytes.
pub const MAX_BODY_BYTES: usize = 48 * 1024;
/// Most entries in one batch.
pub const MAX_BATCH_ENTRIES: usize = 20_000;
/// Largest sum of the bodies of one batch, in bytes, with [`crate::columns`]; what travels is
/// bounded by [`MAX_MESSAGE_BYTES`] besides.
pub const MAX_BATCH_BYTES: usize = 32 * 1024 * 1024;

/// Most documents that one reply asks for again.
pub const MAX_WANTED: usize = 50;

/// Last sequence of a log: no office reaches it, every store can hold it, and what follows it
/// cannot run over.
pub const MAX_SEQ: u64 = 1 << 48;

/// From device to centre.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ExchangeRequest {
    /// [`PROTOCOL`] of the sender.
    #[n(0)]
    pub protocol: u16,
    /// Device.
    #[n(1)]
    pub device: DeviceNumber,
    /// Epoch of the centre that the device last spoke to.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub epoch: Option<[u8; 16]>,
    /// Lease that the centre gave last; the centre takes the current and the previous one.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub lease: Option<[u8; 16]>,
    /// Entries, if there are any to send.
    #[n(4)]
    pub batch: Option<Batch>,
    /// Last number of the feed that the device has stored.
    #[n(5)]
    pub feed_cursor: u64,
    /// Last publication of the catalogue that the device has stored.
    #[n(6)]
    pub catalogue_cursor: u64,
    /// Where the device's log ends now.
    #[n(7)]
    pub log_seq: u64,
    /// Device time of the oldest entry that waits, milliseconds since 1970; for the administrator.
    #[n(8)]
    pub oldest_waiting_ms: Option<i64>,
    /// Device's clock at sending, milliseconds since 1970.
    #[n(9)]
    pub sent_at_ms: i64,
    /// Program and version, for support.
    #[n(10)]
    pub agent: String,
    /// Largest reply that the line is trusted to carry in one piece, in bytes as sent; at least one
    /// item comes whatever its size. Since protocol 2.
    #[n(11)]
    pub reply_most_bytes: Option<u32>,
    /// Highest dictionary of [`crate::dictionary`] that the device can read. Since protocol 2.
    #[n(12)]
    pub dictionary: Option<u16>,
    /// The device's certificate, after a centre said that it does not know the device: one restored
    /// from a backup that is older than the device admits it again. Since protocol 2.
    #[n(13)]
    pub certificate: Option<Certificate>,
}

/// Consecutive entries of a device's log, and the signed head at their end.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Batch {
    /// Head before the first entry.
    #[n(0)]
    pub after: Head,
    /// Head after the last entry.
    #[n(1)]
    pub head: Head,
    /// Device's signature on `head`.
    #[n(2)]
    pub signature: SignatureBytes,
    /// How `entries` is written: [`crate::rows::CODEC_ROWS`].
    #[n(3)]
    pub codec: u8,
    /// The entries.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub entries: Vec<u8>,
}

/// What the centre says of the push. None of these loses anything at the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Verdict {
    /// Stored, or there was nothing to store.
    #[n(0)]
    Ok,
    /// The batch begins after the centre's head: send from `received` on.
    #[n(1)]
    Gap,
    /// The device tells another history than the centre has stored; kept aside. The device goes on
    /// under a new number after enrolment.
    #[n(2)]
    Fork,
    /// The entries do not give the signed head; nothing stored.
    #[n(3)]
    BadChain,
    /// The device is revoked: kept for review, nothing comes down.
    #[n(4)]
    Revoked,
    /// The lease is neither the current nor the previous one: a copy of this device may be alive.
    /// What was sent is stored; nothing comes down.
    #[n(5)]
    StaleLease,
    /// A codec or protocol the centre does not know.
    #[n(6)]
    Unsupported,
}

/// From centre to device.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ExchangeReply {
    /// Highest protocol of the centre.
    #[n(0)]
    pub protocol: u16,
    /// Device it is for.
    #[n(1)]
    pub device: DeviceNumber,
    /// The centre's epoch; changes when it was restored from a backup.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub epoch: [u8; 16],
    /// On the push.
    #[n(3)]
    pub verdict: Verdict,
    /// What the centre durably holds of this device: رسید مرکز.
    #[n(4)]
    pub received: Head,
    /// Up to here the centre's backup has it; the office forgets only what is safe.
    #[n(5)]
    pub safe_seq: u64,
    /// Centre's clock in a form that bounds the device's later filings from below.
    #[n(6)]
    pub anchor: Anchor,
    /// Lease for the next exchange.
    #[cbor(n(7), with = "minicbor::bytes")]
    pub lease: [u8; 16],
    /// New items of the office's feed, from the cursor on, without gaps.
    #[n(8)]
    pub feed: Vec<FeedEntry>,
    /// Hash of the feed at the last item sent (or at the cursor).
    #[cbor(n(9), with = "minicbor::bytes")]
    pub feed_hash: Hash,
    /// New publications of the catalogue.
    #[n(10)]
    pub catalogue: Vec<CatalogueEntry>,
    /// Is there more than was sent?
    #[n(11)]
    pub more: bool,
    /// Token for uploading documents, valid for an hour.
    #[n(12)]
    pub upload_token: Option<String>,
    /// Do not come back before so many seconds.
    #[n(13)]
    pub retry_after_s: Option<u32>,
    /// Highest dictionary that the centre can read. Since protocol 2.
    #[n(14)]
    pub dictionary: Option<u16>,
    /// Code of the request that this answers ([`code_of_request`]), so that an old reply is never
    /// taken for a new one. Since protocol 2.
    #[cbor(n(15), with = "minicbor::bytes")]
    pub answers: Option<[u8; 16]>,
    /// Documents of the device's office that the centre had and has lost, or found damaged: who has
    /// them sends them again. At most [`MAX_WANTED`]; what has no room is asked for another time.
    /// Since 28 November 2026.
    #[n(16)]
    pub wanted: Option<Vec<ContentHash>>,
}

/// What a reply names its request by: the beginning of a hash of the envelope's bytes.
#[must_use]
pub fn code_of_request(sealed: &[u8]) -> [u8; 16] {
    let hash = tagged_hash(b"pishkhan/request-code/v1", &[sealed]);
    let mut code = [0; 16];
    code.copy_from_slice(&hash[..16]);
    code
}

/// A numbered item of the feed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct FeedEntry {
    /// Number within the office's feed, from 1, without gaps.
    #[n(0)]
    pub number: u64,
    /// Exact bytes of a [`crate::feed::FeedItem`].
    #[cbor(n(1), with = "minicbor::bytes")]
    pub item: Vec<u8>,
}

/// A numbered publication: exact JSON bytes of a [`pishkhan_domain::catalogue::Publication`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct CatalogueEntry {
    /// Number of the publication, from 1; later ones replace earlier ones of the same service.
    #[n(0)]
    pub number: u64,
    /// The bytes; their hash is the version. With `base`, a zstd frame that gives them.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub bytes: Vec<u8>,
    /// The centre's signature on the bytes (as they are without a base).
    #[n(2)]
    pub signature: SignatureBytes,
    /// Hash of an earlier publication that the device has, which is the raw dictionary of the frame
    /// in `bytes`. Only to a device of protocol 2.
    #[n(3)]
    pub base: Option<ContentHash>,
}

impl ExchangeRequest {
    /// Exact bytes, to go into an envelope.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        to_cbor(self)
    }
    /// Reads a request.
    ///
    /// # Errors
    /// [`ProtocolError::Malformed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProtocolError> {
        from_cbor(bytes, "request")
    }
}

impl ExchangeReply {
    /// Exact bytes, to go into an envelope.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        to_cbor(self)
    }
    /// Reads a reply.
    ///
    /// # Errors
    /// [`ProtocolError::Malformed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProtocolError> {
        from_cbor(bytes, "reply")
    }
}
