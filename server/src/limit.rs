//! How often somebody may ask: the generic cell rate algorithm, in memory, by key.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// More keys than this are first cleared of those that owe nothing any more.
const PRUNE_AT: usize = 10_000;

/// So many at once, and one more each interval.
pub struct Limit {
    burst: i64,
    interval_ms: i64,
    due: Mutex<HashMap<String, i64>>,
}

impl Limit {
    /// `burst` at once, then one each `interval_ms`.
    #[must_use]
    pub fn new(burst: i64, interval_ms: i64) -> Self {
        Self { burst, interval_ms, due: Mutex::default() }
    }

    /// Takes one; false when there is none left.
    pub fn take(&self, key: &str, now: i64) -> bool {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        if due.len() >= PRUNE_AT {
            due.retain(|_, at| *at > now);
        }
        let at = due.get(key).copied().unwrap_or(now).max(now);
        let allowed = self.allows(at, now);
        if allowed {
            due.insert(key.to_owned(), at + self.interval_ms);
        }
        allowed
    }

    /// Gives one back that was taken for nothing.
    pub fn give_back(&self, key: &str) {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = due.get_mut(key) {
            *at -= self.interval_ms;
        }
    }

    /// Is there one left? Takes nothing.
    pub fn has(&self, key: &str, now: i64) -> bool {
        let due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        self.allows(due.get(key).copied().unwrap_or(now).max(now), now)
    }

    fn allows(&self, due: i64, now: i64) -> bool {
        due - now <= (self.burst - 1) * self.interval_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_one_each_interval_and_each_key_for_itself() {
        let limit = Limit::new(3, 1_000);
        assert!((0..3).all(|_| limit.take("a", 0)));
        assert!(!limit.take("a", 0));
        assert!(!limit.has("a", 999));
        assert!(limit.take("b", 0));
        assert!(limit.take("a", 1_000));
        assert!(!limit.take("a", 1_000));
        limit.give_back("a");
        assert!(limit.take("a", 1_000));
        assert!(!limit.take("a", 1_000));
        limit.give_back("never taken");
    }
}
