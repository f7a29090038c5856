//! When a folder is to be swept: at the first use, and then once in an hour of use.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

const EVERY_S: u64 = 60 * 60;

/// When a folder was swept last; never, at first.
#[derive(Default)]
pub(crate) struct Swept(AtomicU64);

impl Swept {
    /// Is it time again? Then it counts as swept now. A clock that was set back does not put it off.
    pub(crate) fn is_due(&self, now: SystemTime) -> bool {
        let now_s = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let swept_s = self.0.load(Ordering::Relaxed);
        let due = now_s.saturating_sub(swept_s) >= EVERY_S || swept_s > now_s;
        if due {
            self.0.store(now_s, Ordering::Relaxed);
        }
        due
    }
}
