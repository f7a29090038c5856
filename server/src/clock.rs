//! The centre's clock, handed to whatever needs one so that tests can turn it.

use std::sync::Arc;

use jiff::Timestamp;

/// Gives milliseconds since 1970-01-01T00:00:00Z.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The machine's clock.
#[must_use]
pub fn system_clock() -> Clock {
    Arc::new(|| Timestamp::now().as_millisecond())
}
