//! One direction of a shaped line, which carries one piece after the other. Invariant: whatever the
//! connections, no more bits pass in a time than the rate allows.

use std::time::Duration;

use tokio::time::Instant;

#[derive(Debug, Default)]
pub(super) struct Air {
    free_at: Option<Instant>,
}

impl Air {
    /// When the last bit of a piece that is offered now has entered the line.
    pub(super) fn take(&mut self, now: Instant, bytes: usize, rate: Option<u64>) -> Instant {
        let Some(rate) = rate.filter(|rate| *rate > 0) else { return now };
        let begins = self.free_at.map_or(now, |free| free.max(now));
        let nanoseconds = bytes as u64 * 8 * 1_000_000_000 / rate;
        let ends = begins + Duration::from_nanos(nanoseconds);
        self.free_at = Some(ends);
        ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_waits_for_those_before_it_and_takes_its_time() {
        let (mut air, now) = (Air::default(), Instant::now());
        let second = Duration::from_secs(1);
        assert_eq!(air.take(now, 8_000, Some(64_000)), now + second);
        assert_eq!(air.take(now, 4_000, Some(64_000)), now + second * 3 / 2);
        let later = now + second * 10;
        assert_eq!(air.take(later, 8_000, Some(64_000)), later + second);
        assert_eq!(air.take(now, 1_000_000, None), now);
    }
}
