//! The items of a body's CBOR (RFC 8949), as far as bodies use it: definite lengths, shortest
//! heads, no tags, no floats. What is written otherwise travels as it is.

use crate::exchange::MAX_BODY_BYTES;

/// What stands before the content of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) major: u8,
    /// Number, length, count, or which of the simple values.
    pub(super) argument: u64,
}

pub(super) const UNSIGNED: u8 = 0;
pub(super) const NEGATIVE: u8 = 1;
pub(super) const BYTES: u8 = 2;
pub(super) const TEXT: u8 = 3;
pub(super) const ARRAY: u8 = 4;
pub(super) const MAP: u8 = 5;
pub(super) const SIMPLE: u8 = 7;

/// Deeper nesting is not taken apart.
pub(super) const MAX_DEPTH: usize = 16;

impl Head {
    /// The head at the beginning of `bytes`, and what follows it; none if it is not of ours.
    fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (&first, rest) = bytes.split_first()?;
        let (major, short) = (first >> 5, first & 0x1f);
        let size = match short {
            0..24 => 0,
            24..28 => 1 << (short - 24),
            _ => return None,
        };
        let (argument, rest) = rest.split_at_checked(size)?;
        let argument = match size {
            0 => u64::from(short),
            _ => argument.iter().fold(0, |all, byte| (all << 8) | u64::from(*byte)),
        };
        let head = Self { major, argument };
        let plain = match major {
            SIMPLE => size == 0,
            UNSIGNED | NEGATIVE => true,
            BYTES..=MAP => argument <= MAX_BODY_BYTES as u64,
            _ => false,
        };
        (plain && head.size() == size).then_some((head, rest))
    }

    fn size(self) -> usize {
        match self.argument {
            0..24 => 0,
            24..0x100 => 1,
            0x100..0x1_0000 => 2,
            0x1_0000..0x1_0000_0000 => 4,
            _ => 8,
        }
    }

    /// Appends the shortest form.
    pub(super) fn write(self, out: &mut Vec<u8>) {
        let size = self.size();
        let short = match size {
            0 => self.argument.to_be_bytes()[7],
            1 => 24,
            2 => 25,
            4 => 26,
            _ => 27,
        };
        out.push((self.major << 5) | short);
        out.extend_from_slice(&self.argument.to_be_bytes()[8 - size..]);
    }

    /// How many items it contains.
    pub(super) fn items(self) -> Option<u64> {
        match self.major {
            ARRAY => Some(self.argument),
            MAP => Some(self.argument * 2),
            _ => None,
        }
    }

    /// How many bytes of content follow.
    fn content(self) -> usize {
        match self.major {
            BYTES | TEXT => usize::try_from(self.argument).unwrap_or(usize::MAX),
            _ => 0,
        }
    }
}

/// The head of the first item, its content, and what follows.
pub(super) fn split_item(bytes: &[u8]) -> Option<(Head, &[u8], &[u8])> {
    let (head, rest) = Head::read(bytes)?;
    let (content, rest) = rest.split_at_checked(head.content())?;
    Some((head, content, rest))
}

/// Is this exactly one item that can be taken apart and put together again?
pub(super) fn is_plain(body: &[u8]) -> bool {
    let mut rest = body;
    // Items still to come at each depth.
    let mut left: Vec<u64> = vec![1];
    while let Some(items) = left.last_mut() {
        if *items == 0 {
            left.pop();
            continue;
        }
        *items -= 1;
        let Some((head, content, behind)) = split_item(rest) else { return false };
        let text = head.major == TEXT;
        if text && (content.contains(&0) || std::str::from_utf8(content).is_err()) {
            return false;
        }
        if let Some(items) = head.items() {
            left.push(items);
        }
        if left.len() > MAX_DEPTH {
            return false;
        }
        rest = behind;
    }
    rest.is_empty()
}
