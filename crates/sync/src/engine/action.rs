//! What the engine wants done. Invariant: of [`Action::Probe`], [`Action::Exchange`],
//! [`Action::Apply`], [`Action::Upload`] and [`Action::Post`] at most one is in flight.

use pishkhan_domain::content_hash::ContentHash;

use super::input::Moment;

/// To be done by the driver, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// See whether something that may be the centre answers.
    Probe,
    /// Send entries, as many as fit; also with none, to ask for news. A parcel that is on its way
    /// goes on instead.
    Exchange(Order),
    /// Put the reply that just arrived into the store, in one transaction.
    Apply,
    /// Send the next piece of this document, from the offset that the centre names.
    Upload {
        /// Which.
        hash: ContentHash,
        /// Largest piece.
        max_bytes: usize,
    },
    /// Go to the hub, and fetch the centre's answers from there.
    Post {
        /// Leave there what waits; the hub has not got all of it.
        send: bool,
    },
    /// Wait for this moment, or for a snapshot; without a moment, until the operator asks.
    Sleep {
        /// When to tick.
        until: Option<Moment>,
    },
    /// Tell the window.
    Report(Report),
}

/// An exchange to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// The centre's head as far as known.
    pub after_seq: u64,
    /// Bytes of bodies; at least one entry goes whatever its size.
    pub max_bytes: usize,
    /// Most entries.
    pub max_entries: usize,
    /// A request that is larger than this as sent goes as a parcel, if parcels go at all.
    pub whole_most_bytes: usize,
    /// May it go as a parcel?
    pub parcels: bool,
    /// Most bytes of a parcel in one piece.
    pub piece_most_bytes: usize,
    /// Largest reply that the line is trusted to carry in one piece.
    pub reply_most_bytes: u32,
    /// A token for uploads will be needed.
    pub wants_token: bool,
    /// If not even one entry goes in one piece, ask for the token alone.
    pub token_first: bool,
}

/// What the background task is doing, for the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// Nothing waits.
    Idle,
    /// Looking whether the centre answers.
    Probing,
    /// Sending entries or fetching answers.
    Exchanging,
    /// Sending documents.
    Uploading,
    /// Carrying what waits to the hub.
    Posting,
    /// Waiting for the next try.
    Waiting,
    /// Stopped until somebody acts.
    Stopped,
}

/// The last answer of the centre, or the last trouble on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A full exchange succeeded.
    CentreOk,
    /// The centre sheds load or cannot answer now.
    CentreBusy,
    /// No connection.
    LineUnreachable,
    /// A deadline passed.
    LineTimeout,
    /// Somebody else answered.
    NotTheCentre,
    /// The device is revoked.
    DeviceRevoked,
    /// The centre knows another history of this device.
    DeviceFork,
    /// A copy of this device is alive, or this is an old copy.
    DeviceStaleCopy,
    /// An entry of this log does not give the hash it had: the disk lost a bit.
    DeviceLogDamaged,
    /// The centre does not speak this version.
    ProtocolUnsupported,
    /// A document could not be read here, or keeps arriving wrong.
    DocumentFailed,
    /// This disk could not be read or written.
    DiskFailed,
}

impl Answer {
    /// Code of its sentence.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::CentreOk => "centre.ok",
            Self::CentreBusy => "centre.busy",
            Self::LineUnreachable => "line.unreachable",
            Self::LineTimeout => "line.timeout",
            Self::NotTheCentre => "line.not_the_centre",
            Self::DeviceRevoked => "device.revoked",
            Self::DeviceFork => "device.fork",
            Self::DeviceStaleCopy => "device.stale_copy",
            Self::DeviceLogDamaged => "device.log_damaged",
            Self::ProtocolUnsupported => "protocol.unsupported",
            Self::DocumentFailed => "document.failed",
            Self::DiskFailed => "disk.failed",
        }
    }
}

/// For the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// What is being done.
    pub activity: Activity,
    /// What came of the last try that ended; none before the first.
    pub answer: Option<Answer>,
    /// When the next try is due, if one is waited for.
    pub next_try: Option<Moment>,
}
