//! What a line does to what it carries. Invariant: a plan is data; the same plan cuts the same
//! conversation at the same bytes.

use std::time::Duration;

use crate::random::Random;

/// A line's whole behaviour. The default carries everything at once.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plan {
    /// How slow and how far.
    pub shape: Shape,
    /// When connections are cut.
    pub cuts: Cuts,
    /// How both ends notice.
    pub end: End,
    /// Keep the bytes that were carried.
    pub capture: bool,
}

/// Rate and distance. The rate is shared by all connections, in each direction for itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shape {
    /// Bits a second in each direction; none: as fast as it goes.
    pub bits_per_second: Option<u64>,
    /// From one end to the other: half of the round trip.
    pub one_way: Duration,
}

/// When a connection is cut. Bytes are counted in each connection for itself, both directions
/// together.
#[derive(Clone, Copy, Debug, Default)]
pub enum Cuts {
    /// Never.
    #[default]
    Never,
    /// After so many bytes, for ever.
    Every {
        /// Bytes that a connection lives.
        bytes: u64,
    },
    /// At a byte drawn anew for each connection, until so many cuts were made.
    AtRandom {
        /// The same seed draws the same bytes.
        seed: u64,
        /// A connection lives from 1 to this many bytes.
        most_bytes: u64,
        /// How many cuts are made before the line is good.
        cuts: u64,
    },
}

/// How a cut shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum End {
    /// As a reset, both ways.
    #[default]
    Reset,
    /// As if each end had closed politely.
    Close,
}

impl Cuts {
    pub(super) fn seed(self) -> u64 {
        match self {
            Self::AtRandom { seed, .. } => seed,
            Self::Never | Self::Every { .. } => 0,
        }
    }

    /// How many bytes the next connection lives.
    pub(super) fn draw(self, random: &mut Random) -> Option<u64> {
        match self {
            Self::Never => None,
            Self::Every { bytes } => Some(bytes),
            Self::AtRandom { most_bytes, .. } => Some(random.below(most_bytes) + 1),
        }
    }

    /// May a connection be cut after so many cuts?
    pub(super) fn goes_on(self, cuts_made: u64) -> bool {
        match self {
            Self::Never => false,
            Self::Every { .. } => true,
            Self::AtRandom { cuts, .. } => cuts_made < cuts,
        }
    }
}
