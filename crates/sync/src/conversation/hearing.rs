//! Replies, verified. Invariant: nothing of a reply is used unless it is signed by the pinned key
//! of the centre for this device, or made under the key of the session for this very request.

use std::time::Duration;

use pishkhan_protocol::anchor::Anchor;
use pishkhan_protocol::envelope::Envelope;
use pishkhan_protocol::error::ProtocolError;
use pishkhan_protocol::exchange::{ExchangeReply, MAX_MESSAGE_BYTES, Verdict};
use pishkhan_protocol::feed::feed_hash;
use pishkhan_protocol::head::Head;
use pishkhan_protocol::keys::Purpose;
use pishkhan_protocol::packing::unpack;
use pishkhan_protocol::short::{Code, Implied, SessionKey, ShortEnvelope, ShortReply};
use pishkhan_store::{ReplyEffects, StoreError};

use super::asking::Asked;
use super::{Incoming, Sent};
use crate::engine::{Carried, ReplyFacts};
use crate::office::Office;

/// Why bytes that came are not a reply.
#[derive(Debug, thiserror::Error)]
pub enum ReplyError {
    /// Not signed by the centre for this device: nobody we know.
    #[error("not a reply of the centre to this device")]
    NotTheCentre(#[from] ProtocolError),
    /// For another device.
    #[error("a reply of the centre to another device")]
    OtherDevice,
    /// To another request of this device: an old one.
    #[error("a reply of the centre to another request")]
    OtherRequest,
    /// It speaks of entries that this log does not have.
    #[error("a reply to a longer log than this")]
    OtherLog,
    /// The log could not be read to compare heads.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reads and verifies the reply to a request.
///
/// # Errors
/// [`ReplyError`]; nothing of the reply is to be used then.
pub fn read_reply(
    office: &impl Office,
    bytes: &[u8],
    asked: &Asked,
    sent: Sent,
    now_ms: i64,
) -> Result<Incoming, ReplyError> {
    match asked {
        Asked::Full { code } => read_full(office, bytes, code, sent, now_ms),
        Asked::Short { lease, code } => {
            let key = SessionKey::of(&office.identity().secret, &office.sync_state()?.epoch, lease);
            read_short(office, bytes, (&key, code), sent, now_ms)
        }
    }
}

fn read_full(
    office: &impl Office,
    bytes: &[u8],
    code: &Code,
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
    // A centre of protocol 1 does not say what it answers.
    if reply.protocol > 1 && reply.answers != Some(*code) {
        return Err(ReplyError::OtherRequest);
    }
    let facts = ReplyFacts {
        verdict: reply.verdict,
        received_seq: reply.received.seq,
        received_is_ours: is_ours(office, &reply.received)?,
        more: reply.more,
        upload_token: reply.upload_token.is_some(),
        retry_after: seconds(reply.retry_after_s),
        ..facts(sent, bytes.len())
    };
    let offset_ms = Some(offset_ms(&reply.anchor, now_ms));
    let effects = ReplyEffects::of(&reply, now_ms, offset_ms);
    let dictionary = reply.dictionary;
    Ok(Incoming { facts, upload_token: reply.upload_token, dictionary, effects })
}

/// The code covers what the reply leaves out: it holds only if our own log and feed give the same
/// hashes as the centre's.
fn read_short(
    office: &impl Office,
    bytes: &[u8],
    (key, code): (&SessionKey, &Code),
    sent: Sent,
    now_ms: i64,
) -> Result<Incoming, ReplyError> {
    let identity = office.identity();
    let state = office.sync_state()?;
    let envelope = ShortEnvelope::from_bytes(bytes)?;
    if envelope.device != identity.device {
        return Err(ReplyError::OtherDevice);
    }
    let ShortEnvelope { encoding, dictionary, payload, .. } = &envelope;
    let message = unpack(*encoding, *dictionary, payload, MAX_MESSAGE_BYTES)?;
    let reply = ShortReply::from_bytes(&message)?;
    let received = match reply.received_seq {
        0 => Head::EMPTY,
        seq if seq > office.head()?.seq => return Err(ReplyError::OtherLog),
        seq => Head { seq, hash: office.event(seq)?.hash() },
    };
    let feed = reply.feed.unwrap_or_default();
    let fed = |hash, entry: &pishkhan_protocol::exchange::FeedEntry| {
        feed_hash(&hash, entry.number, &entry.item)
    };
    let feed_hash = feed.iter().fold(state.feed_hash, fed);
    let implied = Implied { request: code, received_hash: &received.hash, feed_hash: &feed_hash };
    envelope.check(&key.code_of_reply(&envelope, &implied))?;

    let facts = ReplyFacts {
        verdict: reply.verdict,
        received_seq: received.seq,
        received_is_ours: true,
        more: reply.more.unwrap_or_default(),
        upload_token: reply.upload_token.is_some(),
        retry_after: seconds(reply.retry_after_s),
        ..facts(sent, bytes.len())
    };
    let effects = ReplyEffects {
        epoch: state.epoch,
        received,
        safe_seq: received.seq.saturating_sub(reply.unsafe_entries),
        lease: Some(reply.lease),
        anchor: reply.anchor,
        feed,
        feed_hash: Some(feed_hash),
        catalogue: reply.catalogue.unwrap_or_default(),
        wanted: reply.wanted.unwrap_or_default(),
        at_ms: now_ms,
        clock_offset_ms: reply.anchor.map(|anchor| offset_ms(&anchor, now_ms)),
    };
    Ok(Incoming { facts, upload_token: reply.upload_token, dictionary: None, effects })
}

fn facts(sent: Sent, reply_bytes: usize) -> ReplyFacts {
    ReplyFacts {
        verdict: Verdict::Ok,
        received_seq: 0,
        received_is_ours: false,
        after_seq: sent.after_seq,
        sent_entries: sent.entries,
        body_bytes: sent.body_bytes,
        sent_bytes: sent.bytes,
        carried: Carried::Whole,
        reply_bytes,
        more: false,
        upload_token: false,
        retry_after: None,
    }
}

fn offset_ms(anchor: &Anchor, now_ms: i64) -> i64 {
    now_ms.saturating_sub(anchor.at_ms)
}

fn seconds(ordered: Option<u32>) -> Option<Duration> {
    ordered.map(|seconds| Duration::from_secs(u64::from(seconds)))
}

fn is_ours(office: &impl Office, head: &Head) -> Result<bool, StoreError> {
    if head.seq == 0 {
        return Ok(*head == Head::EMPTY);
    }
    Ok(head.seq <= office.head()?.seq && office.event(head.seq)?.hash() == head.hash)
}
