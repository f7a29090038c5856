//! True time, which nobody in the simulation sees, and the office's clock, which is anything.
//!
//! Invariant: both are of one thread, as a seed is.

use std::cell::Cell;

use tokio::time::Instant;

/// True time at the start of each run.
pub(crate) const START_MS: i64 = 1_795_507_200_000;

thread_local! {
    static ORIGIN: Cell<Option<Instant>> = const { Cell::new(None) };
    static OFFICE: Cell<OfficeClock> = const { Cell::new(OfficeClock::Off(0)) };
}

/// An office's clock.
#[derive(Clone, Copy, Debug)]
pub(crate) enum OfficeClock {
    /// Runs, off by so many milliseconds.
    Off(i64),
    /// Stands.
    Stopped(i64),
}

/// Begins a run; within its runtime.
pub(crate) fn begin() {
    ORIGIN.set(Some(Instant::now()));
}

/// True time, and the centre's.
pub(crate) fn true_ms() -> i64 {
    let passed = ORIGIN.get().map(|origin| origin.elapsed().as_millis()).unwrap_or_default();
    START_MS.saturating_add(i64::try_from(passed).unwrap_or(i64::MAX))
}

/// From now on an office with this clock is looked at.
pub(crate) fn look_at(clock: OfficeClock) {
    OFFICE.set(clock);
}

/// The clock of the office that is looked at.
pub(crate) fn office_ms() -> i64 {
    match OFFICE.get() {
        OfficeClock::Off(by) => true_ms().saturating_add(by),
        OfficeClock::Stopped(at) => at,
    }
}
