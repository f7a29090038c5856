//! What the shell remembers of what the engine said: when the next try is due, and by which road
//! the centre was last heard.
//!
//! Invariant: the due moment is kept by a clock that nobody sets, so that a PC whose clock is set
//! back does not promise the next try for next year.

use std::time::{Duration, Instant};

use pishkhan_counter::RoadUsed;
use pishkhan_ipc::sync::Road;
use pishkhan_sync::SyncStatus;
use pishkhan_sync::engine::Answer;

/// What was said, seen at once.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// The time that was told, and when that is.
    due: Option<(i64, Instant)>,
    road: Option<RoadUsed>,
}

impl Heard {
    /// Takes what the engine says at this moment.
    pub(crate) fn note(&mut self, status: &SyncStatus, wall_ms: i64, now: Instant) {
        self.note_due(status.next_try_at, wall_ms, now);
        if let Some(at) =
            status.heard_by_hub_at.filter(|at| self.road.is_none_or(|road| road.at < *at))
        {
            self.road = Some(RoadUsed { road: Road::Hub, at });
        }
        let heard = status.last_answer.filter(|last| last.answer == Answer::CentreOk);
        if let Some(last) = heard.filter(|last| self.road.is_none_or(|road| road.at <= last.at)) {
            self.road = Some(RoadUsed { road: Road::Line, at: last.at });
        }
    }

    fn note_due(&mut self, told: Option<i64>, wall_ms: i64, now: Instant) {
        if told != self.due.map(|(told, _)| told) {
            self.due = told.map(|told| {
                let wait = u64::try_from(told.saturating_sub(wall_ms)).unwrap_or(0);
                (told, now + Duration::from_millis(wait))
            });
        }
    }

    /// When the next try is due, by the clock on the wall as it goes now.
    pub(crate) fn next_try_at(&self, wall_ms: i64, now: Instant) -> Option<i64> {
        let (_, due) = self.due?;
        let wait = due.saturating_duration_since(now).as_millis();
        Some(wall_ms.saturating_add(i64::try_from(wait).unwrap_or(i64::MAX)))
    }

    /// By which road the centre was last heard, since the program started.
    pub(crate) fn road(&self) -> Option<RoadUsed> {
        self.road
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const YEAR_MS: i64 = 365 * 24 * 60 * 60 * 1000;

    #[test]
    fn a_clock_that_is_set_back_or_forth_moves_no_try() {
        let (start, wall_ms) = (Instant::now(), 1_800_000_000_000);
        let mut heard = Heard::default();
        heard.note_due(Some(wall_ms + 60_000), wall_ms, start);
        let later = start + Duration::from_secs(20);
        for jump in [0, -YEAR_MS, YEAR_MS] {
            let wall_ms = wall_ms + 20_000 + jump;
            heard.note_due(Some(1_800_000_060_000), wall_ms, later);
            assert_eq!(heard.next_try_at(wall_ms, later), Some(wall_ms + 40_000));
        }
        heard.note_due(None, wall_ms, later);
        assert_eq!(heard.next_try_at(wall_ms, later), None);
    }

    #[test]
    fn a_try_that_is_overdue_is_due_now() {
        let (start, wall_ms) = (Instant::now(), 1_800_000_000_000);
        let mut heard = Heard::default();
        heard.note_due(Some(wall_ms + 1_000), wall_ms, start);
        let later = start + Duration::from_secs(5);
        assert_eq!(heard.next_try_at(wall_ms + 5_000, later), Some(wall_ms + 5_000));
    }
}
