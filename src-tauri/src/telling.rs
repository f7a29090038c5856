//! Telling the window what changed, and the counter what the engine is doing.
//!
//! Invariant: an event carries no data but the kind of the change; the window asks for the rest.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use pishkhan_counter::{SyncActivity, Uploading};
use pishkhan_ipc::command::Changed;
use pishkhan_ipc::sync as told;
use pishkhan_sync::engine::Activity;
use pishkhan_sync::{Changes, SyncStatus};
use tauri::{AppHandle, Emitter as _};
use tokio::sync::watch;

use crate::heard::Heard;

/// Name of the only event.
const EVENT: &str = "changed";

/// Tells the window.
pub(crate) fn tell(app: &AppHandle, changes: &[Changed]) {
    for change in changes {
        if let Err(error) = app.emit(EVENT, change) {
            tracing::warn!(%error, "the window was not told of a change");
        }
    }
}

/// Tells the window of every change that synchronisation makes, for as long as it runs.
pub(crate) async fn relay(
    app: AppHandle,
    mut status: watch::Receiver<SyncStatus>,
    heard: Arc<Mutex<Heard>>,
) {
    // From the beginning: the first answer may be there before anybody looks.
    let mut seen = Changes::default();
    loop {
        let now = {
            let status = status.borrow_and_update();
            let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
            heard.note(&status, wall_ms(), Instant::now());
            status.changes
        };
        tell(&app, &changed(seen, now));
        seen = now;
        if status.changed().await.is_err() {
            return;
        }
    }
}

/// What counters that have grown mean for the window.
fn changed(before: Changes, now: Changes) -> Vec<Changed> {
    let grown = [
        (
            Changed::Applications,
            before.acknowledged != now.acknowledged
                || before.applications != now.applications
                || before.documents != now.documents,
        ),
        (Changed::Notices, before.notices != now.notices),
        (Changed::Services, before.services != now.services),
        (Changed::Sync, true),
    ];
    grown.into_iter().filter(|(_, grown)| *grown).map(|(change, _)| change).collect()
}

fn wall_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// The engine's words in those of the contract.
pub(crate) fn activity(status: SyncStatus, heard: &mut Heard) -> SyncActivity {
    let (wall_ms, now) = (wall_ms(), Instant::now());
    heard.note(&status, wall_ms, now);
    SyncActivity {
        activity: match status.activity {
            Activity::Idle => told::Activity::Idle,
            Activity::Probing => told::Activity::Probing,
            Activity::Exchanging => told::Activity::Exchanging,
            Activity::Posting => told::Activity::Posting,
            Activity::Uploading => told::Activity::Uploading,
            Activity::Waiting => told::Activity::Waiting,
            Activity::Stopped => told::Activity::Stopped,
        },
        road: heard.road(),
        exchange: status.sending.map(|sending| told::ExchangeProgress {
            entries: u32::try_from(sending.entries).unwrap_or(u32::MAX),
            sent_bytes: sending.sent_bytes,
            total_bytes: sending.total_bytes,
        }),
        upload: status.upload.map(|upload| Uploading {
            document: upload.hash,
            application: upload.application,
            sent_bytes: upload.sent_bytes,
            total_bytes: upload.total_bytes,
        }),
        last_answer: status.last_answer.map(|last| told::Answer {
            code: last.answer.code().to_owned(),
            params: BTreeMap::new(),
            at: last.at,
        }),
        next_try_at: heard.next_try_at(wall_ms, now),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_about_applications_is_told_and_nothing_else() {
        let before = Changes::default();
        let now = Changes { acknowledged: 2, ..before };
        assert_eq!(changed(before, now), [Changed::Applications, Changed::Sync]);
        assert_eq!(changed(now, now), [Changed::Sync]);
        let now = Changes { services: 1, notices: 1, ..before };
        assert_eq!(changed(before, now), [Changed::Notices, Changed::Services, Changed::Sync]);
    }
}
