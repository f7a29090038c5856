//! A binary arithmetic coder, carry-free, with probabilities that follow what was coded.
//!
//! Integers only: both sides compute the same on every machine.

use crate::error::ProtocolError;

/// Chance that a bit is 1, of 65 536, and how often it was seen.
#[derive(Clone, Copy)]
pub(super) struct Chance {
    one: u16,
    seen: u8,
}

/// After so many bits a chance follows no more slowly.
const STEADY: u8 = 250;
/// What a chance has learnt elsewhere counts for so many bits.
const LEARNT: u8 = 20;
/// How far a chance goes towards a bit, of 65 536, by how often it was seen.
const SHARES: [u32; 256] = {
    let mut shares = [0; 256];
    let mut seen = 0;
    while seen < 256 {
        shares[seen] = (2 << 16) / (2 * seen as u32 + 3);
        seen += 1;
    }
    shares
};
/// No bit costs less than the logarithm of this, so that none costs all too much.
const LEAST: u16 = 24;

impl Chance {
    pub(super) const EVEN: Self = Self { one: 1 << 15, seen: 0 };

    /// Follows what comes now more readily than what it has learnt.
    pub(super) fn loosen(&mut self) {
        self.seen = self.seen.min(LEARNT);
    }

    fn split(self) -> u64 {
        u64::from(self.one.clamp(LEAST, u16::MAX - LEAST))
    }

    fn follow(&mut self, bit: bool) {
        let share = SHARES[usize::from(self.seen)];
        // Between 0 and 65 535 always: a share is less than the whole.
        if bit {
            self.one += ((u32::from(u16::MAX - self.one) * share) >> 16) as u16;
        } else {
            self.one -= ((u32::from(self.one) * share) >> 16) as u16;
        }
        self.seen += u8::from(self.seen < STEADY);
    }
}

/// One side of the coder. What writes takes the bit it is given; what reads ignores it and gives
/// the bit that was written.
pub(super) trait Coder {
    fn bit(&mut self, chance: &mut Chance, bit: bool) -> bool;
}

/// Writes.
pub(super) struct Writer {
    low: u32,
    high: u32,
    out: Vec<u8>,
}

impl Writer {
    pub(super) fn new() -> Self {
        Self { low: 0, high: u32::MAX, out: Vec::new() }
    }

    /// Ends with the fewest bytes that still name the last interval; what follows reads as zeros.
    pub(super) fn finish(mut self) -> Vec<u8> {
        for kept in 0..4 {
            let unit = 1_u64 << (32 - 8 * kept);
            let value = u64::from(self.low).div_ceil(unit) * unit;
            if value <= u64::from(self.high) {
                let bytes = u32::try_from(value).unwrap_or(self.low).to_be_bytes();
                self.out.extend_from_slice(&bytes[..kept]);
                return self.out;
            }
        }
        self.out.extend_from_slice(&self.low.to_be_bytes());
        self.out
    }
}

impl Coder for Writer {
    fn bit(&mut self, chance: &mut Chance, bit: bool) -> bool {
        narrow(&mut self.low, &mut self.high, chance.split(), |_| bit);
        chance.follow(bit);
        while (self.low ^ self.high) >> 24 == 0 {
            self.out.push(self.low.to_be_bytes()[0]);
            self.low <<= 8;
            self.high = (self.high << 8) | 0xff;
        }
        bit
    }
}

/// Reads.
pub(super) struct Reader<'a> {
    low: u32,
    high: u32,
    value: u32,
    bytes: &'a [u8],
    place: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let mut reader = Self { low: 0, high: u32::MAX, value: 0, bytes, place: 0 };
        (0..4).for_each(|_| reader.take());
        reader
    }

    fn take(&mut self) {
        let byte = self.bytes.get(self.place).copied().unwrap_or(0);
        self.value = (self.value << 8) | u32::from(byte);
        self.place += 1;
    }

    /// Has more been read than a writer leaves out?
    pub(super) fn check(&self) -> Result<(), ProtocolError> {
        let within = self.place <= self.bytes.len() + 4;
        within.then_some(()).ok_or(ProtocolError::Malformed { what: "batch" })
    }

    /// Has all been read, and no more?
    pub(super) fn finish(self) -> Result<(), ProtocolError> {
        self.check()?;
        let all = self.place >= self.bytes.len();
        all.then_some(()).ok_or(ProtocolError::Malformed { what: "batch" })
    }
}

impl Coder for Reader<'_> {
    fn bit(&mut self, chance: &mut Chance, _: bool) -> bool {
        let value = self.value;
        let bit = narrow(&mut self.low, &mut self.high, chance.split(), |middle| value <= middle);
        chance.follow(bit);
        while (self.low ^ self.high) >> 24 == 0 {
            self.low <<= 8;
            self.high = (self.high << 8) | 0xff;
            self.take();
        }
        bit
    }
}

fn narrow(low: &mut u32, high: &mut u32, split: u64, decide: impl Fn(u32) -> bool) -> bool {
    let part = (u64::from(*high - *low) * split) >> 16;
    let middle = *low + u32::try_from(part).unwrap_or(0);
    let bit = decide(middle);
    if bit {
        *high = middle;
    } else {
        *low = middle + 1;
    }
    bit
}
