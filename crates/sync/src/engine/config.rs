//! Every number the engine goes by, in one place. Invariant: nothing here is read from the
//! environment; whoever makes the engine hands the numbers in.

use std::time::Duration;

use pishkhan_protocol::exchange::MAX_MESSAGE_BYTES;

/// Waits, sizes and deadlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// Wait after the first failure; doubled by each one that follows.
    pub back_off_first: Duration,
    /// Wait after a failure before which something had arrived: the line is there, and short.
    pub retry_after_progress: Duration,
    /// Where doubling ends. Jitter is added after it, so that waits lie in `[cap, 2·cap]`.
    pub back_off_cap: Duration,
    /// An outage longer than this ended for others in the same minute too.
    pub outage_after: Duration,
    /// After such an outage the first exchange waits a random time up to this.
    pub reconnect_spread: Duration,
    /// Longest wait that a centre can order.
    pub retry_after_cap: Duration,
    /// With nothing to send, the centre is asked for news this often.
    pub poll_every: Duration,
    /// How long a batch or a piece of an upload should take on the measured line.
    pub send_target: Duration,
    /// How long a request in one piece may take; one that takes longer, or that is larger than what
    /// a cut let pass, goes as a parcel, of which a cut loses nothing. A parcel costs a connection
    /// and a round trip more.
    pub whole_target: Duration,
    /// Bytes of a batch as sent.
    pub batch: SizeRange,
    /// Most entries of a batch, so that office and centre work side by side on a fast line: the
    /// one encodes the next batch while the other stores this one. They begin with few, so that the
    /// centre need not wait long for the first ones, and double with each full batch.
    pub batch_entries: CountRange,
    /// Bytes of a request in one piece.
    pub whole: SizeRange,
    /// Bytes of a parcel or document sent in one piece.
    pub piece: SizeRange,
    /// Bytes of a reply.
    pub reply: SizeRange,
    /// An upload token is renewed when it is older than this.
    pub token_lasts: Duration,
    /// Deadline of a probe.
    pub probe_deadline: Duration,
    /// Deadline of any other request.
    pub request_deadline: Duration,
}

/// Smallest, first and largest size in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SizeRange {
    /// Never less, however slow the line.
    pub least: usize,
    /// On a line not measured yet.
    pub first: usize,
    /// Never more, however fast the line.
    pub most: usize,
}

/// First and largest number of entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountRange {
    /// Before any batch was taken.
    pub first: usize,
    /// Never more.
    pub most: usize,
}

const KIB: usize = 1024;

impl Default for Config {
    fn default() -> Self {
        Self {
            back_off_first: Duration::from_secs(5),
            retry_after_progress: Duration::from_secs(1),
            back_off_cap: Duration::from_secs(15 * 60),
            outage_after: Duration::from_secs(3 * 60),
            reconnect_spread: Duration::from_secs(20),
            retry_after_cap: Duration::from_secs(6 * 60 * 60),
            poll_every: Duration::from_secs(60),
            send_target: Duration::from_secs(10),
            whole_target: Duration::from_secs(10),
            batch: SizeRange { least: KIB / 2, first: 8 * KIB, most: MAX_MESSAGE_BYTES },
            batch_entries: CountRange { first: 2_500, most: 5_000 },
            whole: SizeRange { least: KIB / 2, first: 8 * KIB, most: MAX_MESSAGE_BYTES },
            piece: SizeRange { least: 16 * KIB, first: 64 * KIB, most: 2 * MAX_MESSAGE_BYTES },
            reply: SizeRange { least: KIB, first: 32 * KIB, most: 2 * KIB * KIB },
            token_lasts: Duration::from_secs(50 * 60),
            probe_deadline: Duration::from_secs(15),
            request_deadline: Duration::from_secs(150),
        }
    }
}
