//! When to go by the hub: a mailbox near by that holds couriers' files for the centre. Invariant:
//! only when the line to the centre failed, and never in place of trying it again.

use super::back_off::{BackOff, Random};
use super::config::Config;
use super::input::{Moment, StoreSnapshot};

/// Failures of the centre's line in a row before the hub is asked: one is the line's ordinary life.
const FAILURES_BEFORE: u32 = 2;

/// What is known of the hub.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hub {
    /// Failures of the centre's line since it last answered.
    failures: u32,
    /// Where the log ended, and which papers waited, when the hub last took what waits.
    carried: Option<StoreSnapshot>,
    back_off: BackOff,
    not_before: Moment,
}

impl Hub {
    pub(crate) fn centre_failed(&mut self) {
        self.failures = self.failures.saturating_add(1);
    }

    pub(crate) fn centre_answered(&mut self) {
        self.failures = 0;
        self.carried = None;
    }

    /// Is it worth going there now?
    pub(crate) fn is_due(&self, now: Moment, store: &StoreSnapshot) -> bool {
        self.failures >= FAILURES_BEFORE && self.not_before <= now && self.wanted(store)
    }

    /// Something waits that it has not got, or an answer to what it has got.
    fn wanted(&self, store: &StoreSnapshot) -> bool {
        store.log_seq > store.acknowledged_seq || !store.documents.is_empty()
    }

    /// Has it everything that waits?
    pub(crate) fn has(&self, store: &StoreSnapshot) -> bool {
        self.carried.as_ref().is_some_and(|carried| {
            carried.log_seq >= store.log_seq
                && store.documents.iter().all(|hash| carried.documents.contains(hash))
        })
    }

    pub(crate) fn took(&mut self, now: Moment, carried: Option<StoreSnapshot>, config: &Config) {
        self.back_off.reset();
        self.not_before = now + config.poll_every;
        self.carried = carried.or(self.carried.take());
    }

    pub(crate) fn failed(&mut self, now: Moment, config: &Config, random: &mut Random) {
        self.not_before = now + self.back_off.fail(config, random);
    }

    /// The operator asks.
    pub(crate) fn retry(&mut self) {
        self.not_before = Moment::ZERO;
    }
}
