//! What a line has carried. Invariant: bytes are those above TCP, counted when they enter the line.

/// Which way bytes went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the office.
    Up,
    /// To the office.
    Down,
}

/// What was carried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Connections opened.
    pub connections: u64,
    /// Bytes from the office.
    pub up_bytes: u64,
    /// Bytes to the office.
    pub down_bytes: u64,
    /// How often an answer followed a question: in each connection, bytes to the office after bytes
    /// from it. TCP's own are not among them.
    pub round_trips: u64,
    /// Connections cut.
    pub cuts: u64,
}

impl Counted {
    /// Bytes both ways.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.up_bytes + self.down_bytes
    }
}

/// A piece that was carried.
#[derive(Clone, Debug)]
pub struct Carried {
    /// Connections are numbered from 1.
    pub connection: u64,
    /// Which way.
    pub way: Way,
    /// The bytes.
    pub bytes: Vec<u8>,
}

#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) counted: Counted,
    pub(super) captured: Vec<Carried>,
    pub(super) opened: u64,
}

impl Tally {
    pub(super) fn open(&mut self) -> u64 {
        self.opened += 1;
        self.counted.connections += 1;
        self.opened
    }

    /// Counts a piece; `answers` says that it follows bytes of the other way.
    pub(super) fn carried(&mut self, way: Way, bytes: usize, answers: bool) {
        let total = match way {
            Way::Up => &mut self.counted.up_bytes,
            Way::Down => &mut self.counted.down_bytes,
        };
        *total += bytes as u64;
        self.counted.round_trips += u64::from(answers && way == Way::Down);
    }

    pub(super) fn anew(&mut self) {
        let cuts = self.counted.cuts;
        self.counted = Counted { cuts, ..Counted::default() };
        self.captured.clear();
    }
}
