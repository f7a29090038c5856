use pishkhan_protocol::body::{EventBody, NoteAdded, OperatorEnrolled};
use pishkhan_protocol::chain;
use pishkhan_protocol::event::Event;

use super::{append, office, record_one};
use crate::sample::{NOW, OPERATOR, data_key, identity, record, recorded};
use crate::{Along, DraftContent, LogCheck, Store, StoreError};

#[test]
fn a_clock_that_went_back_does_not_reorder_what_was_done() {
    let (_dir, mut store) = office();
    let first = store.append(OPERATOR, NOW, vec![record("0076229645")], &[]).unwrap();
    let second = store.append(OPERATOR, 0, vec![record("0076229645")], &[]).unwrap();
    assert_eq!(second[0].core.device_time_ms, first[0].core.device_time_ms + 1);
    let batch = store.append(OPERATOR, NOW + 10, vec![record("1"), record("2")], &[]).unwrap();
    assert_eq!(batch[1].core.device_time_ms, NOW + 11);
}

#[test]
fn a_tracking_code_that_this_device_gave_before_is_not_given_again() {
    let (_dir, mut store) = office();
    record_one(&mut store, "0076229645");
    // The code that the next event would get is made to be the one of the first.
    let identity = identity();
    let taken = chain::tracking_code(identity.device, &identity.secret, 2, 0);
    let sql = "UPDATE applications SET tracking_code = ?1 WHERE seq = 1";
    store.writer.execute(sql, [i64::try_from(taken.as_u64()).unwrap()]).unwrap();

    let event = append(&mut store, record("0076229645"));
    let next = chain::tracking_code(identity.device, &identity.secret, 2, 1);
    assert_eq!(event.core.tracking_code, Some(next.as_u64()));
    let EventBody::ApplicationRecorded(body) = EventBody::from_bytes(&event.body).unwrap() else {
        panic!("another kind");
    };
    assert_eq!(body.code_attempt, 1);
}

#[test]
fn the_log_refuses_to_be_changed_or_shortened() {
    let (_dir, mut store) = office();
    record_one(&mut store, "0076229645");
    for sql in [
        "UPDATE events SET device_time_at = 0",
        "DELETE FROM events",
        "INSERT OR REPLACE INTO events (seq, hash, kind, device_time_at, core, rest, body) \
         VALUES (1, x'', 1, 0, x'', x'', x'')",
    ] {
        assert!(store.writer.execute(sql, []).is_err(), "{sql}");
    }
    assert_eq!(store.verify_log().unwrap(), LogCheck::Sound { head: store.head().unwrap() });
}

#[test]
fn whoever_has_the_key_and_changes_the_log_is_found_at_the_first_bad_entry() {
    for (sql, first_bad) in [
        ("UPDATE events SET body = (SELECT body FROM events WHERE seq = 2) WHERE seq = 3", 3),
        ("UPDATE events SET rest = (SELECT rest FROM events WHERE seq = 2) WHERE seq = 4", 4),
        ("UPDATE events SET core = (SELECT core FROM events WHERE seq = 4) WHERE seq = 2", 2),
        ("UPDATE events SET hash = x'0000' WHERE seq = 3", 3),
        ("UPDATE events SET device_time_at = device_time_at - 1 WHERE seq = 1", 1),
        ("UPDATE events SET kind = 7 WHERE seq = 2", 2),
        ("DELETE FROM events WHERE seq = 2", 2),
        ("DELETE FROM events WHERE seq = 1", 1),
        ("UPDATE events SET seq = 9 WHERE seq = 5", 5),
    ] {
        let (_dir, mut store) = office();
        for number in 1..=5 {
            record_one(&mut store, &format!("000000000{number}"));
        }
        store
            .writer
            .execute_batch(
                "DROP TRIGGER events_are_not_changed; DROP TRIGGER events_are_not_deleted",
            )
            .unwrap();
        store.writer.execute(sql, []).unwrap();
        let found = store.verify_log();
        // A hash that is no hash cannot even be read.
        if let Ok(found) = found {
            assert_eq!(found, LogCheck::BadEntry { seq: first_bad }, "{sql}");
        } else {
            assert!(sql.contains("x'0000'"), "{sql}: {found:?}");
        }
    }
}

#[test]
fn a_tail_that_was_cut_off_behind_the_acknowledgement_is_found() {
    let (_dir, mut store) = office();
    record_one(&mut store, "0076229645");
    let event = append(&mut store, record("0076229645"));
    let effects = super::reply(&store, super::head_of(&event), &super::Feed::new());
    store.apply_reply(&effects).unwrap();
    store
        .writer
        .execute_batch("DROP TRIGGER events_are_not_deleted; DELETE FROM events WHERE seq = 2")
        .unwrap();
    assert_eq!(store.verify_log().unwrap(), LogCheck::BadEntry { seq: 2 });
}

#[test]
fn an_entry_that_the_centre_would_not_take_is_refused_whole() {
    let (_dir, mut store) = office();
    let id = record_one(&mut store, "0076229645");
    let long = NoteAdded { application: id, text: "ن".repeat(30_000) };
    let bodies = vec![record("0076229645"), EventBody::NoteAdded(long)];
    let refused = store.append(OPERATOR, NOW, bodies, &[]);
    assert!(matches!(refused, Err(StoreError::TooLarge { .. })));
    assert_eq!(store.head().unwrap().seq, 1, "not even the first of the two");
    assert_eq!(store.waiting().unwrap().recorded, 1);
}

#[test]
fn a_full_disk_refuses_the_next_entry_and_harms_none_before() {
    let (dir, mut store) = office();
    record_one(&mut store, "0076229645");
    let pages: i64 = store.writer.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    store.writer.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(())).unwrap();
    let draft = DraftContent { entry: serde_json::json!({"form": {}}), mends: None };
    let draft = store.save_draft(None, &draft, OPERATOR, NOW).unwrap();
    let along = [Along::DiscardDraft(draft.id)];
    let mut recorded = 1;
    let full = loop {
        match store.append(OPERATOR, NOW, vec![record("0076229645")], &along[..0]) {
            Ok(_) => recorded += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(full, StoreError::Full), "{full:?}");
    let refused = store.append(OPERATOR, NOW, vec![record("0076229645")], &along);
    assert!(matches!(refused, Err(StoreError::Full)));
    assert_eq!(store.drafts().unwrap().len(), 1, "the draft is still there");
    drop(store);

    let mut store = Store::open(dir.path(), &data_key()).unwrap();
    assert_eq!(store.head().unwrap().seq, recorded);
    assert!(matches!(store.verify_log().unwrap(), LogCheck::Sound { .. }));
    store.append(OPERATOR, NOW, vec![record("0076229645")], &along).unwrap();
    assert!(store.drafts().unwrap().is_empty());
}

#[test]
fn entries_come_in_order_within_their_limits_but_always_one() {
    let (_dir, mut store) = office();
    for _ in 0..5 {
        record_one(&mut store, "0076229645");
    }
    let seqs = |events: Vec<Event>| events.iter().map(|event| event.core.seq).collect::<Vec<_>>();
    assert_eq!(seqs(store.entries_after(0, usize::MAX, 10).unwrap()), [1, 2, 3, 4, 5]);
    assert_eq!(seqs(store.entries_after(2, usize::MAX, 2).unwrap()), [3, 4]);
    let one = store.event(1).unwrap().body.len();
    assert_eq!(seqs(store.entries_after(0, 2 * one, 10).unwrap()), [1, 2]);
    assert_eq!(seqs(store.entries_after(3, 1, 10).unwrap()), [4]);
    assert!(store.entries_after(5, usize::MAX, 10).unwrap().is_empty());
}

#[test]
fn what_paper_proves_is_what_the_log_holds() {
    let (_dir, mut store) = office();
    let event = append(&mut store, record("0076229645"));
    let id = event.rest.id.into();
    assert_eq!(store.recorded_event(id).unwrap(), event);
    assert_eq!(
        store.row(id, NOW).unwrap().tracking_code.as_u64(),
        event.core.tracking_code.unwrap()
    );
    let EventBody::ApplicationRecorded(body) = EventBody::from_bytes(&event.body).unwrap() else {
        panic!("another kind");
    };
    assert_eq!(*body, recorded("0076229645"));
}

#[test]
fn what_reads_otherwise_than_it_was_recorded_is_no_receipt() {
    let (_dir, mut store) = office();
    let event = append(&mut store, record("0076229645"));
    store.read_back(std::slice::from_ref(&event)).unwrap();
    let mut other = event.clone();
    other.core.device_time_ms += 1;
    let beyond = link_after(&event);
    for wrong in [other, beyond] {
        assert!(matches!(store.read_back(&[wrong]), Err(StoreError::Corrupt { .. })));
    }
}

/// An application that was never committed.
fn link_after(event: &Event) -> Event {
    let identity = identity();
    let head = super::head_of(event);
    chain::link(identity.device, &identity.secret, &head, chain::Entry::from(event))
}

#[test]
fn operators_are_known_by_the_name_of_their_enrolment() {
    let (_dir, mut store) = office();
    let enrolled =
        OperatorEnrolled { operator: OPERATOR, name: "اپراتور نمونه".to_owned() };
    append(&mut store, EventBody::OperatorEnrolled(enrolled));
    assert_eq!(store.operator_name(OPERATOR).unwrap(), "اپراتور نمونه");
    let id = record_one(&mut store, "0076229645");
    assert_eq!(store.timeline(id).unwrap()[0].by, "اپراتور نمونه");
}
