//! A body, item by item: what an item is follows from where it stands.

use super::head::{self, ARRAY, BYTES, Head, MAP, NEGATIVE, SIMPLE, TEXT, UNSIGNED};
use super::model::{Column, Model, mix, mix_bytes};
use super::range::{Chance, Coder};
use super::text;
use crate::error::ProtocolError;
use crate::exchange::MAX_BODY_BYTES;

/// Column of heads that are new where they stand.
const NEW_HEAD: Column = 0x4ead;
/// Column of bodies that are not taken apart.
const RAW: Column = 0x4a3;
/// Depth of the fields of a body, `[kind, [[field, ...]]]`.
const FIELDS: usize = 3;
/// Field of an application that does not depend on its service.
const APPLICANT: u64 = 2;

/// What is known beside the body.
#[derive(Clone, Copy)]
pub(super) struct Beside<'a> {
    pub(super) kind: u8,
    pub(super) device_time_ms: i64,
    /// Ids of the applications recorded before this entry, the last one last.
    pub(super) recorded: &'a [[u8; 16]],
}

/// Items of an array or map that are being coded.
struct Frame {
    column: Column,
    map: bool,
    items: u64,
    done: u64,
    /// The key before, of a map.
    key: u64,
}

/// A body; `known` when it is to be written.
pub(super) fn body(
    model: &mut Model,
    coder: &mut impl Coder,
    beside: &Beside<'_>,
    known: Option<&[u8]>,
) -> Result<Vec<u8>, ProtocolError> {
    let kind = mix(1, u64::from(beside.kind));
    let plain = known.is_some_and(head::is_plain);
    let out = if model.bit(coder, mix(kind, 2), plain) {
        items(model, coder, beside, mix(kind, 3), known)
    } else {
        raw(model, coder, known)
    };
    let within = out.filter(|body| body.len() <= MAX_BODY_BYTES || known.is_some());
    within.ok_or(ProtocolError::Malformed { what: "batch" })
}

fn raw(model: &mut Model, coder: &mut impl Coder, known: Option<&[u8]>) -> Option<Vec<u8>> {
    let length = model.number(coder, mix(RAW, 1), known.map_or(0, |body| body.len() as u64));
    let length = usize::try_from(length).ok()?;
    if known.is_none() && length > MAX_BODY_BYTES {
        return None;
    }
    let mut out = Vec::new();
    let mut last = 0;
    for place in 0..length {
        let byte = known.map_or(0, |body| body[place]);
        last = model.symbol(coder, mix(mix(RAW, 2), u64::from(last)), 8, u32::from(byte));
        out.push(u8::try_from(last).ok()?);
    }
    Some(out)
}

fn items(
    model: &mut Model,
    coder: &mut impl Coder,
    beside: &Beside<'_>,
    root: Column,
    known: Option<&[u8]>,
) -> Option<Vec<u8>> {
    let mut rest = known;
    let mut out = Vec::new();
    let mut frames = vec![Frame { column: root, map: false, items: 1, done: 0, key: 0 }];
    let mut service = 0;
    let today = day_of(beside.device_time_ms);
    while let Some(depth) = frames.len().checked_sub(1) {
        let frame = &mut frames[depth];
        if frame.done == frame.items {
            frames.pop();
            continue;
        }
        if out.len() > MAX_BODY_BYTES && known.is_none() {
            return None;
        }
        let is_key = frame.map && frame.done % 2 == 0;
        let mut column = match (frame.map, is_key) {
            (false, _) => mix(mix(frame.column, 20), frame.done),
            (true, true) => mix(mix(frame.column, 21), frame.key),
            (true, false) => mix(mix(frame.column, 22), frame.key),
        };
        if depth == FIELDS && frame.done != APPLICANT {
            column = mix(column, service);
        }
        let item = match rest {
            Some(bytes) => Some(head::split_item(bytes)?),
            None => None,
        };
        let head = coded_head(model, coder, column, item.map(|(head, _, _)| head))?;
        let content = item.map(|(_, content, _)| content);
        let start = out.len();
        let column = mix(column, u64::from(head.major) + 30);
        let most = MAX_BODY_BYTES.max(content.map_or(0, <[u8]>::len));
        match head.major {
            TEXT => {
                let known = content.and_then(|content| std::str::from_utf8(content).ok());
                let text = text::text(model, coder, column, today, known, most)?;
                Head { major: TEXT, argument: text.len() as u64 }.write(&mut out);
                out.extend_from_slice(text.as_bytes());
            }
            BYTES => {
                let length = usize::try_from(head.argument).ok()?;
                head.write(&mut out);
                bytes(model, coder, column, beside, length, content, &mut out)?;
            }
            UNSIGNED | NEGATIVE if head.argument >= SMALL => {
                let argument = item.map(|(head, _, _)| head.argument);
                let argument = integer(model, coder, column, argument)?;
                Head { major: head.major, argument }.write(&mut out);
            }
            _ => head.write(&mut out),
        }
        let frame = &mut frames[depth];
        if is_key {
            frame.key = mix_bytes(out.get(start..)?);
        }
        // The number of an enum's variant says what its members are.
        if !frame.map && frame.done == 0 && head.major == UNSIGNED {
            frame.column = mix(frame.column, head.argument);
        }
        if depth == FIELDS && frame.done == 0 && head.major == TEXT {
            service = mix_bytes(out.get(start..)?);
        }
        frame.done += 1;
        rest = item.map(|(_, _, rest)| rest);
        if let Some(items) = head.items() {
            if frames.len() >= head::MAX_DEPTH {
                return None;
            }
            frames.push(Frame { column, map: head.major == MAP, items, done: 0, key: 0 });
        }
    }
    Some(out)
}

/// Numbers from here on are not part of the head.
const SMALL: u64 = 24;

/// The head without what is coded apart: lengths of texts, large numbers.
fn coded_head(
    model: &mut Model,
    coder: &mut impl Coder,
    column: Column,
    known: Option<Head>,
) -> Option<Head> {
    let known = known.map(|head| match head.major {
        TEXT => Head { argument: 0, ..head },
        UNSIGNED | NEGATIVE => Head { argument: head.argument.min(SMALL), ..head },
        _ => head,
    });
    let packed = known
        .map(|head| u32::try_from(head.argument).unwrap_or(u32::MAX) << 3 | u32::from(head.major));
    let packed = match model.pick(coder, column, packed) {
        Some(packed) => packed,
        None => {
            let major = packed.unwrap_or(0) & 7;
            let major = model.symbol(coder, mix(NEW_HEAD, 1), 3, major);
            let place = mix(mix(NEW_HEAD, 2), u64::from(major));
            let argument = model.number(coder, place, u64::from(packed.unwrap_or(0) >> 3));
            let packed = u32::try_from(argument).ok()?.checked_mul(8)? | major;
            model.learn(column, packed);
            packed
        }
    };
    let head = Head { major: u8::try_from(packed & 7).ok()?, argument: u64::from(packed >> 3) };
    let fits = match head.major {
        TEXT => head.argument == 0,
        UNSIGNED | NEGATIVE => head.argument <= SMALL,
        BYTES | ARRAY | MAP => head.argument <= MAX_BODY_BYTES as u64,
        SIMPLE => head.argument < SMALL,
        _ => false,
    };
    fits.then_some(head)
}

/// A large number: one that the column has had, or a new one.
fn integer(
    model: &mut Model,
    coder: &mut impl Coder,
    column: Column,
    known: Option<u64>,
) -> Option<u64> {
    let id = known.map(|number| model.word_id(&number.to_be_bytes()).unwrap_or(u32::MAX));
    if let Some(id) = model.pick(coder, column, id) {
        return Some(u64::from_be_bytes(model.word(id)?.try_into().ok()?));
    }
    let number = model.number(coder, mix(column, 40), known.unwrap_or(0));
    remember(model, column, &number.to_be_bytes());
    Some(number)
}

/// Bytes: an application recorded shortly before, some that the column has had, or new ones.
fn bytes(
    model: &mut Model,
    coder: &mut impl Coder,
    column: Column,
    beside: &Beside<'_>,
    length: usize,
    known: Option<&[u8]>,
    out: &mut Vec<u8>,
) -> Option<()> {
    if length == 16 {
        let last = beside.recorded.len();
        let place = known.and_then(|id| beside.recorded.iter().rposition(|other| other == id));
        if model.bit(coder, mix(column, 41), place.is_some()) {
            let back = last as u64 - place.map_or(0, |place| place as u64 + 1);
            let back = usize::try_from(model.number(coder, mix(column, 42), back)).ok()?;
            let place = last.checked_sub(back)?.checked_sub(1)?;
            out.extend_from_slice(beside.recorded.get(place)?);
            return Some(());
        }
    }
    let id = known.map(|bytes| model.word_id(bytes).unwrap_or(u32::MAX));
    if let Some(id) = model.pick(coder, column, id) {
        let bytes = model.word(id).filter(|bytes| bytes.len() == length)?;
        out.extend_from_slice(bytes);
        return Some(());
    }
    // Ids begin with the time at which they were made; hashes are random.
    let clock = beside.device_time_ms.to_be_bytes();
    let start = out.len();
    for place in 0..length {
        let byte = known.map_or(0, |bytes| bytes[place]);
        let byte = if length == 16 {
            let mask = clock.get(place + 2).copied().unwrap_or(0);
            let column = mix(mix(column, 43), place as u64);
            let byte = model.symbol(coder, column, 8, u32::from(byte ^ mask));
            u8::try_from(byte).ok()? ^ mask
        } else {
            random_byte(coder, byte)
        };
        out.push(byte);
        if known.is_none() && out.len() > MAX_BODY_BYTES {
            return None;
        }
    }
    let bytes = out.get(start..)?.to_vec();
    remember(model, column, &bytes);
    Some(())
}

/// A byte of which nothing is known.
pub(super) fn random_byte(coder: &mut impl Coder, byte: u8) -> u8 {
    (0..8).rev().fold(0, |above, bit| {
        let set = coder.bit(&mut Chance::EVEN.clone(), (byte >> bit) & 1 == 1);
        (above << 1) | u8::from(set)
    })
}

pub(super) fn remember(model: &mut Model, column: Column, bytes: &[u8]) {
    let id = match model.word_id(bytes) {
        Some(id) => id,
        None => model.add_word(bytes),
    };
    model.learn(column, id);
}

fn day_of(at_ms: i64) -> i32 {
    i32::try_from(at_ms.div_euclid(86_400_000)).unwrap_or(0)
}
