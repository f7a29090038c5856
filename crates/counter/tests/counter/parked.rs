//! What the centre could not use: shown with its reason, mended at the office, sent again.

use std::collections::BTreeMap;

use pishkhan_counter::SyncActivity;
use pishkhan_domain::lifecycle::{Act, State};
use pishkhan_ipc::application::{
    ApplicationRequest, ListFilter, RecordOutcome, ResubmitRequest, Word,
};
use pishkhan_protocol::feed::{EntryParked, FeedBody};
use serde_json::json;

use super::{Office, request_entry};

impl Office {
    /// The centre answers that it could not use the last entry.
    fn parks_the_last(&mut self, field: &str, code: &str) {
        let seq = self.store(|store| store.head().unwrap().seq);
        self.parks(seq, field, code);
    }

    fn parks(&mut self, seq: u64, field: &str, code: &str) {
        let device = self.store(|store| store.identity().device);
        let parked = EntryParked {
            device,
            seq,
            field: field.to_owned(),
            code: code.to_owned(),
            params: BTreeMap::new(),
        };
        self.hears(vec![FeedBody::EntryParked(parked)]);
    }
}

#[test]
fn what_the_centre_parked_is_mended_and_sent_again() {
    let mut office = Office::new();
    let id = office.record(&request_entry()).row.id;
    assert!(!office.view(id).allowed.contains(&Act::Resubmit));
    office.parks_the_last("form.case_type", "choice.unknown");

    let view = office.view(id);
    assert_eq!((view.row.state, view.row.word), (State::Received, Word::Received));
    assert_eq!(view.faults[0].field, "form.case_type");
    assert!(view.allowed.contains(&Act::Resubmit));
    assert_eq!(office.listed(ListFilter::Parked, ""), [id]);
    let status = office.counter().sync_status(&SyncActivity::default()).unwrap();
    assert_eq!(status.parked.len(), 1);
    assert!(status.parked[0].mendable);

    let draft = office.counter().draft_mend(&ApplicationRequest { id }).unwrap();
    let mut entry = draft.entry;
    entry.form.insert("description".to_owned(), json!("دیوار باغ در سیل فرو ریخت."));
    let request = ResubmitRequest { id, draft: Some(draft.id), entry, note: String::new() };
    let RecordOutcome::Recorded { application } =
        office.counter().application_resubmit(&request).unwrap()
    else {
        panic!("invalid")
    };
    assert_eq!(application.row.word, Word::Recorded, "the mending is on this disk only");
    assert!(application.faults.is_empty() && !application.row.parked);
    let status = office.counter().sync_status(&SyncActivity::default()).unwrap();
    assert_eq!((status.parked.len(), status.waiting), (0, 1));
    office.hears(Vec::new());
    assert_eq!(office.view(id).row.word, Word::Received);
}

#[test]
fn what_only_followed_is_not_told_beside_its_cause() {
    let mut office = Office::new();
    let id = office.record(&request_entry()).row.id;
    let recorded = office.store(|store| store.head().unwrap().seq);
    office.print(id);
    office.parks(recorded, "form.case_type", "choice.unknown");
    office.parks(recorded + 1, "application", "application.not_found");
    let status = office.counter().sync_status(&SyncActivity::default()).unwrap();
    let told: Vec<_> = status.parked.iter().map(|entry| entry.error.code.as_str()).collect();
    assert_eq!(told, ["choice.unknown"]);
    assert_eq!(office.view(id).faults.len(), 1);
    let text = office.counter().support_text(&SyncActivity::default()).unwrap();
    assert!(text.contains("application.not_found"), "support hears of every entry: {text}");
}

#[test]
fn a_parked_note_asks_for_no_mending_of_the_application() {
    let mut office = Office::new();
    let id = office.record(&request_entry()).row.id;
    office.hears(Vec::new());
    let note = pishkhan_ipc::application::NoteRequest { id, text: "نمونه".to_owned() };
    office.counter().application_note(&note).unwrap();
    office.parks_the_last("application", "application.not_found");
    let view = office.view(id);
    assert!(view.row.parked && !view.allowed.contains(&Act::Resubmit));
    let refused = office.counter().draft_mend(&ApplicationRequest { id }).unwrap_err();
    assert_eq!(refused.code, "application.act_not_allowed");
    let status = office.counter().sync_status(&SyncActivity::default()).unwrap();
    assert!(!status.parked[0].mendable);
}
