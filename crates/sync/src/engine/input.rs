//! What the engine is told. Invariant: plain facts; whoever drives the engine has verified
//! signatures and read the store before.

use std::time::Duration;

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_protocol::exchange::Verdict;

/// Monotonic time since some origin of the driver's; never the wall clock, which an empty battery
/// or a helpful hand sets back.
pub type Moment = Duration;

/// Something happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Time passed.
    Tick,
    /// The store as it stands: at the start, and woken by every new local entry or document.
    Snapshot(StoreSnapshot),
    /// The operator asks for a try now.
    Asked(StoreSnapshot),
    /// Something that may be the centre answered the probe.
    ProbeAnswered,
    /// Nothing that may be the centre did.
    ProbeFailed(Trouble),
    /// A reply that the centre signed for this device.
    ReplyArrived(ReplyFacts),
    /// No such reply came.
    ExchangeFailed(Failure),
    /// The parcel cannot go; nothing of it is left on the way.
    ParcelRefused(ParcelRefusal),
    /// The reply is in the store, durably.
    Applied {
        /// The store after it.
        snapshot: StoreSnapshot,
        /// What came did not follow what was stored (a restored centre): ask again.
        again: bool,
    },
    /// The store could not take the reply, or could not be read for the request.
    StoreFailed,
    /// A piece of a document is at the centre; true if that was the last.
    UploadAdvanced {
        /// Nothing of this document is left to send.
        complete: bool,
        /// Bytes that went.
        sent_bytes: usize,
        /// The store after it.
        snapshot: StoreSnapshot,
    },
    /// The hub has what it was to be left, and what it had for this device is in the store.
    Posted {
        /// The store after it.
        snapshot: StoreSnapshot,
        /// The store when what the hub newly has was written.
        carried: Option<StoreSnapshot>,
    },
    /// The hub could not be reached, or did not take or give everything.
    PostFailed(StoreSnapshot),
    /// A piece did not get there.
    UploadFailed {
        /// Why.
        trouble: UploadTrouble,
        /// Is more of the document at the centre than when the last failure was told?
        progressed: bool,
        /// The store after it.
        snapshot: StoreSnapshot,
    },
}

/// What of the store matters to the engine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreSnapshot {
    /// Where the log ends.
    pub log_seq: u64,
    /// The centre's head as last acknowledged: a hint, until the centre answers.
    pub acknowledged_seq: u64,
    /// Last number of the feed.
    pub feed_cursor: u64,
    /// Last number of the catalogue.
    pub catalogue_cursor: u64,
    /// Documents that may be sent, most wanted first; the first few are enough.
    pub documents: Vec<ContentHash>,
}

impl StoreSnapshot {
    pub(crate) fn cursors(&self) -> (u64, u64) {
        (self.feed_cursor, self.catalogue_cursor)
    }
}

/// What of a verified reply matters to the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplyFacts {
    /// On the push.
    pub verdict: Verdict,
    /// The centre's head for this device.
    pub received_seq: u64,
    /// Is that head a point of this office's own log?
    pub received_is_ours: bool,
    /// Head before the first entry that had been sent.
    pub after_seq: u64,
    /// Entries that had been sent.
    pub sent_entries: usize,
    /// Bytes of their bodies.
    pub body_bytes: usize,
    /// Bytes of the request as sent.
    pub sent_bytes: usize,
    /// How it went up.
    pub carried: Carried,
    /// Bytes of the reply as it came.
    pub reply_bytes: usize,
    /// Is there more than came?
    pub more: bool,
    /// May documents be uploaded?
    pub upload_token: bool,
    /// Seconds that the centre asks not to come back before.
    pub retry_after: Option<Duration>,
}

/// How a request that was answered went up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carried {
    /// In one piece.
    Whole,
    /// As a parcel.
    Parcel {
        /// Bytes that went since the try began that was answered.
        bytes: usize,
        /// Round trips of that try.
        trips: u32,
        /// Largest piece of it.
        piece_bytes: usize,
    },
}

/// An exchange that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Why.
    pub trouble: Trouble,
    /// What may have gone before it did.
    pub gone: Gone,
}

/// What may be at the centre without our knowing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    /// Nothing: there was no connection, or an answer that says so.
    Nothing,
    /// A request in one piece.
    Whole {
        /// Its bytes as sent.
        bytes: usize,
    },
    /// Some of a parcel.
    Parcel {
        /// Is more of it at the centre than when the last failure was told?
        progressed: bool,
        /// Largest piece of it.
        piece_bytes: usize,
    },
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self { trouble, gone: Gone::Nothing }
    }
}

/// Why a parcel cannot go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParcelRefusal {
    /// The token is not, or no longer, taken.
    Token,
    /// The centre takes none.
    Unknown,
}

/// Why there was no reply of the centre. Nothing is ever deleted because of any of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No connection: no network, no name, refused, cut.
    Unreachable,
    /// The deadline passed.
    Timeout,
    /// Somebody answered who is not the centre, or not with a signed reply: captive portal, proxy,
    /// wrong key, 401, 403, redirects.
    NotTheCentre,
    /// 429, 5xx; with the wait that was ordered, if any.
    Busy {
        /// From `Retry-After`.
        retry_after: Option<Duration>,
    },
    /// 413.
    TooLarge,
}

/// Why a piece of a document did not get there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadTrouble {
    /// The line or the centre: any document would have failed.
    Line(Trouble),
    /// The token is not, or no longer, taken.
    TokenRefused,
    /// This document alone: unreadable here, or its bytes did not give its hash there; it starts
    /// from zero.
    Document(ContentHash),
}
