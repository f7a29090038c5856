//! What is known of each column so far: chances of bits, and values in the order in which they
//! first came. A column is a number made of the path to a field and of what stands before it.
//!
//! Invariant: writer and reader do the same to it in the same order, so both know the same.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::range::{Chance, Coder};

/// A column, or a part of one.
pub(super) type Column = u64;

/// Logarithm of the number of chances. Columns that meet in one place only cost a little.
const PLACES: u32 = 18;

/// Number of a value within [`Model::words`].
pub(super) type WordId = u32;

#[derive(Clone)]
pub(super) struct Model {
    chances: Vec<Chance>,
    /// What each column has had.
    columns: Table<Values>,
    /// From column and place to value, but for the first.
    values: Table<u32>,
    /// From column and value to place, but for the first.
    places: Table<u32>,
    /// From the hash of a word to its number.
    ids: Table<WordId>,
    ends: Vec<u32>,
    letters: Vec<u8>,
}

type Table<T> = HashMap<u64, T, BuildHasherDefault<AlreadyMixed>>;

#[derive(Clone, Copy)]
struct Values {
    count: u32,
    first: u32,
}

/// Keys are mixed already.
#[derive(Clone, Default)]
struct AlreadyMixed(u64);

impl Hasher for AlreadyMixed {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |all, byte| mix(all, u64::from(*byte)));
    }
    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

/// A column within a column.
pub(super) fn mix(column: Column, part: u64) -> Column {
    let mixed =
        (column ^ part.wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    mixed ^ (mixed >> 32)
}

/// A number that stands for some bytes.
pub(super) fn mix_bytes(bytes: &[u8]) -> u64 {
    bytes.chunks(8).fold(bytes.len() as u64, |all, chunk| {
        let mut eight = [0; 8];
        eight[..chunk.len()].copy_from_slice(chunk);
        mix(all, u64::from_le_bytes(eight))
    })
}

impl Model {
    pub(super) fn new() -> Self {
        Self {
            chances: vec![Chance::EVEN; 1 << PLACES],
            columns: Table::default(),
            values: Table::default(),
            places: Table::default(),
            ids: Table::default(),
            ends: Vec::new(),
            letters: Vec::new(),
        }
    }

    /// What was learnt from elsewhere counts for no more than a few dozen cases of one's own.
    pub(super) fn loosen(&mut self) {
        self.chances.iter_mut().for_each(Chance::loosen);
    }

    /// A bit of a column.
    pub(super) fn bit(&mut self, coder: &mut impl Coder, column: Column, bit: bool) -> bool {
        let place = usize::try_from(column >> (64 - PLACES)).unwrap_or(0);
        match self.chances.get_mut(place) {
            Some(chance) => coder.bit(chance, bit),
            None => bit,
        }
    }

    /// A number below 2^`bits`, bit by bit from the highest.
    pub(super) fn symbol(
        &mut self,
        coder: &mut impl Coder,
        column: Column,
        bits: u32,
        symbol: u32,
    ) -> u32 {
        let tree = (0..bits).rev().fold(1, |node: u32, bit| {
            let set = self.bit(coder, mix(column, u64::from(node)), (symbol >> bit) & 1 == 1);
            (node << 1) | u32::from(set)
        });
        tree - (1 << bits)
    }

    /// Any number; how large it is and its highest bits are learnt.
    pub(super) fn number(&mut self, coder: &mut impl Coder, column: Column, number: u64) -> u64 {
        if self.bit(coder, mix(column, 1), number == 0) {
            return 0;
        }
        if self.bit(coder, mix(column, 2), number == 1) {
            return 1;
        }
        // Two and more: the length after the highest bit, then the bits below it.
        let length = number.max(2).ilog2();
        let length = self.symbol(coder, mix(column, 3), 6, length).max(1);
        let column = mix(column, 4 + u64::from(length));
        (0..length).rev().fold(1, |above: u64, bit| {
            let known = length - 1 - bit < LEARNT_BITS;
            let place = if known { above } else { u64::MAX - u64::from(bit) };
            let set = self.bit(coder, mix(column, place), (number >> bit) & 1 == 1);
            (above << 1) | u64::from(set)
        })
    }

    /// A value that the column has had before; none, if it has not, or when what was read names
    /// none. A column that had no value yet costs nothing.
    pub(super) fn pick(
        &mut self,
        coder: &mut impl Coder,
        column: Column,
        value: Option<u32>,
    ) -> Option<u32> {
        let values = *self.columns.get(&column)?;
        // 0 is the first value, 1 another than all, 2 the second value, and so on.
        let number = match value {
            Some(value) if value == values.first => 0,
            Some(value) => self.later_place(column, value).map_or(1, |place| u64::from(place) + 1),
            None => 0,
        };
        match self.number(coder, mix(column, 5), number) {
            0 => Some(values.first),
            1 => None,
            number => self.later_value(column, number - 1),
        }
    }

    /// From now on the column has had this value.
    pub(super) fn learn(&mut self, column: Column, value: u32) {
        if self.has(column, value) {
            return;
        }
        match self.columns.get_mut(&column) {
            None => {
                self.columns.insert(column, Values { count: 1, first: value });
            }
            Some(values) => {
                let place = values.count;
                values.count += 1;
                self.values.insert(mix(column, 6 + (u64::from(place) << 3)), value);
                self.places.insert(mix(column, 7 + (u64::from(value) << 3)), place);
            }
        }
    }

    /// Has the column had this value?
    pub(super) fn has(&self, column: Column, value: u32) -> bool {
        let values = self.columns.get(&column);
        values.is_some_and(|values| values.first == value)
            || self.later_place(column, value).is_some()
    }

    fn later_place(&self, column: Column, value: u32) -> Option<u32> {
        let place = *self.places.get(&mix(column, 7 + (u64::from(value) << 3)))?;
        // Two keys may meet; a place counts only if the reader finds the value there.
        (self.later_value(column, u64::from(place)) == Some(value)).then_some(place)
    }

    fn later_value(&self, column: Column, place: u64) -> Option<u32> {
        self.values.get(&mix(column, 6 + (place << 3))).copied()
    }

    /// The number of a word that has come before.
    pub(super) fn word_id(&self, word: &[u8]) -> Option<WordId> {
        let id = *self.ids.get(&mix_bytes(word))?;
        (self.word(id)? == word).then_some(id)
    }

    /// A new word.
    pub(super) fn add_word(&mut self, word: &[u8]) -> WordId {
        let id = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        self.letters.extend_from_slice(word);
        self.ends.push(u32::try_from(self.letters.len()).unwrap_or(u32::MAX));
        self.ids.insert(mix_bytes(word), id);
        id
    }

    /// The word of a number.
    pub(super) fn word(&self, id: WordId) -> Option<&[u8]> {
        let index = usize::try_from(id).ok()?;
        let end = *self.ends.get(index)? as usize;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        self.letters.get(start..end)
    }
}

/// So many bits of a large number are learnt, the rest only by their place.
const LEARNT_BITS: u32 = 12;
