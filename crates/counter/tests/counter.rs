//! The office's use cases over a real store, with a centre that lives in the test.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, unreachable_pub)]

#[path = "counter/letter.rs"]
mod letter;
#[path = "counter/parked.rs"]
mod parked;
#[path = "counter/pasting.rs"]
mod pasting;
#[path = "counter/spoiled.rs"]
mod spoiled;
#[path = "counter/trial.rs"]
mod trial;

use std::fs;
use std::io::{Cursor, Read};
use std::net::TcpListener;
use std::path::Path;
use std::sync::atomic::Ordering;

use pishkhan_counter::{Counter, SyncActivity, verify_receipt};
use pishkhan_domain::applicant::{ApplicantEntry, Gender, Identity, WitnessEntry};
use pishkhan_domain::application::{AttachedDocument, Defect, Evidence};
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::{ApplicationId, OperatorId};
use pishkhan_domain::lifecycle::{Act, State};
use pishkhan_domain::service_card::ServiceCard;
use pishkhan_ipc::application::{
    ApplicationRequest, ApplicationView, DeliverRequest, ListFilter, ListRequest, NoteRequest,
    RecordOutcome, RecordRequest, ResubmitRequest, WithdrawRequest, Word,
};
use pishkhan_ipc::draft::{
    ApplicantFindRequest, ApplicationEntry, DocumentGetRequest, DraftRequest, DraftSaveRequest,
    EntryCheckRequest,
};
use pishkhan_ipc::receipt::{Paper, PrintOutcome, ReceiptRequest, ReceiptVerdict};
use pishkhan_ipc::session::{OperatorAddRequest, Stage, UnlockRequest};
use pishkhan_ipc::settings::{Printer, Settings};
use pishkhan_protocol::feed::{Approved, FeedBody, Returned};
use pishkhan_store::Store;
use serde_json::json;
use trial::{Desk, NOON_MS, PIN, Trial};

/// An enrolled office with the catalogue, its operator at work.
struct Office {
    dir: tempfile::TempDir,
    desk: Desk,
    trial: Trial,
}

impl Office {
    fn new() -> Self {
        Self::of(Trial::new())
    }

    /// With one more card than the catalogue of this repository has.
    fn with_card(card: ServiceCard) -> Self {
        Self::of(Trial::with_card(card))
    }

    fn of(trial: Trial) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let desk = Desk::open(dir.path());
        trial.enrol(&desk.counter);
        let mut office = Self { dir, desk, trial };
        office.hears(Vec::new());
        office
    }

    fn counter(&self) -> &Counter {
        &self.desk.counter
    }

    fn hears(&mut self, bodies: Vec<FeedBody>) {
        let store = self.desk.counter.store().unwrap();
        self.trial.answer(&mut store.lock().unwrap(), bodies);
    }

    fn store<T>(&self, look: impl FnOnce(&mut Store) -> T) -> T {
        look(&mut self.desk.counter.store().unwrap().lock().unwrap())
    }

    fn operator(&self) -> OperatorId {
        self.counter().app_status().unwrap().operators[0].id
    }

    /// As after the end of the process and a new start.
    fn restarted(self) -> Self {
        let operator = self.operator();
        let Self { dir, desk, trial } = self;
        drop(desk);
        let desk = Desk::open(dir.path());
        desk.counter.session_unlock(&UnlockRequest { operator, pin: PIN.to_owned() }).unwrap();
        Self { dir, desk, trial }
    }

    fn record(&self, entry: &ApplicationEntry) -> ApplicationView {
        let request = RecordRequest { draft: None, entry: entry.clone() };
        match self.counter().application_record(&request).unwrap() {
            RecordOutcome::Recorded { application } => *application,
            RecordOutcome::Invalid { errors } => panic!("{errors:?}"),
        }
    }

    fn listed(&self, filter: ListFilter, query: &str) -> Vec<ApplicationId> {
        let request = ListRequest { filter, query: query.to_owned(), limit: 50, after: None };
        let list = self.counter().application_list(&request).unwrap();
        list.rows.into_iter().map(|row| row.id).collect()
    }

    fn view(&self, id: ApplicationId) -> ApplicationView {
        self.counter().application_get(&ApplicationRequest { id }).unwrap()
    }

    fn print_on(&self, printer: Printer) {
        let settings = Settings { printer, paper: Paper::Thermal80, ..Settings::default() };
        self.counter().settings_set(&settings).unwrap();
    }

    fn print(&self, id: ApplicationId) -> PrintOutcome {
        self.counter().receipt_print(&ReceiptRequest { application: id, paper: None }).unwrap()
    }

    fn next_copy(&self, id: ApplicationId) -> u32 {
        let request = ReceiptRequest { application: id, paper: Some(Paper::Thermal80) };
        self.counter().receipt_preview(&request).unwrap().copy
    }

    fn spooler_script(&self, script: &str) {
        use std::os::unix::fs::PermissionsExt;
        let path = self.dir.path().join("lp");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

fn request_entry() -> ApplicationEntry {
    let seen = |code: &str| AttachedDocument { code: code.to_owned(), evidence: Evidence::Seen };
    ApplicationEntry {
        service: Some("general-request".into()),
        card_version: None,
        applicant: ApplicantEntry {
            national_id: "۰۰۷۶۲۲۹۶۴۵".to_owned(),
            first_name: "نمونه".to_owned(),
            last_name: "رضایی نمونه".to_owned(),
            father_name: "علی نمونه".to_owned(),
            birth_date: "۱۳۷۰/۵/۱۲".to_owned(),
            gender: Some(Gender::Female),
            mobile: "۰۹۱۵۱۲۳۴۵۶۷".to_owned(),
            village: "روستای نمونه".to_owned(),
            ..ApplicantEntry::default()
        },
        form: serde_json::from_value(json!({
            "case_type": "damage",
            "target_agency": "district",
            "description": "سیل دیوار باغ را برد.\nنمونه",
            "event_date": "۱۴۰۵/۸/۲۰",
            "damage": [{ "what": "farm", "amount_rial": "۱٬۲۵۰٬۰۰۰" }],
        }))
        .unwrap(),
        documents: vec![seen("id-card"), seen("id-booklet")],
        consent: true,
    }
}

fn off() -> Printer {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    Printer::Network { host: "127.0.0.1".to_owned(), port }
}

fn bytes_of(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap()
}

#[test]
fn an_enrolment_needs_a_certificate_of_this_very_key() {
    let dir = tempfile::tempdir().unwrap();
    let (desk, trial) = (Desk::open(dir.path()), Trial::new());
    assert_eq!(desk.counter.app_status().unwrap().stage, Stage::Unenrolled);
    let request = trial.request();
    let short = pishkhan_ipc::session::EnrolRequest { pin: "۱۲۳".to_owned(), ..request.clone() };
    assert_eq!(desk.counter.enrol_check(&short).unwrap_err().code, "pin.too_short");
    let nameless =
        pishkhan_ipc::session::EnrolRequest { operator_name: " ".to_owned(), ..request.clone() };
    assert_eq!(desk.counter.enrol_check(&nameless).unwrap_err().code, "operator.name_required");

    let seed = zeroize::Zeroizing::new([5; 32]);
    let of_another_key = trial.certify(421, &[6; 32]);
    let refused = desk.counter.enrol_with(&of_another_key, &seed, &request).unwrap_err();
    assert_eq!(refused.code, "centre.refused");
    let mut of_another_centre = trial.certify(421, &seed);
    of_another_centre.centre_key = pishkhan_protocol::keys::SecretKey::from_seed(&[8; 32]).public();
    let refused = desk.counter.enrol_with(&of_another_centre, &seed, &request).unwrap_err();
    assert_eq!(refused.code, "centre.refused");
    assert_eq!(desk.counter.app_status().unwrap().stage, Stage::Unenrolled);

    let status = trial.enrol(&desk.counter);
    assert_eq!((status.stage, status.operators.len()), (Stage::Open, 1));
    assert_eq!(status.operator.unwrap().name, "اپراتور نمونه");
    assert_eq!(status.office.unwrap().code.0, "sample-0001");
    assert_eq!(desk.counter.enrol_check(&request).unwrap_err().code, "enrolment.already_done");
}

#[test]
fn while_locked_nothing_is_told_and_the_store_stays_open_for_the_line() {
    let office = Office::new();
    let id = office.record(&request_entry()).row.id;
    let added =
        OperatorAddRequest { name: "همکار نمونه".to_owned(), pin: "654321".to_owned() };
    let operators = office.counter().operator_add(&added).unwrap().operators;
    assert_eq!(office.counter().session_lock().unwrap().stage, Stage::Locked);
    assert!(office.counter().store().is_some());

    let counter = office.counter();
    let receipt = ReceiptRequest { application: id, paper: None };
    let list = ListRequest { filter: ListFilter::All, query: String::new(), limit: 9, after: None };
    let entry = request_entry();
    let codes = [
        counter.application_get(&ApplicationRequest { id }).unwrap_err().code,
        counter.application_list(&list).unwrap_err().code,
        counter.work_summary().unwrap_err().code,
        counter.draft_list().unwrap_err().code,
        counter.receipt_print(&receipt).unwrap_err().code,
        counter.receipt_save(&receipt).unwrap_err().code,
        counter.receipt_preview(&receipt).unwrap_err().code,
        counter.entry_check(&EntryCheckRequest { entry: entry.clone() }).unwrap_err().code,
        counter.application_record(&RecordRequest { draft: None, entry }).unwrap_err().code,
        counter.settings_get().unwrap_err().code,
        counter.printer_list().unwrap_err().code,
        counter.service_list().unwrap_err().code,
        counter.notice_list().unwrap_err().code,
        counter.sync_status(&SyncActivity::default()).unwrap_err().code,
        counter.support_text(&SyncActivity::default()).unwrap_err().code,
        counter.operator_add(&added).unwrap_err().code,
        counter.document_take_in("letter", b"%PDF-1.7\n%%EOF").unwrap_err().code,
    ];
    assert!(codes.iter().all(|code| code == "session.locked"), "{codes:?}");

    let unlock = |operator, pin: &str| {
        counter.session_unlock(&UnlockRequest { operator, pin: pin.to_owned() })
    };
    assert_eq!(unlock(operators[1].id, "111111").unwrap_err().code, "pin.wrong");
    let status = unlock(operators[1].id, "۶۵۴۳۲۱").unwrap();
    assert_eq!(status.operator.unwrap().name, "همکار نمونه");
    for _ in 0..4 {
        assert_eq!(unlock(operators[0].id, "000000").unwrap_err().code, "pin.wrong");
    }
    let _ = unlock(operators[0].id, "000000");
    let wait = unlock(operators[0].id, PIN).unwrap_err();
    assert_eq!(wait.code, "pin.wait");
    assert!((1..=60).contains(&wait.params["seconds"].parse::<i64>().unwrap()), "{wait:?}");
}

#[test]
fn a_recorded_application_is_printed_reprinted_and_proved_by_its_paper() {
    let office = Office::new();
    let application = office.record(&request_entry());
    let row = &application.row;
    assert_eq!((row.state, row.word, row.copies_printed), (State::Recorded, Word::Recorded, 0));
    assert_eq!(row.applicant_code, "0076229645");
    assert_eq!(application.allowed, [Act::Withdraw]);
    assert_eq!(office.listed(ListFilter::ToPrint, ""), [row.id]);

    let printer = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = printer.local_addr().unwrap().port();
    office.print_on(Printer::Network { host: "127.0.0.1".to_owned(), port });
    let papers = std::thread::spawn(move || {
        [(), ()].map(|()| {
            let mut bytes = Vec::new();
            printer.accept().unwrap().0.read_to_end(&mut bytes).unwrap();
            bytes
        })
    });
    assert_eq!(office.print(row.id), PrintOutcome::Printed { copy: 1 });
    assert_eq!(office.listed(ListFilter::ToPrint, ""), []);
    assert_eq!(office.print(row.id), PrintOutcome::Printed { copy: 2 });
    let [original, duplicate] = papers.join().unwrap();
    assert_ne!(original, duplicate, "the second is marked");
    assert_eq!(office.next_copy(row.id), 3);
    let copies: Vec<_> = office.view(row.id).timeline.iter().filter_map(|item| item.copy).collect();
    assert_eq!(copies, [1, 2]);

    // The code read off the paper proves it with the centre's key alone.
    let request = ReceiptRequest { application: row.id, paper: Some(Paper::Thermal80) };
    let (png, _) = office.counter().receipt_png(&request).unwrap();
    let picture = image::load_from_memory(&png).unwrap().into_luma8();
    let (width, height) = picture.dimensions();
    let read = rxing::helpers::detect_in_luma(picture.into_raw(), width, height, None).unwrap();
    match verify_receipt(read.getText(), &office.trial.key.public()) {
        ReceiptVerdict::Genuine { tracking_code, last_four, service, claimed_at, .. } => {
            assert_eq!((tracking_code, last_four.as_str()), (row.tracking_code.clone(), "9645"));
            assert_eq!((service.as_str(), claimed_at), ("general-request", row.recorded_at));
        }
        ReceiptVerdict::False { code } => panic!("{code}"),
    }
    let stranger = pishkhan_protocol::keys::SecretKey::from_seed(&[1; 32]).public();
    let verdict = verify_receipt(read.getText(), &stranger);
    assert_eq!(verdict, ReceiptVerdict::False { code: "receipt.signature".to_owned() });
    let verdict = verify_receipt("https://centre.example/r#AAAA", &stranger);
    assert_eq!(verdict, ReceiptVerdict::False { code: "receipt.malformed".to_owned() });
}

#[test]
fn a_printer_that_is_off_costs_no_number_and_moves_nothing() {
    let office = Office::new();
    let id = office.record(&request_entry()).row.id;
    let failed = |outcome| match outcome {
        PrintOutcome::Failed { code, .. } => code,
        other => panic!("{other:?}"),
    };
    office.print_on(off());
    assert_eq!(failed(office.print(id)), "printer.unreachable");
    office.print_on(Printer::System { name: "Office".to_owned() });
    office.spooler_script("echo 'lp: unknown destination' >&2; exit 1");
    assert_eq!(failed(office.print(id)), "printer.spooler");

    let office = office.restarted();
    assert_eq!(office.view(id).row.state, State::Recorded);
    assert_eq!(office.listed(ListFilter::ToPrint, ""), [id]);
    office.spooler_script("cat >/dev/null");
    assert_eq!(office.print(id), PrintOutcome::Printed { copy: 1 });
}

#[test]
fn with_no_printer_chosen_a_receipt_is_saved() {
    let office = Office::new();
    let id = office.record(&request_entry()).row.id;
    match office.print(id) {
        PrintOutcome::Saved { copy: 1, path } => assert!(std::fs::exists(path).unwrap()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_paper_that_may_have_come_out_is_counted() {
    let office = Office::new();
    let interrupted = office.record(&request_entry()).row.id;
    let printer = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = printer.local_addr().unwrap().port();
    office.print_on(Printer::Network { host: "127.0.0.1".to_owned(), port });
    // Takes the connection and goes away with the bytes unread: the writer may or may not notice,
    // and in neither case may the number be given again.
    let printer = std::thread::spawn(move || drop(printer.accept().unwrap()));
    let _ = office.print(interrupted);
    printer.join().unwrap();
    assert_eq!(office.next_copy(interrupted), 2);

    // A process that was killed between claim and record.
    let killed = office.record(&request_entry()).row.id;
    office.store(|store| {
        store.set_setting("receipt_claims", &json!({ killed.to_string(): 1 })).unwrap();
    });
    let office = office.restarted();
    assert_eq!(office.view(killed).row.copies_printed, 1);
    assert_eq!(office.next_copy(killed), 2);
    // And one that was killed between record and the end of the claim: counted once.
    office.store(|store| {
        store.set_setting("receipt_claims", &json!({ killed.to_string(): 1 })).unwrap();
    });
    assert_eq!(office.restarted().next_copy(killed), 2);
}

#[test]
fn a_saved_receipt_is_whole_counted_and_replaces_nothing() {
    let office = Office::new();
    let row = office.record(&request_entry()).row;
    let request = ReceiptRequest { application: row.id, paper: Some(Paper::A5) };
    let mut paths = Vec::new();
    for expected in 1..=2 {
        match office.counter().receipt_save(&request).unwrap() {
            PrintOutcome::Saved { copy, path } => {
                assert_eq!(copy, expected);
                assert!(bytes_of(Path::new(&path)).starts_with(b"%PDF-"));
                paths.push(path);
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(paths[0].ends_with(&format!("{}.pdf", row.tracking_code)), "{}", paths[0]);
    assert_ne!(paths[0], paths[1]);

    let nowhere = office.dir.path().join("file");
    fs::write(&nowhere, "").unwrap();
    let outcome = office.counter().receipt_save_as(&request, &nowhere.join("r.pdf")).unwrap();
    assert!(matches!(&outcome, PrintOutcome::Failed { code, .. } if code == "disk.failed"));
    assert_eq!(office.next_copy(row.id), 3);
    let left = fs::read_dir(office.dir.path().join("receipts")).unwrap().count();
    assert_eq!(left, 2, "nothing half-written is left");
}

#[test]
fn what_is_wrong_is_told_and_the_draft_is_kept_until_it_is_recorded() {
    let office = Office::new();
    let mut entry = request_entry();
    entry.applicant.national_id = "0076229646".to_owned();
    entry.documents.pop();
    entry.consent = false;
    let saved = DraftSaveRequest { id: None, entry: entry.clone(), mends: None };
    let draft = office.counter().draft_save(&saved).unwrap();
    let request = RecordRequest { draft: Some(draft.id), entry: entry.clone() };
    let RecordOutcome::Invalid { errors } = office.counter().application_record(&request).unwrap()
    else {
        panic!("recorded")
    };
    let told: Vec<_> =
        errors.iter().map(|error| (error.field.as_str(), error.code.as_str())).collect();
    assert_eq!(
        told,
        [
            ("applicant.national_id", "national_id.check_digit"),
            ("documents.id-booklet", "document.required"),
            ("consent", "consent.required"),
        ]
    );
    assert_eq!(office.listed(ListFilter::All, ""), []);
    assert_eq!(office.counter().draft_get(&DraftRequest { id: draft.id }).unwrap().entry, entry);

    // Typed text outlives the process, whoever comes next.
    let office = office.restarted();
    let drafts = office.counter().draft_list().unwrap();
    assert_eq!((drafts.len(), drafts[0].operator_name.as_str()), (1, "اپراتور نمونه"));

    let request = RecordRequest { draft: Some(draft.id), entry: request_entry() };
    let outcome = office.counter().application_record(&request).unwrap();
    assert!(matches!(outcome, RecordOutcome::Recorded { .. }));
    assert_eq!(office.counter().draft_list().unwrap(), []);
    let gone = office.counter().draft_get(&DraftRequest { id: draft.id }).unwrap_err();
    assert_eq!(gone.code, "draft.not_found");
}

#[test]
fn checking_tells_due_day_papers_fields_and_duplicates() {
    let office = Office::new();
    let check = |entry: ApplicationEntry| {
        office.counter().entry_check(&EntryCheckRequest { entry }).unwrap()
    };
    let empty = check(ApplicationEntry::default());
    assert_eq!((empty.errors[0].field.as_str(), empty.due_on), ("service", None));
    let unknown = ApplicationEntry { service: Some("no-such".into()), ..request_entry() };
    assert_eq!(check(unknown).errors[0].code, "service.unknown");
    let other_version =
        ApplicationEntry { card_version: Some(ContentHash::of(b"x")), ..request_entry() };
    assert_eq!(check(other_version).errors[0].code, "service.unknown");

    let first = office.record(&request_entry()).row;
    let again = check(request_entry());
    assert_eq!(again.errors, []);
    assert_eq!(again.due_on.as_deref(), Some(first.due_on.as_str()));
    assert!(again.fields_asked.contains(&"event_date".to_owned()));
    assert!(again.documents_asked.contains(&"photos".to_owned()));
    assert_eq!(again.duplicates.iter().map(|row| row.id).collect::<Vec<_>>(), [first.id]);

    let find = |typed: &str| {
        let request = ApplicantFindRequest { national_id: typed.to_owned() };
        office.counter().applicant_find(&request).unwrap()
    };
    let known = find("٠٠٧٦٢٢٩٦٤٥").unwrap();
    assert_eq!((known.last_name.as_str(), known.birth_date.is_empty()), ("رضایی نمونه", false));
    assert_eq!((find("1583250689"), find("12")), (None, None));
    assert_eq!(office.counter().service_list().unwrap()[0].card.code.0, "general-request");
}

#[test]
fn a_returned_application_is_mended_in_the_form_it_was_typed_in() {
    let mut office = Office::new();
    let id = office.record(&request_entry()).row.id;
    let early = office.counter().draft_mend(&ApplicationRequest { id }).unwrap_err();
    assert_eq!(early.code, "application.act_not_allowed");
    let defect =
        Defect { field: "form.description".to_owned(), reason: "ناقص است".to_owned() };
    let returned = Returned { application: id, defects: vec![defect.clone()], note: String::new() };
    office.hears(vec![FeedBody::Accepted(id), FeedBody::Returned(returned)]);
    let view = office.view(id);
    assert_eq!((view.row.state, view.row.word), (State::Returned, Word::Accepted));
    assert_eq!(view.defects, [defect]);
    assert_eq!(office.listed(ListFilter::Returned, ""), [id]);

    let draft = office.counter().draft_mend(&ApplicationRequest { id }).unwrap();
    assert_eq!(draft.mends, Some(id));
    let check = EntryCheckRequest { entry: draft.entry.clone() };
    assert_eq!(office.counter().entry_check(&check).unwrap().errors, []);
    let again = office.counter().draft_mend(&ApplicationRequest { id }).unwrap();
    assert_eq!(again.id, draft.id, "the one that was begun is opened again");

    let mut entry = draft.entry;
    entry.form.insert("description".to_owned(), json!("دیوار باغ در سیل ۲۰ آبان فرو ریخت."));
    let mut spoiled = entry.clone();
    spoiled.form.remove("case_type");
    let resubmit = |entry: ApplicationEntry| {
        let note = "شرح کامل شد".to_owned();
        let request = ResubmitRequest { id, draft: Some(draft.id), entry, note };
        office.counter().application_resubmit(&request)
    };
    assert!(matches!(resubmit(spoiled).unwrap(), RecordOutcome::Invalid { .. }));
    let RecordOutcome::Recorded { application } = resubmit(entry.clone()).unwrap() else {
        panic!("invalid")
    };
    assert_eq!(application.row.state, State::Resubmitted);
    assert_eq!(application.row.word, Word::Recorded, "the mending is on this disk only");
    assert!(application.defects.is_empty());
    assert_eq!(office.counter().draft_list().unwrap(), []);
    assert_eq!(resubmit(entry).unwrap_err().code, "application.act_not_allowed");
    office.hears(Vec::new());
    assert_eq!(office.view(id).row.word, Word::Accepted);
    let kinds: Vec<_> = office.view(id).timeline.iter().map(|item| item.kind.clone()).collect();
    assert!(kinds.iter().any(|kind| kind == "returned"), "{kinds:?}");
}

#[test]
fn acts_of_the_office_are_allowed_in_their_time_only() {
    let mut office = Office::new();
    let id = office.record(&request_entry()).row.id;
    let deliver = |office: &Office, recipient: &str| {
        let request = DeliverRequest { id, recipient: recipient.to_owned() };
        office.counter().application_deliver(&request)
    };
    assert_eq!(deliver(&office, "نمونه").unwrap_err().code, "application.act_not_allowed");
    let note = |text: &str| {
        let request = NoteRequest { id, text: text.to_owned() };
        office.counter().application_note(&request)
    };
    assert_eq!(note(" \n ").unwrap_err().code, "note.empty");
    assert_eq!(note(&"ب".repeat(2_001)).unwrap_err().code, "entry.too_large");
    assert_eq!(note("تلفن شد").unwrap().timeline.last().unwrap().text, "تلفن شد");

    let approved = Approved { application: id, note: "آماده است".to_owned(), letter: None };
    office.hears(vec![FeedBody::Accepted(id), FeedBody::Approved(approved)]);
    assert_eq!(office.listed(ListFilter::ToDeliver, ""), [id]);
    let withdraw = WithdrawRequest { id, reason: String::new() };
    let late = office.counter().application_withdraw(&withdraw).unwrap_err();
    assert_eq!(late.code, "application.act_not_allowed");
    assert_eq!(deliver(&office, " ").unwrap_err().code, "recipient.required");
    assert_eq!(deliver(&office, "خود متقاضی").unwrap().row.state, State::Delivered);

    let other = office.record(&request_entry()).row.id;
    let withdraw = WithdrawRequest { id: other, reason: "منصرف شد".to_owned() };
    let view = office.counter().application_withdraw(&withdraw).unwrap();
    assert_eq!((view.row.state, view.allowed.len()), (State::Withdrawn, 0));
}

#[test]
fn a_person_without_papers_is_an_applicant_like_any_other() {
    let office = Office::new();
    let mut entry = request_entry();
    entry.applicant.national_id = String::new();
    entry.applicant.mobile = String::new();
    entry.applicant.without_papers = true;
    entry.documents.clear();
    let witness = WitnessEntry {
        name: "گواه نمونه".to_owned(),
        national_id: "1583250689".to_owned(),
    };
    entry.applicant.witnesses = vec![witness];
    let application = office.record(&entry);
    assert!(matches!(application.applicant.identity, Identity::WithoutPapers { .. }));
    assert_eq!(application.row.applicant_code, "");
    assert_eq!(office.listed(ListFilter::All, "رضايي"), [application.row.id]);
    let request = ReceiptRequest { application: application.row.id, paper: None };
    let outcome = office.counter().receipt_save(&request).unwrap();
    assert!(matches!(outcome, PrintOutcome::Saved { copy: 1, .. }));
}

#[test]
fn a_copy_is_kept_encrypted_and_only_what_is_kept_can_be_filed() {
    let office = Office::new();
    let mut photo = Cursor::new(Vec::new());
    image::RgbImage::from_pixel(64, 48, image::Rgb([9, 99, 199]))
        .write_to(&mut photo, image::ImageFormat::Png)
        .unwrap();
    let stored = office.counter().document_take_in("letter", photo.get_ref()).unwrap();
    assert!(stored.preview.starts_with("data:image/jpeg;base64,"));
    let Evidence::Copy { hash, size_bytes, .. } = stored.document.evidence else { panic!() };
    let shown = office.counter().document_get(&DocumentGetRequest { hash }).unwrap();
    assert_eq!(shown.preview, stored.preview);

    // What the entry claims of size and type is not believed.
    let mut entry = request_entry();
    let claimed = Evidence::Copy { hash, size_bytes: 1, media_type: "application/pdf".to_owned() };
    entry.documents.push(AttachedDocument { code: "letter".to_owned(), evidence: claimed });
    let filed = office.record(&entry).documents.pop().unwrap();
    assert_eq!(filed.evidence, stored.document.evidence);
    let status = office.counter().sync_status(&SyncActivity::default()).unwrap();
    assert_eq!(status.document_bytes_waiting, u64::from(size_bytes));

    let unknown = Evidence::Copy {
        hash: ContentHash::of(b"elsewhere"),
        size_bytes: 9,
        media_type: "image/jpeg".to_owned(),
    };
    entry.documents.pop();
    entry.documents.push(AttachedDocument { code: "letter".to_owned(), evidence: unknown });
    let request = RecordRequest { draft: None, entry };
    let RecordOutcome::Invalid { errors } = office.counter().application_record(&request).unwrap()
    else {
        panic!("recorded")
    };
    assert_eq!(errors[0].field, "documents.letter");
    assert_eq!(errors[0].code, "document.not_found");
    let wrong = office.counter().document_take_in("letter", b"GIF89a").unwrap_err();
    assert_eq!(wrong.code, "document.wrong_type");
}

#[test]
fn status_is_what_log_and_acknowledgement_say_whatever_the_engine_says() {
    let mut office = Office::new();
    let filed_at = office.desk.clock.fetch_add(60_000, Ordering::SeqCst) + 60_000;
    office.record(&request_entry());
    let told = SyncActivity {
        last_answer: Some(pishkhan_ipc::sync::Answer {
            code: "centre.ok".to_owned(),
            params: Default::default(),
            at: NOON_MS,
        }),
        ..SyncActivity::default()
    };
    let status = office.counter().sync_status(&told).unwrap();
    assert_eq!((status.recorded, status.waiting), (1, 1));
    assert_eq!(status.oldest_waiting_at, Some(filed_at));
    assert_eq!(status.last_answer.unwrap().code, "centre.ok");
    office.hears(Vec::new());
    let status = office.counter().sync_status(&told).unwrap();
    assert_eq!((status.waiting, status.oldest_waiting_at), (0, None));
    assert!(status.received_at.is_some());

    let text = office.counter().support_text(&told).unwrap();
    for personal in ["نمونه", "0076229645", "9151234567", "رضایی"] {
        assert!(!text.contains(personal), "{text}");
    }
    assert!(text.contains("applications 1 waiting 0"), "{text}");
}

#[test]
fn settings_are_kept_when_they_make_sense() {
    let office = Office::new();
    assert_eq!(office.counter().settings_get().unwrap(), Settings::default());
    let printer = Printer::Network { host: "192.0.2.7".to_owned(), port: 9100 };
    let hub_url = "http://192.0.2.9:8080".to_owned();
    let english = Settings { language: "en".to_owned(), printer, hub_url, ..Settings::default() };
    office.counter().settings_set(&english).unwrap();
    let office = office.restarted();
    assert_eq!(office.counter().settings_get().unwrap(), english);
    let wrong = [
        Settings { language: "de".to_owned(), ..Settings::default() },
        Settings { lock_after_minutes: 0, ..Settings::default() },
        Settings { printer: Printer::System { name: " ".to_owned() }, ..Settings::default() },
        Settings { hub_url: "hub.local".to_owned(), ..Settings::default() },
        Settings { hub_url: "http://".to_owned(), ..Settings::default() },
        Settings { hub_url: "http://hub .local".to_owned(), ..Settings::default() },
    ];
    for settings in wrong {
        let refused = office.counter().settings_set(&settings).unwrap_err();
        assert_eq!(refused.code, "settings.invalid");
    }
    assert_eq!(office.counter().settings_get().unwrap(), english);
}

#[test]
fn a_test_print_is_no_receipt_and_is_not_counted() {
    let office = Office::new();
    office.spooler_script("cat >\"$(dirname \"$0\")/job\"");
    let printer = Printer::System { name: "Office".to_owned() };
    let settings = Settings { printer, ..Settings::default() };
    let before = office.store(|store| store.head().unwrap());
    let outcome = office.counter().printer_test(&settings).unwrap();
    assert!(matches!(outcome, PrintOutcome::Printed { .. }), "{outcome:?}");
    assert!(bytes_of(&office.dir.path().join("job")).starts_with(b"%PDF-"));
    assert_eq!(office.store(|store| store.head().unwrap()), before);
}

#[test]
fn a_backup_is_written_and_the_log_is_walked() {
    let office = Office::new();
    office.record(&request_entry());
    assert_eq!(office.counter().log_check().unwrap(), 2);
    let file = office.counter().backup(&office.dir.path().join("stick")).unwrap();
    assert!(file.exists());
}
