//! The short form of the exchange: known to be the device's by a code under the key of its session,
//! and said with nothing that both sides can compute.
//!
//! Invariant: it answers with [`Verdict::Ok`] or not at all; whatever is out of the ordinary is
//! dropped with all it did, and the device says it again in the full form.

use pishkhan_protocol::dictionary;
use pishkhan_protocol::error::ProtocolError;
use pishkhan_protocol::event::Event;
use pishkhan_protocol::exchange::{ExchangeReply, MAX_MESSAGE_BYTES, PROTOCOL, Verdict};
use pishkhan_protocol::head::Head;
use pishkhan_protocol::ingest::{VerifiedBatch, verify_short};
use pishkhan_protocol::packing::{Packed, pack, unpack};
use pishkhan_protocol::short::{
    Implied, SessionKey, ShortEnvelope, ShortReply, ShortRequest, WANTS_ANCHOR, WANTS_TOKEN,
};

use super::coming_down::Wishes;
use super::conversation::{Heard, converse};
use super::{ExchangeError, find_device};
use crate::centre::Centre;
use crate::lease::{Epoch, Lease};
use crate::storage::devices::Device;
use crate::storage::{StorageError, Unit, events, identity};

/// Why there is no reply in the short form.
#[derive(Debug, thiserror::Error)]
pub enum ShortError {
    /// To be said in the full form.
    #[error("out of the ordinary: {0}")]
    OutOfOrdinary(&'static str),
    /// Try again later.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The system has no randomness.
    #[error("no randomness")]
    Randomness(#[from] getrandom::Error),
}

impl From<ProtocolError> for ShortError {
    fn from(error: ProtocolError) -> Self {
        tracing::debug!(%error, "short message not taken");
        Self::OutOfOrdinary("not understood")
    }
}

impl From<ExchangeError> for ShortError {
    fn from(error: ExchangeError) -> Self {
        match error {
            ExchangeError::NotUnderstood(error) => error.into(),
            ExchangeError::UnknownDevice => Self::OutOfOrdinary("unknown device"),
            ExchangeError::Storage(error) => error.into(),
            ExchangeError::Randomness(error) => error.into(),
        }
    }
}

/// The session that a message belongs to.
struct Session {
    key: SessionKey,
    epoch: Epoch,
    lease: Lease,
}

/// Answers a short request with a short reply.
///
/// # Errors
/// [`ShortError`]; then nothing was stored.
pub async fn short(centre: &Centre, bytes: &[u8]) -> Result<Vec<u8>, ShortError> {
    let envelope = ShortEnvelope::from_bytes(bytes)?;
    let mut unit = centre.storage.read().await?;
    let device = find_device(unit.as_mut(), envelope.device).await?;
    let device = device.ok_or(ShortError::OutOfOrdinary("unknown device"))?;
    let session = session(unit.as_mut(), &device, &envelope).await?;
    let ShortEnvelope { encoding, dictionary, payload, .. } = &envelope;
    let message = unpack(*encoding, *dictionary, payload, MAX_MESSAGE_BYTES)?;
    let request = ShortRequest::from_bytes(&message)?;
    let pushed = read_batch(unit.as_mut(), &device, &request).await?;
    drop(unit);

    let heard = heard(&session, &envelope, &request, pushed);
    let (unit, reply) = converse(centre, device, &heard).await?;
    if reply.verdict != Verdict::Ok {
        return Err(ShortError::OutOfOrdinary("another verdict than ok"));
    }
    unit.commit().await?;
    Ok(seal(&session, &envelope, &reply, request.wants))
}

/// The lease whose key made the code: the current one or, if a reply was lost, the one before.
async fn session(
    unit: &mut dyn Unit,
    device: &Device,
    envelope: &ShortEnvelope,
) -> Result<Session, ShortError> {
    let epoch = identity::find(unit).await?.ok_or(StorageError::Unreadable("centre"))?.epoch;
    let leases = device.leases.within(epoch);
    for lease in [leases.current, leases.previous].into_iter().flatten() {
        let key = SessionKey::of(&device.secret, &epoch, &lease);
        if envelope.check(&key.code_of_request(envelope)).is_ok() {
            return Ok(Session { key, epoch, lease });
        }
    }
    Err(ShortError::OutOfOrdinary("the code is of no present lease"))
}

async fn read_batch(
    unit: &mut dyn Unit,
    device: &Device,
    request: &ShortRequest,
) -> Result<Option<VerifiedBatch>, ShortError> {
    let Some(batch) = &request.batch else { return Ok(None) };
    let (office, number) = (&device.office, device.number);
    let before = match request.after_seq {
        0 => None,
        seq => Some(
            events::find(unit, office, number, seq)
                .await?
                .ok_or(ShortError::OutOfOrdinary("goes on from an event that is not here"))?,
        ),
    };
    let head = |event: &Event| Head { seq: event.core.seq, hash: event.hash() };
    let after = before.as_ref().map_or(Head::EMPTY, head);
    let verified =
        verify_short(number, &device.secret, &device.key, &after, before.as_ref(), batch)?;
    Ok(Some(verified))
}

fn heard<'a>(
    session: &Session,
    envelope: &ShortEnvelope,
    request: &ShortRequest,
    pushed: Option<VerifiedBatch>,
) -> Heard<'a> {
    let entries = pushed.as_ref().map_or(0, |batch| batch.events.len() as u64);
    Heard {
        epoch: Some(session.epoch),
        lease: Some(session.lease),
        pushed: pushed.map(Ok),
        feed_cursor: request.feed_cursor,
        catalogue_cursor: request.catalogue_cursor,
        log_seq: request.log_seq.unwrap_or(request.after_seq.saturating_add(entries)),
        oldest_waiting_ms: request.oldest_waiting_ms,
        agent: None,
        wishes: Wishes {
            protocol: PROTOCOL,
            most_bytes: request.reply_most_bytes,
            dictionary: envelope.dictionary.min(dictionary::NEWEST),
        },
    }
}

fn seal(session: &Session, asked: &ShortEnvelope, reply: &ExchangeReply, wants: u8) -> Vec<u8> {
    let wanted = |what: u8| wants & what != 0;
    let message = ShortReply {
        verdict: reply.verdict,
        received_seq: reply.received.seq,
        lease: reply.lease,
        unsafe_entries: reply.received.seq.saturating_sub(reply.safe_seq),
        feed: (!reply.feed.is_empty()).then(|| reply.feed.clone()),
        catalogue: (!reply.catalogue.is_empty()).then(|| reply.catalogue.clone()),
        more: reply.more.then_some(true),
        anchor: wanted(WANTS_ANCHOR).then_some(reply.anchor),
        upload_token: reply.upload_token.clone().filter(|_| wanted(WANTS_TOKEN)),
        retry_after_s: reply.retry_after_s,
        wanted: reply.wanted.clone(),
    };
    let number = asked.dictionary.min(dictionary::NEWEST);
    let Packed { encoding, dictionary, payload } = pack(&message.to_bytes(), number);
    let device = reply.device;
    let mut envelope = ShortEnvelope { device, encoding, dictionary, payload, code: [0; 16] };
    envelope.code = session.key.code_of_reply(
        &envelope,
        &Implied {
            request: &asked.code,
            received_hash: &reply.received.hash,
            feed_hash: &reply.feed_hash,
        },
    );
    envelope.to_bytes()
}
