//! What the line carries, as measured. Invariant: a message that carries next to nothing measures
//! the way there and back, any other the bytes that go in a second; neither is taken for the other.

use std::time::Duration;

/// Fewer bytes than these are nothing to any line that works at all.
const NEXT_TO_NOTHING: usize = 1024;

/// The line as measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Measure {
    bytes_per_second: Option<u64>,
    round_trip: Option<Duration>,
}

impl Measure {
    /// Something that carried nothing went there and back.
    pub(crate) fn trip(&mut self, took: Duration) {
        self.round_trip = Some(self.round_trip.map_or(took, |known| (known + took) / 2));
    }

    /// So many bytes went, in so many round trips.
    pub(crate) fn carried(&mut self, bytes: usize, took: Duration, trips: u32) {
        if bytes < NEXT_TO_NOTHING {
            return self.trip(took / trips.max(1));
        }
        let carrying = match self.round_trip {
            Some(trip) => took.saturating_sub(trip * trips),
            // Not known yet: half of it was the way, or a second.
            None => took - (took / 2).min(Duration::from_secs(1)),
        };
        let carrying = carrying.max(took / 8).max(Duration::from_millis(1));
        let rate = bytes as u128 * 1_000_000 / carrying.as_micros();
        let rate = u64::try_from(rate).unwrap_or(u64::MAX);
        self.bytes_per_second =
            Some(self.bytes_per_second.map_or(rate, |known| known.midpoint(rate)));
    }

    /// Something did not get through in time.
    pub(crate) fn too_slow(&mut self) {
        self.bytes_per_second = self.bytes_per_second.map(|rate| rate / 2);
    }

    /// Bytes that go in this time; none as long as nothing was measured.
    pub(crate) fn fitting(&self, target: Duration) -> Option<usize> {
        let bytes = u128::from(self.bytes_per_second?) * target.as_millis() / 1000;
        Some(usize::try_from(bytes).unwrap_or(usize::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: Duration = Duration::from_secs(10);

    #[test]
    fn it_finds_the_rate_of_a_far_line_whatever_the_way_takes() {
        for bytes_per_second in [100_u64, 1_000, 8_000, 50_000, 1_000_000] {
            let way = Duration::from_millis(600);
            let mut measure = Measure::default();
            let mut bytes = 8 * 1024;
            measure.trip(way);
            for _ in 0..20 {
                let carrying = Duration::from_micros(bytes as u64 * 1_000_000 / bytes_per_second);
                measure.carried(bytes, way + carrying, 1);
                bytes = measure.fitting(TARGET).unwrap_or(bytes).clamp(2_048, 8 << 20);
            }
            let found = measure.fitting(TARGET).unwrap_or_default();
            let wanted = usize::try_from(bytes_per_second * 10).unwrap_or_default();
            assert!(found.abs_diff(wanted) * 20 <= wanted, "{bytes_per_second} B/s: {found}");
        }
    }

    #[test]
    fn a_fast_line_is_known_after_one_batch() {
        let mut measure = Measure::default();
        measure.carried(8 * 1024, Duration::from_millis(20), 1);
        assert!(measure.fitting(TARGET) > Some(4 << 20));
    }

    #[test]
    fn a_few_bytes_over_a_far_line_say_nothing_of_its_width() {
        let mut measure = Measure::default();
        measure.carried(200, Duration::from_secs(2), 1);
        assert_eq!(measure.fitting(TARGET), None);
    }
}
