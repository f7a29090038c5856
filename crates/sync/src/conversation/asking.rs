//! Requests out of the store, in the full form and in the short one. Invariant: both say the same;
//! the short one leaves out what both sides can compute, and is only said under a lease.

use pishkhan_protocol::chain::Entry;
use pishkhan_protocol::columns::{self, CODEC_COLUMNS, Context};
use pishkhan_protocol::envelope::Envelope;
use pishkhan_protocol::event::Event;
use pishkhan_protocol::exchange::{Batch, ExchangeRequest, PROTOCOL, code_of_request};
use pishkhan_protocol::head::Head;
use pishkhan_protocol::keys::{Purpose, SignatureBytes};
use pishkhan_protocol::packing::{Packed, pack};
use pishkhan_protocol::rows;
use pishkhan_protocol::short::{
    Code, SessionKey, ShortBatch, ShortEnvelope, ShortRequest, WANTS_ANCHOR, WANTS_TOKEN,
};
use pishkhan_store::{StoreError, SyncState};

use super::{Form, Outgoing, Portion, Sent, Speech};
use crate::engine::Order;
use crate::office::Office;

/// An anchor that is older is asked for anew.
const ANCHOR_GOOD_MS: i64 = 10 * 60 * 1000;

/// Makes a request; in the short form only if the store has a lease.
///
/// # Errors
/// [`StoreError`] when the log cannot be read.
pub fn request(
    office: &impl Office,
    order: Order,
    speech: &Speech,
    now_ms: i64,
    agent: &str,
) -> Result<Outgoing, StoreError> {
    let state = office.sync_state()?;
    let log = office.head()?;
    let Order { after_seq, max_bytes, max_entries, .. } = order;
    let portion = Portion { after_seq, max_bytes, max_entries };
    let asked_for = after_seq < log.seq && max_entries > 0;
    let events = if asked_for { read(office, portion)? } else { Vec::new() };
    let before = if after_seq == 0 { None } else { Some(office.event(after_seq)?) };
    let material = Material { state, log, order, events, before };
    match (speech.form(), material.state.lease) {
        (Form::Short, Some(lease)) => short(office, &material, lease, speech, now_ms),
        _ => full(office, &material, speech, now_ms, agent),
    }
}

/// What both forms are made of.
struct Material {
    state: SyncState,
    log: Head,
    order: Order,
    events: Vec<Event>,
    /// The event that the batch goes on from.
    before: Option<Event>,
}

impl Material {
    fn sent(&self) -> Sent {
        Sent {
            after_seq: self.order.after_seq,
            entries: self.events.len(),
            body_bytes: self.events.iter().map(|event| event.body.len()).sum(),
            bytes: 0,
        }
    }

    fn last_seq(&self) -> u64 {
        self.events.last().map_or(self.order.after_seq, |event| event.core.seq)
    }
}

fn full(
    office: &impl Office,
    material: &Material,
    speech: &Speech,
    now_ms: i64,
    agent: &str,
) -> Result<Outgoing, StoreError> {
    let identity = office.identity();
    let Material { state, log, order, events, before } = material;
    let oldest_waiting_ms = time_of(office, state.acknowledged.seq + 1, log)?;
    let modern = !speech.is_plain();
    let message = ExchangeRequest {
        protocol: PROTOCOL,
        device: identity.device,
        epoch: Some(state.epoch),
        lease: state.lease,
        batch: full_batch(office, before.as_ref(), events, modern),
        feed_cursor: state.feed_cursor,
        catalogue_cursor: state.catalogue_cursor,
        log_seq: log.seq,
        oldest_waiting_ms,
        sent_at_ms: now_ms,
        agent: agent.to_owned(),
        reply_most_bytes: modern.then_some(order.reply_most_bytes),
        dictionary: modern.then_some(pishkhan_protocol::dictionary::NEWEST),
        certificate: speech.shows_certificate().then(|| identity.certificate.clone()),
    };
    let (key, dictionary) = (identity.key(), speech.dictionary());
    let message = message.to_bytes();
    let envelope =
        Envelope::seal_with(dictionary, Purpose::Request, identity.device, &message, &key);
    let bytes = envelope.to_bytes();
    let sent = Sent { bytes: bytes.len(), ..material.sent() };
    let asked = Asked::Full { code: code_of_request(&bytes) };
    Ok(Outgoing { bytes, sent, asked, lease: state.lease })
}

fn short(
    office: &impl Office,
    material: &Material,
    lease: [u8; 16],
    speech: &Speech,
    now_ms: i64,
) -> Result<Outgoing, StoreError> {
    let identity = office.identity();
    let Material { state, log, order, events, before } = material;
    let entries: Vec<Entry> = events.iter().map(Entry::from).collect();
    let context =
        Context { secret: &identity.secret, after_seq: order.after_seq, before: before.as_ref() };
    let batch = head_of(events).map(|head| ShortBatch {
        signature: sign(office, &head),
        codec: CODEC_COLUMNS,
        entries: columns::encode(&entries, &context),
    });
    let last_seq = material.last_seq();
    let anchor = if anchor_is_fresh(state, now_ms) { 0 } else { WANTS_ANCHOR };
    let token = if order.wants_token { WANTS_TOKEN } else { 0 };
    let message = ShortRequest {
        after_seq: order.after_seq,
        feed_cursor: state.feed_cursor,
        catalogue_cursor: state.catalogue_cursor,
        wants: anchor + token,
        batch,
        log_seq: (log.seq != last_seq).then_some(log.seq),
        oldest_waiting_ms: time_of(office, last_seq + 1, log)?,
        reply_most_bytes: Some(order.reply_most_bytes),
    };
    let Packed { encoding, dictionary, payload } = pack(&message.to_bytes(), speech.dictionary());
    let device = identity.device;
    let mut envelope = ShortEnvelope { device, encoding, dictionary, payload, code: [0; 16] };
    envelope.code =
        SessionKey::of(&identity.secret, &state.epoch, &lease).code_of_request(&envelope);
    let (bytes, code) = (envelope.to_bytes(), envelope.code);
    let sent = Sent { bytes: bytes.len(), ..material.sent() };
    let asked = Asked::Short { lease, code };
    Ok(Outgoing { bytes, sent, asked, lease: state.lease })
}

/// What the reply is checked against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The reply is signed, and names the code of the request.
    Full {
        /// Code of the request.
        code: Code,
    },
    /// The reply is under the same key as the request, and names its code.
    Short {
        /// Lease whose key made the code.
        lease: [u8; 16],
        /// Code of the request.
        code: Code,
    },
}

impl Asked {
    /// Form of the request.
    #[must_use]
    pub fn form(&self) -> Form {
        match self {
            Self::Full { .. } => Form::Full,
            Self::Short { .. } => Form::Short,
        }
    }
}

/// Entries as they go into a message that stands alone; none when there are none.
///
/// # Errors
/// [`StoreError`].
pub fn batch(office: &impl Office, portion: Portion) -> Result<Option<Batch>, StoreError> {
    let before = match portion.after_seq {
        0 => None,
        seq => Some(office.event(seq)?),
    };
    Ok(full_batch(office, before.as_ref(), &read(office, portion)?, true))
}

fn read(office: &impl Office, portion: Portion) -> Result<Vec<Event>, StoreError> {
    office.entries_after(portion.after_seq, portion.max_bytes, portion.max_entries)
}

fn full_batch(
    office: &impl Office,
    before: Option<&Event>,
    events: &[Event],
    by_columns: bool,
) -> Option<Batch> {
    let head = head_of(events)?;
    let after =
        before.map_or(Head::EMPTY, |event| Head { seq: event.core.seq, hash: event.hash() });
    let entries: Vec<Entry> = events.iter().map(Entry::from).collect();
    let (codec, entries) = if by_columns {
        let secret = &office.identity().secret;
        let context = Context { secret, after_seq: after.seq, before: None };
        (CODEC_COLUMNS, columns::encode(&entries, &context))
    } else {
        (rows::CODEC_ROWS, rows::encode(&entries))
    };
    Some(Batch { after, head, signature: sign(office, &head), codec, entries })
}

fn head_of(events: &[Event]) -> Option<Head> {
    events.last().map(|last| Head { seq: last.core.seq, hash: last.hash() })
}

fn sign(office: &impl Office, head: &Head) -> SignatureBytes {
    let identity = office.identity();
    head.sign(identity.device, &identity.key())
}

fn time_of(office: &impl Office, seq: u64, log: &Head) -> Result<Option<i64>, StoreError> {
    if seq > log.seq { Ok(None) } else { Ok(Some(office.event(seq)?.core.device_time_ms)) }
}

/// By the centre's clock as last measured: a filing's interval begins at the anchor.
fn anchor_is_fresh(state: &SyncState, now_ms: i64) -> bool {
    let centre_ms = now_ms.saturating_sub(state.clock_offset_ms.unwrap_or_default());
    let age = state.anchor.map(|anchor| centre_ms.saturating_sub(anchor.at_ms));
    age.is_some_and(|age| (0..ANCHOR_GOOD_MS).contains(&age))
}
