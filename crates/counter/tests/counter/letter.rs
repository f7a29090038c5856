//! An agency's letter on paper: on a printer for pages, else in a file; counted, never lost.

use std::fs;

use pishkhan_domain::ids::ApplicationId;
use pishkhan_domain::tracking_code::TrackingCode;
use pishkhan_ipc::application::{ApplicationRequest, WithdrawRequest};
use pishkhan_ipc::receipt::{Paper, PrintOutcome};
use pishkhan_ipc::settings::{Printer, Settings};
use pishkhan_protocol::feed::{Approved, FeedBody};
use pishkhan_receipt::{LetterKind, render_letter};
use pishkhan_testkit::letters::letter;

use super::{Office, bytes_of, request_entry};

fn approved(application: ApplicationId) -> FeedBody {
    let letter = Some(Box::new(letter()));
    FeedBody::Approved(Approved { application, note: String::new(), letter })
}

fn printed(office: &Office, id: ApplicationId) -> PrintOutcome {
    office.counter().letter_print(&ApplicationRequest { id }).unwrap()
}

fn copies(office: &Office, id: ApplicationId) -> u32 {
    office.view(id).letter.unwrap().copies_printed
}

#[test]
fn a_letter_goes_to_a_printer_for_pages_and_into_a_file_else() {
    let mut office = Office::new();
    let recorded = office.record(&request_entry()).row;
    let id = recorded.id;
    let none = office.counter().letter_print(&ApplicationRequest { id }).unwrap_err();
    assert_eq!(none.code, "letter.not_found");
    office.hears(vec![FeedBody::Accepted(id), approved(id)]);
    let view = office.view(id).letter.unwrap();
    assert_eq!((view.number.as_str(), view.copies_printed), ("1405/127", 0));

    let printer = Printer::System { name: "Office".to_owned() };
    let settings = Settings { printer: printer.clone(), paper: Paper::A5, ..Settings::default() };
    office.counter().settings_set(&settings).unwrap();
    office.spooler_script("echo 'lp: unknown destination' >&2; exit 1");
    let failed = printed(&office, id);
    assert!(matches!(&failed, PrintOutcome::Failed { code, .. } if code == "printer.spooler"));
    assert_eq!(copies(&office, id), 0);
    office.spooler_script("cat >\"$(dirname \"$0\")/job\"");
    assert_eq!(printed(&office, id), PrintOutcome::Printed { copy: 1 });
    let code = TrackingCode::parse(&recorded.tracking_code).unwrap();
    let whole = render_letter(&letter(), code, LetterKind::Issued).unwrap();
    assert!(bytes_of(&office.dir.path().join("job")) == whole);

    // A roll is no paper for a letter.
    fs::remove_file(office.dir.path().join("job")).unwrap();
    office.print_on(printer);
    let PrintOutcome::Saved { copy: 2, path } = printed(&office, id) else { panic!("not saved") };
    assert!(bytes_of(path.as_ref()) == whole && path.ends_with("-letter-1405-127.pdf"), "{path}");
    assert!(!office.dir.path().join("job").exists());
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    let failed = printed(&office, id);
    assert!(matches!(&failed, PrintOutcome::Failed { code, .. } if code == "disk.failed"));
    let office = office.restarted();
    assert_eq!(copies(&office, id), 2);
}

#[test]
fn the_letter_of_an_approval_that_came_too_late_is_none() {
    let mut office = Office::new();
    let id = office.record(&request_entry()).row.id;
    office.counter().application_withdraw(&WithdrawRequest { id, reason: String::new() }).unwrap();
    office.hears(vec![approved(id)]);
    assert_eq!(office.view(id).letter, None);
}
