//! `pishkhan-cli letter`: what an agency sent, into a file; and a sentence where it sent nothing.

use std::fs;

use pishkhan_protocol::feed::{Approved, FeedBody};

use super::{Office, one_line, sampler};

#[test]
fn a_letter_is_printed_into_a_file_and_its_want_is_told() {
    let mut office = Office::new();
    let file = office.path("application.json");
    let entry = sampler(1).good_for("general-request").unwrap();
    fs::write(&file, serde_json::to_string_pretty(&entry).unwrap()).unwrap();
    let recorded = one_line(&office.run(&["record", file.to_str().unwrap()]));
    let code = recorded["tracking_code"].as_str().unwrap();
    let pdf = office.path("letter.pdf");
    let letter = ["letter", code, "--out", pdf.to_str().unwrap()];
    let none = office.run(&letter);
    assert!(!none.status.success() && none.stdout.is_empty() && !pdf.exists());
    let said = String::from_utf8_lossy(&none.stderr).into_owned();
    assert!(said.contains("نامه‌ای نفرستاده است"), "{said}");

    let counter = office.opened();
    let id = *super::found(&counter, code).values().next().unwrap();
    let sent = Box::new(pishkhan_testkit::letters::letter());
    let approved = Approved { application: id, note: String::new(), letter: Some(sent) };
    let store = counter.store().unwrap();
    let told = vec![FeedBody::Accepted(id), FeedBody::Approved(approved)];
    office.trial.answer(&mut store.lock().unwrap(), told);
    drop((store, counter));

    assert_eq!(one_line(&office.run(&letter))["copy"], 1);
    assert!(fs::read(&pdf).unwrap().starts_with(b"%PDF-"));
    assert_eq!(one_line(&office.run(&letter))["copy"], 2);
}
