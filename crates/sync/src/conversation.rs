//! What is said in an exchange: the request out of the store, the reply into it. No network here.
//!
//! Invariant: nothing of a reply reaches the store unless the pinned key of the centre signed it
//! for this device, and its head is a point of this office's own log.

use std::time::Duration;

use pishkhan_protocol::chain::Entry;
use pishkhan_protocol::envelope::Envelope;
use pishkhan_protocol::error::ProtocolError;
use pishkhan_protocol::exchange::{Batch, ExchangeReply, ExchangeRequest, PROTOCOL};
use pishkhan_protocol::head::Head;
use pishkhan_protocol::keys::Purpose;
use pishkhan_protocol::rows;
use pishkhan_store::{Applied, ReplyEffects, StoreError};

use crate::engine::{ReplyFacts, StoreSnapshot};
use crate::office::Office;

/// Documents named in a snapshot: enough to pass by some that are in trouble.
pub(crate) const DOCUMENTS_SEEN: u32 = 32;

/// What the engine ordered to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// The centre's head as far as known.
    pub after_seq: u64,
    /// Bytes of entries.
    pub max_bytes: usize,
    /// Most entries.
    pub max_entries: usize,
}

/// A request, ready to go.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Bytes of the sealed envelope.
    pub bytes: Vec<u8>,
    /// What is in it.
    pub sent: Sent,
}

/// What was in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Head before the first entry.
    pub after_seq: u64,
    /// Entries.
    pub entries: usize,
    /// Their bytes before compression.
    pub bytes: usize,
}

/// A reply that the centre signed for this device.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// For the engine.
    pub facts: ReplyFacts,
    /// For uploads.
    pub upload_token: Option<String>,
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

/// Makes a request.
///
/// # Errors
/// [`StoreError`] when the log cannot be read.
pub fn request(
    office: &impl Office,
    order: Order,
    now_ms: i64,
    agent: &str,
) -> Result<Outgoing, StoreError> {
    let identity = office.identity();
    let state = office.sync_state()?;
    let head = office.head()?;
    let batch = batch(office, order, &head)?;
    let oldest_waiting_ms = if state.acknowledged.seq < head.seq {
        Some(office.event(state.acknowledged.seq + 1)?.core.device_time_ms)
    } else {
        None
    };
    let (sent, batch) = match batch {
        Some((sent, batch)) => (sent, Some(batch)),
        None => (Sent { after_seq: order.after_seq, entries: 0, bytes: 0 }, None),
    };
    let message = ExchangeRequest {
        protocol: PROTOCOL,
        device: identity.device,
        epoch: Some(state.epoch),
        lease: state.lease,
        batch,
        feed_cursor: state.feed_cursor,
        catalogue_cursor: state.catalogue_cursor,
        log_seq: head.seq,
        oldest_waiting_ms,
        sent_at_ms: now_ms,
        agent: agent.to_owned(),
        reply_most_bytes: None,
        dictionary: None,
        certificate: None,
    };
    let key = identity.key();
    let envelope = Envelope::seal(Purpose::Request, identity.device, &message.to_bytes(), &key);
    Ok(Outgoing { bytes: envelope.to_bytes(), sent })
}

pub(crate) fn batch(
    office: &impl Office,
    order: Order,
    log: &Head,
) -> Result<Option<(Sent, Batch)>, StoreError> {
    if order.after_seq >= log.seq {
        return Ok(None);
    }
    let after = match order.after_seq {
        0 => Head::EMPTY,
        seq => Head { seq, hash: office.event(seq)?.hash() },
    };
    let events = office.entries_after(after.seq, order.max_bytes, order.max_entries)?;
    let Some(last) = events.last() else { return Ok(None) };
    let head = Head { seq: last.core.seq, hash: last.hash() };
    let entries: Vec<Entry> = events.iter().map(Entry::from).collect();
    let encoded = rows::encode(&entries);
    let sent = Sent { after_seq: after.seq, entries: entries.len(), bytes: encoded.len() };
    let identity = office.identity();
    let batch = Batch {
        after,
        head,
        signature: head.sign(identity.device, &identity.key()),
        codec: rows::CODEC_ROWS,
        entries: encoded,
    };
    Ok(Some((sent, batch)))
}

/// Why bytes that came are not a reply.
#[derive(Debug, thiserror::Error)]
pub enum ReplyError {
    /// Not signed by the centre for this device: nobody we know.
    #[error("not a reply of the centre to this device")]
    NotTheCentre(#[from] ProtocolError),
    /// For another device.
    #[error("a reply of the centre to another device")]
    OtherDevice,
    /// The log could not be read to compare heads.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reads and verifies a reply.
///
/// # Errors
/// [`ReplyError`]; nothing of the reply is to be used then.
pub fn read_reply(
    office: &impl Office,
    bytes: &[u8],
    sent: Sent,
    now_ms: i64,
) -> Result<Incoming, ReplyError> {
    let identity = office.identity();
    let envelope = Envelope::from_bytes(bytes)?;
    let message = envelope.open(Purpose::Reply, &identity.centre_key)?;
    let reply = ExchangeReply::from_bytes(&message)?;
    if envelope.device != identity.device || reply.device != identity.device {
        return Err(ReplyError::OtherDevice);
    }
    let facts = ReplyFacts {
        verdict: reply.verdict,
        received_seq: reply.received.seq,
        received_is_ours: is_ours(office, &reply.received)?,
        after_seq: sent.after_seq,
        sent_entries: sent.entries,
        sent_bytes: sent.bytes,
        more: reply.more,
        upload_token: reply.upload_token.is_some(),
        retry_after: reply.retry_after_s.map(|seconds| Duration::from_secs(u64::from(seconds))),
    };
    let clock_offset_ms = now_ms.saturating_sub(reply.anchor.at_ms);
    let effects = ReplyEffects::of(&reply, now_ms, Some(clock_offset_ms));
    Ok(Incoming { facts, upload_token: reply.upload_token, effects })
}

fn is_ours(office: &impl Office, head: &Head) -> Result<bool, StoreError> {
    if head.seq == 0 {
        return Ok(*head == Head::EMPTY);
    }
    Ok(head.seq <= office.head()?.seq && office.event(head.seq)?.hash() == head.hash)
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
