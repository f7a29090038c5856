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
    /// The later values of the columns that had more than one.
    later: Vec<Vec<u32>>,
    /// From column and value to place, of columns with many.
    places: Table<u32>,
    /// From the hash of a word to its number.
    ids: Table<WordId>,
    ends: Vec<u32>,
    letters: Vec<u8>,
}

type Table<T> = HashMap<u64, T, BuildHasherDefault<AlreadyMixed>>;

#[derive(Clone, Copy)]
struct Values {
    first: u32,
    /// Place in [`Model::later`]; [`NONE`] as long as there is no other.
    later: u32,
}

const NONE: u32 = u32::MAX;

/// So many values are looked through one by one: faster than a table for each.
const FEW: usize = 16;

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

/// From here on there are places.
const MORE: usize = FEW + 1;

fn place_of(column: Column, value: u32) -> u64 {
    mix(column, 7 + (u64::from(value) << 3))
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
            later: Vec::new(),
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
            Some(value) => self.place(column, values, value).map_or(1, |place| place + 2),
            None => 0,
        };
        match self.number(coder, mix(column, 5), number) {
            0 => Some(values.first),
            1 => None,
            number => self.later(values).get(usize::try_from(number - 2).ok()?).copied(),
        }
    }

    /// From now on the column has had this value.
    pub(super) fn learn(&mut self, column: Column, value: u32) {
        let Some(&values) = self.columns.get(&column) else {
            self.columns.insert(column, Values { first: value, later: NONE });
            return;
        };
        if values.first == value || self.place(column, values, value).is_some() {
            return;
        }
        if values.later == NONE {
            let later = u32::try_from(self.later.len()).unwrap_or(NONE);
            self.columns.insert(column, Values { later, ..values });
            self.later.push(vec![value]);
            return;
        }
        let Some(later) = self.later.get_mut(values.later as usize) else { return };
        later.push(value);
        let named = match later.len() {
            0..=FEW => return,
            MORE => 0,
            more => more - 1,
        };
        for (place, value) in (0_u32..).zip(later.iter()).skip(named) {
            self.places.insert(place_of(column, *value), place);
        }
    }

    /// Has the column had this value?
    pub(super) fn has(&self, column: Column, value: u32) -> bool {
        self.columns.get(&column).is_some_and(|values| {
            values.first == value || self.place(column, *values, value).is_some()
        })
    }

    fn later(&self, values: Values) -> &[u32] {
        self.later.get(values.later as usize).map_or(&[], Vec::as_slice)
    }

    /// Where a value stands among the later ones.
    fn place(&self, column: Column, values: Values, value: u32) -> Option<u64> {
        let later = self.later(values);
        if later.len() <= FEW {
            return later.iter().position(|other| *other == value).map(|place| place as u64);
        }
        let place = *self.places.get(&place_of(column, value))?;
        // Two keys may meet; a place counts only if the reader finds the value there.
        (later.get(place as usize) == Some(&value)).then_some(u64::from(place))
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
