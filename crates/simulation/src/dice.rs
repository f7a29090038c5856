//! Chance from a seed. Invariant: the same seed and the same questions give the same answers.

use std::time::Duration;

use pishkhan_sync::engine::Random;

/// Dice.
#[derive(Clone, Debug)]
pub(crate) struct Dice(Random);

impl Dice {
    /// From a seed.
    #[must_use]
    pub(crate) fn new(seed: u64) -> Self {
        Self(Random::from_seed(seed))
    }

    /// Any number.
    pub(crate) fn any(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// From 0 to `count` - 1.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        let count = u64::try_from(count.max(1)).unwrap_or(1);
        usize::try_from(self.any() % count).unwrap_or(0)
    }

    /// In so many of a hundred cases.
    pub(crate) fn percent(&mut self, chance: u64) -> bool {
        self.any() % 100 < chance
    }

    /// In so many of a thousand cases.
    pub(crate) fn permille(&mut self, chance: u64) -> bool {
        self.any() % 1_000 < chance
    }

    /// Up to this long.
    pub(crate) fn up_to(&mut self, most: Duration) -> Duration {
        self.0.up_to(most)
    }

    /// A signed number within `±most`.
    pub(crate) fn around(&mut self, most: i64) -> i64 {
        let span = u64::try_from(most).unwrap_or(0) * 2 + 1;
        i64::try_from(self.any() % span).unwrap_or(0) - most
    }
}
