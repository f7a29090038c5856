//! The centre's side of a push, as a pure decision over what it has stored.

use std::panic::resume_unwind;
use std::sync::mpsc::channel;
use std::thread;

use pishkhan_domain::ids::DeviceNumber;

use crate::chain::{Entry, link};
use crate::columns::{self, Context};
use crate::derive::DeviceSecret;
use crate::error::ProtocolError;
use crate::event::Event;
use crate::exchange::{Batch, MAX_BATCH_ENTRIES, MAX_BODY_BYTES, MAX_SEQ};
use crate::head::Head;
use crate::keys::{PublicKey, SignatureBytes};
use crate::rows;
use crate::short::ShortBatch;

/// A batch whose entries, linked one after the other, give the head that the device signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedBatch {
    /// Head before the first event.
    pub after: Head,
    /// The events, in order.
    pub events: Vec<Event>,
    /// The device's signature on the head after the last event.
    pub signature: SignatureBytes,
}

/// What the centre does with a verified batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppendPlan {
    /// Append the events from this index on; those before are stored already. Equal to the number
    /// of events when all are.
    Append {
        /// First event that is new.
        from: usize,
    },
    /// The batch begins beyond the head.
    Gap,
    /// The batch contradicts what is stored: keep it aside.
    Fork,
}

/// Links and checks a batch; needs nothing stored.
///
/// # Errors
/// [`ProtocolError::Unknown`] codec, [`ProtocolError::Malformed`] framing, size or sequence,
/// [`ProtocolError::BadSignature`], [`ProtocolError::Mismatch`] when the entries do not give the
/// signed head.
pub fn verify_batch(
    device: DeviceNumber,
    secret: &DeviceSecret,
    key: &PublicKey,
    batch: &Batch,
) -> Result<VerifiedBatch, ProtocolError> {
    batch.head.verify(device, key, &batch.signature)?;
    let context = Context { secret, after_seq: batch.after.seq, before: None };
    let (head, events) = read_and_link(device, batch.after, batch.codec, &batch.entries, &context)?;
    if head == batch.head {
        Ok(VerifiedBatch { after: batch.after, events, signature: batch.signature })
    } else {
        Err(ProtocolError::Mismatch { what: "batch" })
    }
}

/// The same for a batch of the short exchange, which goes on from a head and an event that this
/// side holds; its signature is checked on the head that comes of it.
///
/// # Errors
/// As [`verify_batch`]; [`ProtocolError::BadSignature`] also when the entries give another head.
pub fn verify_short(
    device: DeviceNumber,
    secret: &DeviceSecret,
    key: &PublicKey,
    after: &Head,
    before: Option<&Event>,
    batch: &ShortBatch,
) -> Result<VerifiedBatch, ProtocolError> {
    let context = Context { secret, after_seq: after.seq, before };
    let (head, events) = read_and_link(device, *after, batch.codec, &batch.entries, &context)?;
    head.verify(device, key, &batch.signature)?;
    Ok(VerifiedBatch { after: *after, events, signature: batch.signature })
}

/// A batch of so many bytes is worth a second thread.
const LARGE_BYTES: usize = 8 * 1024;
/// Entries that are handed over together.
const TURN: usize = 128;

/// Reads the entries of a batch and links them; of a large one, those that were read are linked
/// while the next are read.
fn read_and_link(
    device: DeviceNumber,
    after: Head,
    codec: u8,
    bytes: &[u8],
    context: &Context<'_>,
) -> Result<(Head, Vec<Event>), ProtocolError> {
    if context.after_seq > MAX_SEQ {
        return Err(TOO_LARGE);
    }
    let secret = context.secret;
    if bytes.len() < LARGE_BYTES {
        let mut entries = Vec::new();
        read_each(codec, bytes, context, |entry| entries.push(entry))?;
        return Ok(link_all(device, secret, after, entries));
    }
    thread::scope(|scope| {
        let (sender, receiver) = channel::<Vec<Entry>>();
        let linked =
            scope.spawn(move || link_all(device, secret, after, receiver.iter().flatten()));
        let mut turn = Vec::with_capacity(TURN);
        let read = read_each(codec, bytes, context, |entry| {
            turn.push(entry);
            if turn.len() == TURN {
                // It ends only when nothing more can come.
                let _ = sender.send(std::mem::replace(&mut turn, Vec::with_capacity(TURN)));
            }
        });
        let _ = sender.send(turn);
        drop(sender);
        let linked = linked.join().unwrap_or_else(|panic| resume_unwind(panic));
        read.map(|()| linked)
    })
}

const TOO_LARGE: ProtocolError = ProtocolError::Malformed { what: "batch within its size" };

fn read_each(
    codec: u8,
    bytes: &[u8],
    context: &Context<'_>,
    mut each: impl FnMut(Entry),
) -> Result<(), ProtocolError> {
    let (mut number, mut long) = (0, false);
    let counted = |entry: Entry| {
        number += 1;
        long |= entry.body.len() > MAX_BODY_BYTES;
        each(entry);
    };
    match codec {
        rows::CODEC_ROWS => rows::decode(bytes)?.into_iter().for_each(counted),
        columns::CODEC_COLUMNS => columns::decode_each(bytes, context, counted)?,
        other => {
            return Err(ProtocolError::Unknown { what: "codec", number: u64::from(other) });
        }
    }
    if number > MAX_BATCH_ENTRIES || long { Err(TOO_LARGE) } else { Ok(()) }
}

fn link_all(
    device: DeviceNumber,
    secret: &DeviceSecret,
    after: Head,
    entries: impl IntoIterator<Item = Entry>,
) -> (Head, Vec<Event>) {
    let mut head = after;
    let link_one = |entry| {
        let event = link(device, secret, &head, entry);
        head = Head { seq: event.core.seq, hash: event.hash() };
        event
    };
    let events = entries.into_iter().map(link_one).collect();
    (head, events)
}

/// Decides where a batch stands to the stored head. `stored_hash_at(seq)` gives the stored hash at
/// a sequence not beyond the head; it is asked only at `after` and where batch and store overlap.
pub fn plan_append(
    stored: &Head,
    batch: &VerifiedBatch,
    mut stored_hash_at: impl FnMut(u64) -> Option<[u8; 32]>,
) -> AppendPlan {
    if batch.after.seq > stored.seq {
        return AppendPlan::Gap;
    }
    let mut same = |seq: u64, hash: [u8; 32]| {
        if seq == 0 { hash == Head::EMPTY.hash } else { stored_hash_at(seq) == Some(hash) }
    };
    if !same(batch.after.seq, batch.after.hash) {
        return AppendPlan::Fork;
    }
    // The chain links backwards: if the last overlapping event is the stored one, all before are.
    let overlap = usize::try_from(stored.seq - batch.after.seq).unwrap_or(usize::MAX);
    let overlap = overlap.min(batch.events.len());
    match overlap.checked_sub(1).and_then(|last| batch.events.get(last)) {
        Some(last) if !same(last.core.seq, last.hash()) => AppendPlan::Fork,
        _ => AppendPlan::Append { from: overlap },
    }
}
