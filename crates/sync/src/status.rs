//! What the shell is told of the background task. Invariant: what *waits* is never in here; that
//! is computed from the store.

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::ApplicationId;

use crate::engine::{Activity, Answer};

/// State of the background task. Times are milliseconds since 1970 by this device's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncStatus {
    /// What is being done now.
    pub activity: Activity,
    /// What came of the last try.
    pub last_answer: Option<LastAnswer>,
    /// When the next try is due.
    pub next_try_at: Option<i64>,
    /// The batch being sent, or waiting to be sent on.
    pub sending: Option<Sending>,
    /// When the centre was last heard by the hub.
    pub heard_by_hub_at: Option<i64>,
    /// The document being sent.
    pub upload: Option<UploadProgress>,
    /// What replies changed in the store since the start, for telling the window.
    pub changes: Changes,
}

/// An answer and its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastAnswer {
    /// Which; its sentence by [`Answer::code`].
    pub answer: Answer,
    /// When.
    pub at: i64,
}

/// Progress of a batch of entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sending {
    /// Entries in it.
    pub entries: usize,
    /// Bytes that the centre is known to have.
    pub sent_bytes: u64,
    /// Bytes in all.
    pub total_bytes: u64,
}

/// Progress of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UploadProgress {
    /// The document.
    pub hash: ContentHash,
    /// The first application that names it.
    pub application: ApplicationId,
    /// Bytes that the centre has.
    pub sent_bytes: u64,
    /// Bytes in all.
    pub total_bytes: u64,
}

/// Counters that only grow: a counter that differs from the one seen before says what changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Entries that the centre newly acknowledged.
    pub acknowledged: u64,
    /// Replies that spoke of applications.
    pub applications: u64,
    /// Replies with notices.
    pub notices: u64,
    /// Replies with publications.
    pub services: u64,
    /// Documents that arrived whole.
    pub documents: u64,
}

impl SyncStatus {
    /// Nothing done yet.
    #[must_use]
    pub fn at_start() -> Self {
        Self {
            activity: Activity::Idle,
            last_answer: None,
            next_try_at: None,
            sending: None,
            heard_by_hub_at: None,
            upload: None,
            changes: Changes::default(),
        }
    }
}
