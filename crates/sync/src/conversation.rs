//! What is said in an exchange: the request out of the store, the reply into it. No network here.
//!
//! Invariant: nothing of a reply reaches the store unless the pinned key of the centre signed it
//! for this device, or the key of the session made it for this request, and its head is a point of
//! this office's own log.

mod asking;
mod hearing;
mod speech;

use pishkhan_store::{Applied, ReplyEffects, StoreError};

pub use asking::{Ahead, Asked, Material, batch, request};
pub use hearing::{ReplyError, read_reply};
pub use speech::{Form, Speech};

use crate::engine::{ReplyFacts, StoreSnapshot};
use crate::office::Office;

/// Documents named in a snapshot: enough to pass by some that are in trouble.
pub(crate) const DOCUMENTS_SEEN: u32 = 32;

/// Consecutive entries of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Portion {
    /// They begin after this.
    pub after_seq: u64,
    /// Bytes of bodies; one entry at least, whatever its size.
    pub max_bytes: usize,
    /// Most entries.
    pub max_entries: usize,
}

/// A request, ready to go.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Bytes of the envelope.
    pub bytes: Vec<u8>,
    /// What is in it.
    pub sent: Sent,
    /// What its reply is checked against.
    pub asked: Asked,
    /// The lease that it shows or is made under.
    pub lease: Option<[u8; 16]>,
}

/// What was in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Head before the first entry.
    pub after_seq: u64,
    /// Entries.
    pub entries: usize,
    /// Bytes of their bodies.
    pub body_bytes: usize,
    /// Bytes of the request as sent.
    pub bytes: usize,
}

/// A reply of the centre to this device.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// For the engine.
    pub facts: ReplyFacts,
    /// For uploads.
    pub upload_token: Option<String>,
    /// Highest dictionary that the centre reads, if it was said.
    pub dictionary: Option<u16>,
    effects: ReplyEffects,
}

/// Feed that did not continue ours, in a row.
#[derive(Clone, Copy, Debug, Default)]
pub struct FeedTroubles(u32);

/// What of the store matters to the engine.
///
/// # Errors
/// [`StoreError`].
pub fn snapshot(office: &impl Office) -> Result<StoreSnapshot, StoreError> {
    let state = office.sync_state()?;
    Ok(StoreSnapshot {
        log_seq: office.head()?.seq,
        acknowledged_seq: state.acknowledged.seq,
        feed_cursor: state.feed_cursor,
        catalogue_cursor: state.catalogue_cursor,
        documents: office.uploads(DOCUMENTS_SEEN)?.into_iter().map(|upload| upload.hash).collect(),
    })
}

/// Puts a reply into the store. A feed that twice did not continue ours begins anew.
///
/// # Errors
/// [`StoreError`]; then nothing was applied.
pub fn apply(
    office: &mut impl Office,
    incoming: &Incoming,
    troubles: &mut FeedTroubles,
) -> Result<Applied, StoreError> {
    let applied = office.apply_reply(&incoming.effects)?;
    if applied.epoch_changed {
        tracing::warn!(received = incoming.facts.received_seq, "the centre has a new epoch");
    }
    if let Some(number) = applied.bad_publication {
        tracing::warn!(number, "a publication is not signed by the centre");
    }
    troubles.0 = match applied.feed_trouble {
        None => 0,
        Some(trouble) => {
            tracing::warn!(?trouble, "the feed does not continue ours");
            troubles.0 + 1
        }
    };
    if troubles.0 > 1 {
        office.restart_feed()?;
        troubles.0 = 0;
    }
    Ok(applied)
}
