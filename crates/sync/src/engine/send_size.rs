//! How much to send at once on the line as measured. Invariant: never below the least size (an
//! entry larger than it goes alone), never above the most. A size that was refused is tried again
//! ever more seldom: the refusal may have been a passing proxy's.

use std::time::Duration;

use super::config::SizeRange;

const PATIENCE_MOST: u32 = 256;

/// The size of the next batch or chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SendSize {
    range: SizeRange,
    bytes: usize,
    ceiling: usize,
    /// Successes at the ceiling, and how many it takes before a larger size is tried once more.
    proven: u32,
    patience: u32,
}

impl SendSize {
    pub(crate) fn new(range: SizeRange) -> Self {
        Self { range, bytes: range.first, ceiling: range.most, proven: 0, patience: 1 }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// `sent` bytes took `elapsed`: aim at `target`, at most twice as much as now.
    pub(crate) fn measured(&mut self, sent: usize, elapsed: Duration, target: Duration) {
        if sent == 0 {
            return;
        }
        if self.bytes == self.ceiling && self.ceiling < self.range.most {
            self.proven += 1;
            if self.proven >= self.patience {
                self.proven = 0;
                self.ceiling = (self.ceiling * 2).min(self.range.most);
            }
        }
        let rate = sent as u128 * target.as_millis() / elapsed.as_millis().max(1);
        let fitting = usize::try_from(rate).unwrap_or(usize::MAX);
        // A batch far smaller than allowed says little of the line: it measures the round trip.
        let floor = if sent * 2 < self.bytes { self.bytes } else { self.range.least };
        self.bytes = fitting.clamp(floor, self.bytes.saturating_mul(2)).min(self.ceiling);
    }

    /// It did not get through in time.
    pub(crate) fn halve(&mut self) {
        self.bytes = (self.bytes / 2).max(self.range.least);
    }

    /// It was refused for its size, which will not change: true if there is a smaller size to try.
    pub(crate) fn refused(&mut self) -> bool {
        let before = self.bytes;
        self.halve();
        self.ceiling = self.bytes;
        self.proven = 0;
        self.patience = self.patience.saturating_mul(2).min(PATIENCE_MOST);
        self.bytes < before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RANGE: SizeRange = SizeRange { least: 4096, first: 32768, most: 524_288 };
    const TARGET: Duration = Duration::from_secs(10);

    #[test]
    fn it_settles_at_ten_seconds_of_the_measured_line() {
        for bytes_per_second in [100, 1_000, 8_000, 50_000, 1_000_000] {
            let mut size = SendSize::new(RANGE);
            for _ in 0..20 {
                let sent = size.bytes();
                let elapsed = Duration::from_millis((sent * 1000 / bytes_per_second) as u64);
                size.measured(sent, elapsed, TARGET);
            }
            let wanted = (bytes_per_second * 10).clamp(RANGE.least, RANGE.most);
            let difference = size.bytes().abs_diff(wanted);
            assert!(difference * 20 <= wanted, "{bytes_per_second} B/s: {}", size.bytes());
        }
    }

    #[test]
    fn a_time_out_halves_and_a_refusal_is_remembered() {
        let mut size = SendSize::new(RANGE);
        size.halve();
        assert_eq!(size.bytes(), 16_384);
        assert!(size.refused());
        size.measured(8_192, Duration::from_millis(1), TARGET);
        assert_eq!(size.bytes(), 8_192, "what was refused is not tried at once");
        assert!(size.refused());
        assert!(!size.refused(), "nothing smaller is left");
    }

    #[test]
    fn a_lasting_limit_costs_ever_fewer_refusals_and_a_passing_one_is_forgotten() {
        let limit = 64 * 1024;
        let mut size = SendSize::new(RANGE);
        let mut refusals = 0;
        for _ in 0..1_000 {
            if size.bytes() > limit {
                refusals += 1;
                size.refused();
            } else {
                size.measured(size.bytes(), Duration::from_millis(1), TARGET);
            }
        }
        assert!((3..20).contains(&refusals), "{refusals} refusals");
        for _ in 0..2_000 {
            size.measured(size.bytes(), Duration::from_millis(1), TARGET);
        }
        assert_eq!(size.bytes(), RANGE.most);
    }

    #[test]
    fn a_small_batch_on_a_far_line_does_not_shrink_the_next() {
        let mut size = SendSize::new(RANGE);
        size.measured(200, Duration::from_secs(2), TARGET);
        assert_eq!(size.bytes(), RANGE.first);
    }
}
