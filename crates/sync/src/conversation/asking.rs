//! Requests out of the store, in the full form and in the short one. Invariant: both say the same;
//! the short one leaves out what both sides can compute, and is only said under a lease.

use pishkhan_protocol::chain::Entry;
use pishkhan_protocol::columns::{self, CODEC_COLUMNS, Context};
use pishkhan_protocol::derive::DeviceSecret;
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
use pishkhan_store::{Identity, StoreError, SyncState};

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
    Ok(Material::read(office, order, None)?.say(speech, now_ms, agent))
}

/// What a request is made of: all that is needed of the store, so that encoding, which takes time,
/// keeps nobody from it.
pub struct Material {
    identity: Identity,
    state: SyncState,
    log: Head,
    order: Order,
    excerpt: Excerpt,
    /// When the oldest entry was made that is not acknowledged.
    oldest_ms: Option<i64>,
    /// When the first entry was made that is not in this request.
    next_ms: Option<i64>,
}

/// Consecutive entries, and what they go on from.
struct Excerpt {
    events: Vec<Event>,
    /// The event before them.
    before: Option<Event>,
    /// As they stand in a request of the short form, if they were encoded already.
    encoded: Option<Vec<u8>>,
}

impl Excerpt {
    fn read(office: &impl Office, portion: Portion) -> Result<Self, StoreError> {
        let before = match portion.after_seq {
            0 => None,
            seq => Some(office.event(seq)?),
        };
        let events =
            office.entries_after(portion.after_seq, portion.max_bytes, portion.max_entries)?;
        Ok(Self { events, before, encoded: None })
    }

    fn entries(&self) -> Vec<Entry> {
        self.events.iter().map(Entry::from).collect()
    }

    fn after_seq(&self) -> u64 {
        self.before.as_ref().map_or(0, |event| event.core.seq)
    }

    fn body_bytes(&self) -> usize {
        self.events.iter().map(|event| event.body.len()).sum()
    }

    fn encode(&mut self, secret: &DeviceSecret) -> Vec<u8> {
        if let Some(encoded) = self.encoded.take() {
            return encoded;
        }
        let (after_seq, before) = (self.after_seq(), self.before.as_ref());
        columns::encode(&self.entries(), &Context { secret, after_seq, before })
    }
}

/// Entries that are encoded before they are ordered, while the centre still works on those before.
pub struct Ahead {
    secret: DeviceSecret,
    portion: Portion,
    excerpt: Excerpt,
}

impl Ahead {
    /// Reads them; none when there are none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn read(office: &impl Office, portion: Portion) -> Result<Option<Self>, StoreError> {
        if office.head()?.seq <= portion.after_seq {
            return Ok(None);
        }
        let excerpt = Excerpt::read(office, portion)?;
        Ok(Some(Self { secret: office.identity().secret.clone(), portion, excerpt }))
    }

    /// The same, encoded; the store is not needed.
    #[must_use]
    pub fn encoded(mut self) -> Self {
        self.excerpt.encoded = Some(self.excerpt.encode(&self.secret));
        self
    }

    /// Are they what is ordered, or half of it? The log may have grown since.
    #[must_use]
    pub fn fits(&self, order: &Order) -> bool {
        let Portion { after_seq, max_bytes, .. } = self.portion;
        let (bytes, entries) = (self.excerpt.body_bytes(), self.excerpt.events.len());
        let large = entries == order.max_entries || max_bytes >= order.max_bytes / 2;
        let small = bytes <= order.max_bytes && entries <= order.max_entries;
        after_seq == order.after_seq && large && small
    }
}

impl Material {
    /// Reads it; entries that were read ahead are taken as they are.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn read(
        office: &impl Office,
        order: Order,
        ahead: Option<Ahead>,
    ) -> Result<Self, StoreError> {
        let state = office.sync_state()?;
        let log = office.head()?;
        let Order { after_seq, max_bytes, max_entries, .. } = order;
        // Nothing is read where nothing is left.
        let max_entries = if after_seq < log.seq { max_entries } else { 0 };
        let excerpt = match ahead {
            Some(ahead) => ahead.excerpt,
            None => Excerpt::read(office, Portion { after_seq, max_bytes, max_entries })?,
        };
        let last_seq = excerpt.events.last().map_or(after_seq, |event| event.core.seq);
        let oldest_ms = time_of(office, state.acknowledged.seq + 1, &log)?;
        let next_ms = time_of(office, last_seq + 1, &log)?;
        let identity = office.identity().clone();
        Ok(Self { identity, state, log, order, excerpt, oldest_ms, next_ms })
    }

    /// Makes the request; in the short form only if there is a lease.
    #[must_use]
    pub fn say(self, speech: &Speech, now_ms: i64, agent: &str) -> Outgoing {
        match (speech.form(), self.state.lease) {
            (Form::Short, Some(lease)) => self.short(lease, speech, now_ms),
            _ => self.full(speech, now_ms, agent),
        }
    }

    fn sent(&self, bytes: usize) -> Sent {
        Sent {
            after_seq: self.order.after_seq,
            entries: self.excerpt.events.len(),
            body_bytes: self.excerpt.body_bytes(),
            bytes,
        }
    }

    fn full(self, speech: &Speech, now_ms: i64, agent: &str) -> Outgoing {
        let Self { identity, state, log, order, excerpt, .. } = &self;
        let modern = !speech.is_plain();
        let message = ExchangeRequest {
            protocol: PROTOCOL,
            device: identity.device,
            epoch: Some(state.epoch),
            lease: state.lease,
            batch: full_batch(identity, excerpt, modern),
            feed_cursor: state.feed_cursor,
            catalogue_cursor: state.catalogue_cursor,
            log_seq: log.seq,
            oldest_waiting_ms: self.oldest_ms,
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
        let asked = Asked::Full { code: code_of_request(&bytes) };
        Outgoing { sent: self.sent(bytes.len()), bytes, asked, lease: state.lease }
    }

    fn short(mut self, lease: [u8; 16], speech: &Speech, now_ms: i64) -> Outgoing {
        let batch = head_of(&self.excerpt.events).map(|head| ShortBatch {
            signature: sign(&self.identity, &head),
            codec: CODEC_COLUMNS,
            entries: self.excerpt.encode(&self.identity.secret),
        });
        let Self { identity, state, log, order, excerpt, .. } = &self;
        let last_seq = excerpt.events.last().map_or(order.after_seq, |event| event.core.seq);
        let anchor = if anchor_is_fresh(state, now_ms) { 0 } else { WANTS_ANCHOR };
        let token = if order.wants_token { WANTS_TOKEN } else { 0 };
        let message = ShortRequest {
            after_seq: order.after_seq,
            feed_cursor: state.feed_cursor,
            catalogue_cursor: state.catalogue_cursor,
            wants: anchor + token,
            batch,
            log_seq: (log.seq != last_seq).then_some(log.seq),
            oldest_waiting_ms: self.next_ms,
            reply_most_bytes: Some(order.reply_most_bytes),
        };
        let Packed { encoding, dictionary, payload } =
            pack(&message.to_bytes(), speech.dictionary());
        let device = identity.device;
        let mut envelope = ShortEnvelope { device, encoding, dictionary, payload, code: [0; 16] };
        envelope.code =
            SessionKey::of(&identity.secret, &state.epoch, &lease).code_of_request(&envelope);
        let (bytes, code) = (envelope.to_bytes(), envelope.code);
        let asked = Asked::Short { lease, code };
        Outgoing { sent: self.sent(bytes.len()), bytes, asked, lease: state.lease }
    }
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
    Ok(full_batch(office.identity(), &Excerpt::read(office, portion)?, true))
}

fn full_batch(identity: &Identity, excerpt: &Excerpt, by_columns: bool) -> Option<Batch> {
    let head = head_of(&excerpt.events)?;
    let before = excerpt.before.as_ref();
    let after =
        before.map_or(Head::EMPTY, |event| Head { seq: event.core.seq, hash: event.hash() });
    let entries = excerpt.entries();
    let (codec, entries) = if by_columns {
        let context = Context { secret: &identity.secret, after_seq: after.seq, before: None };
        (CODEC_COLUMNS, columns::encode(&entries, &context))
    } else {
        (rows::CODEC_ROWS, rows::encode(&entries))
    };
    Some(Batch { after, head, signature: sign(identity, &head), codec, entries })
}

fn head_of(events: &[Event]) -> Option<Head> {
    events.last().map(|last| Head { seq: last.core.seq, hash: last.hash() })
}

fn sign(identity: &Identity, head: &Head) -> SignatureBytes {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn order(after_seq: u64, max_bytes: usize) -> Order {
        Order {
            after_seq,
            max_bytes,
            max_entries: 10,
            whole_most_bytes: 0,
            parcels: false,
            piece_most_bytes: 0,
            reply_most_bytes: 0,
            wants_token: false,
            token_first: false,
        }
    }

    #[test]
    fn entries_made_ahead_go_only_where_they_belong() {
        let portion = Portion { after_seq: 5, max_bytes: 1000, max_entries: 10 };
        let excerpt = Excerpt { events: Vec::new(), before: None, encoded: None };
        let ahead = Ahead { secret: DeviceSecret([0; 32]), portion, excerpt };
        assert!(ahead.fits(&order(5, 1000)));
        assert!(!ahead.fits(&order(4, 1000)), "the centre's head is another");
        assert!(!ahead.fits(&order(5, 4000)), "far fewer than the line carries by now");
    }
}
