//! The state of synchronisation in the three words, and the text for support.
//!
//! Invariant: counts come from the log and from stored acknowledgements. What the engine says
//! decides only the words about the line.

use std::fmt::Write as _;

use pishkhan_domain::application::Evidence;
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::ApplicationId;
use pishkhan_ipc::error::IpcError;
use pishkhan_ipc::settings::Printer;
use pishkhan_ipc::sync::{
    Activity, Answer, ExchangeProgress, ParkedEntry, Road, SyncStatus, UploadProgress,
};
use pishkhan_store as store;

use crate::counter::{Counter, Desk};
use crate::error::CounterError;
use crate::session::VERSION;

/// What the sync engine is doing, as the shell or the command line heard it last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncActivity {
    /// What is being done now.
    pub activity: Activity,
    /// The road of the engine's last contact since it started.
    pub road: Option<RoadUsed>,
    /// The large batch being sent.
    pub exchange: Option<ExchangeProgress>,
    /// The paper being sent.
    pub upload: Option<Uploading>,
    /// The last answer of the centre, or the last trouble on the way.
    pub last_answer: Option<Answer>,
    /// When the next try is due, milliseconds since 1970.
    pub next_try_at: Option<i64>,
}

/// A road, and when the centre was heard over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoadUsed {
    /// Which.
    pub road: Road,
    /// Milliseconds since 1970; not before the contact was stored.
    pub at: i64,
}

/// A paper on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uploading {
    /// Which.
    pub document: ContentHash,
    /// The first application that names it.
    pub application: ApplicationId,
    /// Bytes that the centre has.
    pub sent_bytes: u64,
    /// Bytes in all.
    pub total_bytes: u64,
}

impl Default for SyncActivity {
    /// Before the engine has said anything.
    fn default() -> Self {
        Self {
            activity: Activity::Idle,
            road: None,
            exchange: None,
            upload: None,
            last_answer: None,
            next_try_at: None,
        }
    }
}

impl Counter {
    /// `sync_status`.
    ///
    /// # Errors
    /// `session.locked`.
    pub fn sync_status(&self, now: &SyncActivity) -> Result<SyncStatus, IpcError> {
        self.at_desk(|desk| desk.sync_status(now))
    }

    /// `support_text`: versions, ids and counts for whoever helps; never personal data.
    ///
    /// # Errors
    /// `session.locked`.
    pub fn support_text(&self, now: &SyncActivity) -> Result<String, IpcError> {
        self.at_desk(|desk| {
            let status = desk.sync_status(now)?;
            let state = desk.store.sync_state()?;
            let parked = desk.store.parked(desk.now_ms)?;
            let text = support_text(desk, &status, &state, &parked);
            text.map_err(|error| CounterError::Internal(error.to_string()))
        })
    }
}

impl Desk<'_> {
    fn sync_status(&self, now: &SyncActivity) -> Result<SyncStatus, CounterError> {
        let waiting = self.store.waiting()?;
        let documents = self.store.documents_waiting()?;
        let state = self.store.sync_state()?;
        let parked = self.parked_for_themselves()?;
        let courier_at = self.store.courier_answered_at()?;
        let oldest = [waiting.oldest_at, documents.oldest_at].into_iter().flatten().min();
        Ok(SyncStatus {
            activity: now.activity,
            recorded: waiting.recorded,
            waiting: waiting.applications,
            received: waiting.recorded.saturating_sub(waiting.applications),
            accepted: self.store.accepted()?,
            oldest_waiting_at: waiting.oldest_application_at,
            oldest_item_at: oldest,
            other_entries_waiting: waiting.other_entries,
            documents_waiting: documents.documents,
            document_bytes_waiting: documents.bytes,
            received_at: state.last_received_at,
            last_contact_at: state.last_contact_at,
            last_road: last_road(state.last_contact_at, courier_at, now.road),
            exchange: now.exchange.clone(),
            upload: now.upload.map(|upload| self.upload(upload)).transpose()?,
            last_answer: now.last_answer.clone(),
            next_try_at: now.next_try_at,
            parked: parked.into_iter().map(parked_entry).collect(),
            clock_offset_ms: state.clock_offset_ms,
        })
    }
}

impl Desk<'_> {
    /// What the centre parked, but for what only followed: it knows no application whose recording
    /// it parked, so it parks that one's prints and notes too, and the mending settles all of them.
    pub(crate) fn parked_for_themselves(&self) -> Result<Vec<store::ParkedEntry>, CounterError> {
        let mut parked = self.store.parked(self.now_ms)?;
        parked.retain(|entry| {
            let unknown_there = entry.error.code == "application.not_found";
            let mendable = entry.application.as_ref().is_some_and(|row| row.content_parked);
            !(unknown_there && mendable)
        });
        Ok(parked)
    }

    /// Which paper of which application.
    fn upload(&self, upload: Uploading) -> Result<UploadProgress, CounterError> {
        let application = self.store.application(upload.application, self.now_ms)?;
        let card = self.published(&application.row)?.card;
        let named = |evidence: &Evidence| match evidence {
            Evidence::Copy { hash, .. } => *hash == upload.document,
            Evidence::Seen => false,
        };
        // Of an earlier sending of the same application, perhaps: then it has no name any more.
        let code = application.documents.iter().find(|paper| named(&paper.evidence));
        let title = code.and_then(|paper| {
            card.documents.iter().find(|asked| asked.code == paper.code).map(|asked| &asked.title)
        });
        Ok(UploadProgress {
            application: upload.application,
            tracking_code: application.row.tracking_code.to_string(),
            applicant_name: application.row.applicant_name,
            document: title.cloned(),
            sent_bytes: upload.sent_bytes,
            total_bytes: upload.total_bytes,
        })
    }
}

/// The road of the last contact; none when it is not known, for instance after a restart.
fn last_road(
    contact_at: Option<i64>,
    courier_at: Option<i64>,
    engine: Option<RoadUsed>,
) -> Option<Road> {
    let contact_at = contact_at?;
    // What came by the hub was a courier's file too.
    if let Some(used) = engine.filter(|used| used.at >= contact_at) {
        return Some(used.road);
    }
    courier_at.filter(|at| *at >= contact_at).map(|_| Road::Courier)
}

fn parked_entry(entry: store::ParkedEntry) -> ParkedEntry {
    let error = entry.error;
    match entry.application {
        Some(row) => ParkedEntry {
            application: Some(row.id),
            tracking_code: row.tracking_code.to_string(),
            applicant_name: row.applicant_name,
            mendable: row.content_parked,
            error,
        },
        None => ParkedEntry {
            application: None,
            tracking_code: String::new(),
            applicant_name: String::new(),
            mendable: false,
            error,
        },
    }
}

fn support_text(
    desk: &Desk<'_>,
    status: &SyncStatus,
    state: &store::SyncState,
    parked: &[store::ParkedEntry],
) -> Result<String, std::fmt::Error> {
    let identity = desk.store.identity();
    let printer = match desk.settings().map(|settings| settings.printer) {
        Ok(Printer::None) => "none",
        Ok(Printer::System { .. }) => "system",
        Ok(Printer::Network { .. }) => "network",
        Err(_) => "unreadable",
    };
    let head = desk.store.head().map(|head| head.seq.to_string());
    let mut text = String::new();
    writeln!(text, "pishkhan {VERSION} {} {}", std::env::consts::OS, std::env::consts::ARCH)?;
    writeln!(text, "now {} device {} office {}", desk.now_ms, identity.device, identity.office)?;
    writeln!(text, "log {}", head.unwrap_or_else(|error| error.to_string()))?;
    writeln!(text, "acknowledged {} safe {}", state.acknowledged.seq, state.safe_seq)?;
    writeln!(text, "feed {} catalogue {}", state.feed_cursor, state.catalogue_cursor)?;
    writeln!(text, "applications {} waiting {}", status.recorded, status.waiting)?;
    writeln!(text, "received {} accepted {}", status.received, status.accepted)?;
    writeln!(text, "oldest waiting {}", shown(status.oldest_waiting_at))?;
    writeln!(text, "other entries waiting {}", status.other_entries_waiting)?;
    let (documents, bytes) = (status.documents_waiting, status.document_bytes_waiting);
    writeln!(text, "documents waiting {documents} bytes {bytes}")?;
    writeln!(text, "last contact {}", shown(status.last_contact_at))?;
    writeln!(text, "last received {}", shown(status.received_at))?;
    writeln!(text, "clock offset ms {}", shown(status.clock_offset_ms))?;
    let answer = status.last_answer.as_ref().map_or("-", |answer| answer.code.as_str());
    let answered_at = status.last_answer.as_ref().map(|answer| answer.at);
    writeln!(text, "activity {:?} answer {answer} at {}", status.activity, shown(answered_at))?;
    let road = status.last_road.map_or_else(|| "-".to_owned(), |road| format!("{road:?}"));
    let hub = desk.settings().is_ok_and(|settings| !settings.hub_url.is_empty());
    writeln!(text, "road {road} hub {}", if hub { "set" } else { "none" })?;
    let files = desk.store.courier_files().unwrap_or_default();
    let unanswered = files.iter().filter(|file| file.answered_at.is_none()).count();
    let last = files.first().map_or(0, |file| file.number);
    writeln!(text, "courier last {last} files {} unanswered {unanswered}", files.len())?;
    writeln!(text, "next try {}", shown(status.next_try_at))?;
    writeln!(text, "printer {printer}")?;
    for entry in parked {
        // The field's path and code alone: parameters may hold what was typed.
        writeln!(text, "parked {} {} {}", entry.seq, entry.error.code, entry.error.field)?;
    }
    Ok(text)
}

fn shown(number: Option<i64>) -> String {
    number.map_or_else(|| "-".to_owned(), |number| number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_road_is_named_only_for_the_contact_that_came_by_it() {
        let line = |at| Some(RoadUsed { road: Road::Line, at });
        assert_eq!(last_road(None, None, line(5)), None);
        assert_eq!(last_road(Some(5), None, None), None, "after a restart nobody knows");
        assert_eq!(last_road(Some(5), None, line(6)), Some(Road::Line));
        assert_eq!(last_road(Some(9), Some(9), line(6)), Some(Road::Courier));
        let hub = Some(RoadUsed { road: Road::Hub, at: 9 });
        assert_eq!(last_road(Some(9), Some(9), hub), Some(Road::Hub));
        assert_eq!(last_road(Some(9), Some(7), line(6)), None, "a file that answered nothing new");
        assert_eq!(last_road(Some(10), Some(9), line(11)), Some(Road::Line));
    }
}
