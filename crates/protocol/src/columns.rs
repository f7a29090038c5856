//! Codec 2 of a batch: each field in the light of its own column.
//!
//! A body is taken apart into the items of its CBOR. Each item is coded by what its column (the path
//! to the field, and the service for what depends on it) has had before, with an adaptive binary
//! arithmetic coder, so that what can be foreseen costs a small part of a bit and what is random
//! costs what it must. The columns begin with what [`PRIOR`] taught them, so that a single entry is
//! small too. A body that is not of our kind of CBOR travels as it is.
//!
//! Sequence, hashes, ids, salts and codes are not sent: [`crate::chain::link`] derives them. Ids of
//! applications that were recorded shortly before are sent as their distance.
//!
//! Invariant: `decode` gives exactly the bytes that `encode` was given.

mod body;
mod head;
mod model;
mod range;
mod text;

use std::sync::OnceLock;

use pishkhan_domain::ids::OperatorId;

use crate::anchor::Anchor;
use crate::chain::Entry;
use crate::derive::DeviceSecret;
use crate::error::ProtocolError;
use crate::event::Event;
use crate::exchange::{MAX_BATCH_BYTES, MAX_BATCH_ENTRIES};
use body::Beside;
use model::{Column, Model, mix};
use range::{Coder, Reader, Writer};

/// Number of this codec in [`crate::exchange::Batch`] and [`crate::short::ShortBatch`].
pub const CODEC_COLUMNS: u8 = 2;

/// Kind of [`crate::body::EventBody::ApplicationRecorded`].
const RECORDED: u8 = 2;

const KIND: Column = 0x11;
const TIME: Column = 0x12;
const OPERATOR: Column = 0x13;
const ANCHOR: Column = 0x14;
const COUNT: Column = 0x15;

/// What both sides know beside the entries.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// From which ids are derived.
    pub secret: &'a DeviceSecret,
    /// Sequence before the first entry.
    pub after_seq: u64,
    /// The event at `after_seq`, whose time, operator, anchor and id need not be said again. Only
    /// in the short exchange; none in the full one, whose batches stand alone.
    pub before: Option<&'a Event>,
}

/// Writes entries: at most [`MAX_BATCH_ENTRIES`], with bodies of at most
/// [`crate::exchange::MAX_BODY_BYTES`] each and [`MAX_BATCH_BYTES`] together, or they will not be
/// read.
#[must_use]
pub fn encode(entries: &[Entry], context: &Context<'_>) -> Vec<u8> {
    encode_with(learnt().clone(), entries, context)
}

/// Reads entries.
///
/// # Errors
/// [`ProtocolError::Malformed`] for bytes that are cut or too long, or that give no entries, or more
/// than there may be.
pub fn decode(bytes: &[u8], context: &Context<'_>) -> Result<Vec<Entry>, ProtocolError> {
    let mut entries = Vec::new();
    decode_each(bytes, context, |entry| entries.push(entry))?;
    Ok(entries)
}

/// Reads entries and hands each over as soon as it is read: they count only if all can be read.
///
/// # Errors
/// As [`decode`].
pub fn decode_each(
    bytes: &[u8],
    context: &Context<'_>,
    each: impl FnMut(Entry),
) -> Result<(), ProtocolError> {
    decode_with(&mut learnt().clone(), bytes, context, each)
}

/// Reads [`PRIOR`], which is done once in a program: now, and not when the first batch comes.
pub fn prepare() {
    learnt();
}

/// Writes entries as the prior of a codec: nothing is known beforehand.
#[must_use]
pub fn encode_prior(entries: &[Entry]) -> Vec<u8> {
    let nothing = DeviceSecret([0; 32]);
    encode_with(fresh(), entries, &Context { secret: &nothing, after_seq: 0, before: None })
}

/// Entries of made-up people, from which every column has its first values. They are part of this
/// codec: others make another codec, with another number.
pub const PRIOR: &[u8] = include_bytes!("../dictionaries/columns-2");

fn learnt() -> &'static Model {
    static LEARNT: OnceLock<Model> = OnceLock::new();
    LEARNT.get_or_init(|| {
        let nothing = DeviceSecret([0; 32]);
        let context = Context { secret: &nothing, after_seq: 0, before: None };
        let mut model = fresh();
        // A test reads it to its end.
        let _ = decode_with(&mut model, PRIOR, &context, drop);
        model.loosen();
        model
    })
}

fn fresh() -> Model {
    let mut model = Model::new();
    text::prepare(&mut model);
    model
}

fn encode_with(mut model: Model, entries: &[Entry], context: &Context<'_>) -> Vec<u8> {
    let mut writer = Writer::new();
    model.number(&mut writer, COUNT, entries.len() as u64);
    let mut running = Running::new(context);
    for entry in entries {
        // Nothing that is written is refused.
        let _ = running.entry(&mut model, &mut writer, Some(entry));
    }
    writer.finish()
}

fn decode_with(
    model: &mut Model,
    bytes: &[u8],
    context: &Context<'_>,
    mut each: impl FnMut(Entry),
) -> Result<(), ProtocolError> {
    let mut reader = Reader::new(bytes);
    let count = model.number(&mut reader, COUNT, 0);
    if count > MAX_BATCH_ENTRIES as u64 {
        return Err(ProtocolError::Malformed { what: "batch within its size" });
    }
    let mut running = Running::new(context);
    let mut size = 0;
    for _ in 0..count {
        let entry = running.entry(model, &mut reader, None)?;
        reader.check()?;
        size += entry.body.len();
        if size > MAX_BATCH_BYTES {
            return Err(ProtocolError::Malformed { what: "batch within its size" });
        }
        each(entry);
    }
    reader.finish()
}

/// What the entries so far say of the next one.
struct Running<'a> {
    secret: &'a DeviceSecret,
    seq: u64,
    kind: u8,
    time_ms: i64,
    anchor: Option<Anchor>,
    operator: OperatorId,
    recorded: Vec<[u8; 16]>,
}

impl<'a> Running<'a> {
    fn new(context: &Context<'a>) -> Self {
        let (secret, seq) = (context.secret, context.after_seq);
        let operator = OperatorId::from_bytes([0; 16]);
        let (kind, time_ms, anchor, recorded) = (0, 0, None, Vec::new());
        let mut running = Self { secret, seq, kind, time_ms, anchor, operator, recorded };
        if let Some(before) = context.before {
            running.anchor = before.core.anchor;
            running.operator = before.rest.operator;
            running.kind = before.core.kind;
            running.time_ms = before.core.device_time_ms;
            if before.core.kind == RECORDED {
                running.recorded.push(*before.rest.id.as_bytes());
            }
        }
        running
    }

    /// The next entry; `known` when it is to be written.
    fn entry(
        &mut self,
        model: &mut Model,
        coder: &mut impl Coder,
        known: Option<&Entry>,
    ) -> Result<Entry, ProtocolError> {
        let malformed = || ProtocolError::Malformed { what: "batch" };
        let kind = known.map_or(0, |entry| u32::from(entry.kind));
        let kind = model.symbol(coder, mix(KIND, u64::from(self.kind)), 8, kind);
        let kind = u8::try_from(kind).map_err(|_| malformed())?;
        let elapsed = known.map_or(0, |entry| entry.device_time_ms.wrapping_sub(self.time_ms));
        let elapsed = self.elapsed(model, coder, elapsed);
        let device_time_ms = self.time_ms.wrapping_add(elapsed);
        let operator = self.operator(model, coder, known.map(|entry| entry.operator));
        let operator = operator.ok_or_else(malformed)?;
        let anchor = self.anchor(model, coder, device_time_ms, known.map(|entry| entry.anchor));
        let anchor = anchor.ok_or_else(malformed)?;
        let beside = Beside { kind, device_time_ms, recorded: &self.recorded };
        let body = body::body(model, coder, &beside, known.map(|entry| entry.body.as_slice()))?;
        self.seq = self.seq.saturating_add(1);
        (self.kind, self.time_ms, self.anchor, self.operator) =
            (kind, device_time_ms, anchor, operator);
        if kind == RECORDED {
            self.recorded.push(*self.secret.event_id(self.seq, device_time_ms).as_bytes());
        }
        Ok(Entry { kind, device_time_ms, anchor, operator, body })
    }

    /// Time since the entry before; it may be any, since clocks may.
    fn elapsed(&self, model: &mut Model, coder: &mut impl Coder, elapsed: i64) -> i64 {
        // Since 1970, or since the entry before.
        let column = mix(TIME, u64::from(self.time_ms != 0));
        let back = model.bit(coder, mix(column, 1), elapsed < 0);
        let forward = if elapsed < 0 { !elapsed } else { elapsed };
        let forward = model.number(coder, mix(column, 2), forward.cast_unsigned()).cast_signed();
        if back { !forward } else { forward }
    }

    fn operator(
        &self,
        model: &mut Model,
        coder: &mut impl Coder,
        known: Option<OperatorId>,
    ) -> Option<OperatorId> {
        let same = known == Some(self.operator);
        if model.bit(coder, mix(OPERATOR, 1), same) {
            return Some(self.operator);
        }
        let known = known.map(|operator| *operator.as_bytes());
        sixteen(model, coder, OPERATOR, known).map(OperatorId::from_bytes)
    }

    fn anchor(
        &self,
        model: &mut Model,
        coder: &mut impl Coder,
        device_time_ms: i64,
        known: Option<Option<Anchor>>,
    ) -> Option<Option<Anchor>> {
        if model.bit(coder, mix(ANCHOR, 1), known == Some(self.anchor)) {
            return Some(self.anchor);
        }
        if model.bit(coder, mix(ANCHOR, 2), known == Some(None)) {
            return Some(None);
        }
        let known = known.flatten();
        let age = known.map_or(0, |anchor| device_time_ms.wrapping_sub(anchor.at_ms));
        let ahead = model.bit(coder, mix(ANCHOR, 3), age < 0);
        let age = if age < 0 { !age } else { age };
        let age = model.number(coder, mix(ANCHOR, 4), age.cast_unsigned()).cast_signed();
        let at_ms = device_time_ms.wrapping_sub(if ahead { !age } else { age });
        let nonce = sixteen(model, coder, ANCHOR, known.map(|anchor| anchor.nonce))?;
        Some(Some(Anchor { at_ms, nonce }))
    }
}

/// Sixteen bytes: some that the column has had, or random ones.
fn sixteen(
    model: &mut Model,
    coder: &mut impl Coder,
    column: Column,
    known: Option<[u8; 16]>,
) -> Option<[u8; 16]> {
    let id = known.map(|bytes| model.word_id(&bytes).unwrap_or(u32::MAX));
    if let Some(id) = model.pick(coder, column, id) {
        return model.word(id)?.try_into().ok();
    }
    let mut bytes = known.unwrap_or_default();
    for byte in &mut bytes {
        *byte = body::random_byte(coder, *byte);
    }
    body::remember(model, column, &bytes);
    Some(bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_prior_is_read_to_its_end_and_is_what_is_written_of_it() {
        let nothing = DeviceSecret([0; 32]);
        let context = Context { secret: &nothing, after_seq: 0, before: None };
        let mut entries = Vec::new();
        decode_with(&mut fresh(), PRIOR, &context, |entry| entries.push(entry)).unwrap();
        assert!(entries.len() > 700);
        assert!(encode_prior(&entries) == PRIOR);
    }
}
