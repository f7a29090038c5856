//! How long to wait after failures. Invariant: jitter comes after the cap; clamped jitter made a
//! herd of a whole fleet when an outage ended (Fleet #53357).

use std::time::Duration;

use super::config::Config;

/// Failures in a row since the last full success.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct BackOff {
    failures: u32,
}

impl BackOff {
    /// One more failure: the wait that it costs, uniform in `[d, 2·d]` with `d` doubled up to the
    /// cap.
    pub(crate) fn fail(&mut self, config: &Config, random: &mut Random) -> Duration {
        let doubled = 1_u32.checked_shl(self.failures).unwrap_or(u32::MAX);
        self.failures = self.failures.saturating_add(1);
        let base = config.back_off_first.saturating_mul(doubled).min(config.back_off_cap);
        base + random.up_to(base)
    }

    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }

    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }
}

/// A small generator (SplitMix64, public domain) for spreading waits: repeatable from its seed and
/// not for secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Random(u64);

impl Random {
    /// From a seed.
    #[must_use]
    pub fn from_seed(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Uniform in `[0, most]`, in whole milliseconds.
    pub fn up_to(&mut self, most: Duration) -> Duration {
        let most = u64::try_from(most.as_millis()).unwrap_or(u64::MAX - 1);
        Duration::from_millis(self.next_u64() % (most + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_cap_and_are_spread_beyond_it() {
        let config = Config::default();
        for seed in 0..200 {
            let mut random = Random::from_seed(seed);
            let mut back_off = BackOff::default();
            for failure in 0..40 {
                let base = Duration::from_secs(5 * (1 << failure.min(20))).min(config.back_off_cap);
                let wait = back_off.fail(&config, &mut random);
                assert!(wait >= base && wait <= base * 2, "failure {failure}: {wait:?}");
            }
        }
    }

    #[test]
    fn offices_at_the_cap_do_not_come_back_together() {
        let config = Config::default();
        let waits: std::collections::BTreeSet<_> = (0..1_000)
            .map(|seed| {
                let mut back_off = BackOff { failures: 30 };
                back_off.fail(&config, &mut Random::from_seed(seed)).as_secs() / 60
            })
            .collect();
        assert!(waits.len() >= 15, "only {} different minutes", waits.len());
    }

    #[test]
    fn a_success_starts_again_from_the_first_wait() {
        let config = Config::default();
        let mut random = Random::from_seed(1);
        let mut back_off = BackOff { failures: 9 };
        back_off.reset();
        assert!(back_off.fail(&config, &mut random) <= config.back_off_first * 2);
    }
}
