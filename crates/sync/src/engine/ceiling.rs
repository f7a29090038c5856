//! How much passes in one piece. Invariant: never below the least size, never above the most. A
//! size that did not pass is tried again ever more seldom: a proxy's refusal or a cut may have been
//! a passing one, or the line's ordinary life.

use super::config::SizeRange;

const PATIENCE_MOST: u32 = 256;

/// The largest piece to be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ceiling {
    range: SizeRange,
    bytes: usize,
    /// Pieces near the ceiling that passed, and how many it takes before a larger one is tried.
    proven: u32,
    patience: u32,
}

impl Ceiling {
    pub(crate) fn new(range: SizeRange) -> Self {
        Self { range, bytes: range.most, proven: 0, patience: 1 }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Did something not pass of late?
    pub(crate) fn lowered(&self) -> bool {
        self.bytes < self.range.most
    }

    /// A piece of this size passed.
    pub(crate) fn passed(&mut self, bytes: usize) {
        if !self.lowered() || bytes.saturating_mul(2) < self.bytes {
            return;
        }
        self.proven += 1;
        if self.proven >= self.patience {
            self.proven = 0;
            self.bytes = self.bytes.saturating_mul(2).min(self.range.most);
        }
    }

    /// A piece of this size did not: true if there is a smaller one to try.
    pub(crate) fn refused(&mut self, bytes: usize) -> bool {
        let before = self.bytes.min(bytes.max(self.range.least));
        self.bytes = (before / 2).max(self.range.least);
        self.proven = 0;
        self.patience = self.patience.saturating_mul(2).min(PATIENCE_MOST);
        self.bytes < before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RANGE: SizeRange = SizeRange { least: 1024, first: 8192, most: 524_288 };

    #[test]
    fn what_did_not_pass_is_not_tried_at_once() {
        let mut ceiling = Ceiling::new(RANGE);
        assert!(ceiling.refused(8_192));
        assert_eq!(ceiling.bytes(), 4_096);
        ceiling.passed(4_000);
        assert_eq!(ceiling.bytes(), 4_096);
        ceiling.passed(200);
        assert_eq!(ceiling.bytes(), 4_096, "a small one proves nothing");
        ceiling.passed(4_000);
        assert_eq!(ceiling.bytes(), 8_192);
        assert!(ceiling.refused(1_500));
        assert!(!ceiling.refused(1_024), "nothing smaller is left");
    }

    #[test]
    fn a_lasting_limit_costs_ever_fewer_refusals_and_a_passing_one_is_forgotten() {
        let limit = 64 * 1024;
        let mut ceiling = Ceiling::new(RANGE);
        let mut refusals = 0;
        for _ in 0..1_000 {
            if ceiling.bytes() > limit {
                refusals += 1;
                ceiling.refused(ceiling.bytes());
            } else {
                ceiling.passed(ceiling.bytes());
            }
        }
        assert!((3..20).contains(&refusals), "{refusals} refusals");
        for _ in 0..2_000 {
            ceiling.passed(ceiling.bytes());
        }
        assert_eq!(ceiling.bytes(), RANGE.most);
    }
}
