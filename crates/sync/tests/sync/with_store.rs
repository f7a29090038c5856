//! The office's real store in place of the one in memory: encrypted, on disk.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use pishkhan_domain::applicant::{Applicant, Identity};
use pishkhan_domain::application::{AttachedDocument, Evidence};
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::{OperatorId, ServiceCode};
use pishkhan_protocol::body::{ApplicationRecorded, EventBody};
use pishkhan_store::{DataKey, Store};
use pishkhan_sync::engine::Answer;

use crate::memory_office::identity;
use crate::mock_centre::MockCentre;
use crate::over_http::once;

const NOW: i64 = 1_795_507_200_000;

fn record(store: &mut Store, scan: &[u8]) -> ContentHash {
    let hash = store.put_document(scan, "image/jpeg", NOW).unwrap();
    let size_bytes = u32::try_from(scan.len()).unwrap();
    let media_type = "image/jpeg".to_owned();
    let copy = Evidence::Copy { hash, size_bytes, media_type };
    let recorded = ApplicationRecorded {
        service: ServiceCode::from("birth-registration"),
        card_version: ContentHash::of(b"card"),
        applicant: Applicant {
            identity: Identity::NationalId { national_id: "0076229645".to_owned() },
            first_name: "نمونه".to_owned(),
            last_name: "نمونه‌ای".to_owned(),
            father_name: String::new(),
            birth_date: None,
            gender: None,
            mobile: None,
            village: String::new(),
            address: String::new(),
            postcode: None,
            witnesses: Vec::new(),
        },
        form: BTreeMap::new(),
        documents: vec![AttachedDocument { code: "id-booklet".to_owned(), evidence: copy }],
        fee_rial: 0,
        due_on: "2026-12-01".to_owned(),
        consent: true,
        code_attempt: 0,
    };
    let body = EventBody::ApplicationRecorded(Box::new(recorded));
    store.append(OperatorId::from_bytes([4; 16]), NOW, vec![body], &[]).unwrap();
    hash
}

#[tokio::test]
async fn the_store_on_disk_sends_all_and_heals_a_restored_centre() {
    let centre = MockCentre::start().await;
    let dir = tempfile::tempdir().unwrap();
    let key = DataKey::from_bytes([7; 32]);
    let mut store = Store::create(dir.path(), &key, &identity(&centre.url)).unwrap();
    let backup = centre.lock().centre.stored.clone();
    let scan = vec![0xd8; 150_000];
    let hash = record(&mut store, &scan);
    for number in 0..5 {
        centre.lock().centre.tell(&format!("خبر {number}"));
    }
    let store = Arc::new(Mutex::new(store));
    let outcome = once(&store).await;
    assert!(outcome.finished, "{outcome:?}");
    assert_eq!((outcome.entries, outcome.documents), (1, 1));
    assert_eq!(centre.lock().centre.papers[&hash], scan);
    {
        let store = store.lock().unwrap();
        assert_eq!(store.acknowledged().unwrap(), store.head().unwrap());
        assert_eq!(store.sync_state().unwrap().feed_cursor, 5);
        assert_eq!(store.documents_waiting().unwrap().documents, 0);
    }

    centre.lock().centre.restore(backup, [2; 16]);
    centre.lock().centre.tell("پس از بازگردانی");
    record(&mut store.lock().unwrap(), b"another scan");
    let outcome = once(&store).await;
    assert!(outcome.finished, "{outcome:?}");
    let store = store.lock().unwrap();
    let log = store.entries_after(0, usize::MAX, usize::MAX).unwrap();
    assert_eq!(centre.lock().centre.stored.log, log, "each entry once, in order");
    assert_eq!(store.sync_state().unwrap().feed_cursor, 1, "the feed as the centre tells it now");
}

#[tokio::test]
async fn an_old_copy_of_the_disk_is_told_so() {
    let centre = MockCentre::start().await;
    let (dir, old) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let key = DataKey::from_bytes([7; 32]);
    let store =
        Arc::new(Mutex::new(Store::create(dir.path(), &key, &identity(&centre.url)).unwrap()));
    let copy = Store::create(old.path(), &key, &identity(&centre.url)).unwrap();
    record(&mut store.lock().unwrap(), b"scan");
    assert!(once(&store).await.finished);
    let copy = Arc::new(Mutex::new(copy));
    let outcome = once(&copy).await;
    assert!(outcome.stopped);
    assert_eq!(outcome.answer, Some(Answer::DeviceStaleCopy));
    record(&mut copy.lock().unwrap(), b"work goes on");
    assert_eq!(copy.lock().unwrap().acknowledged().unwrap().seq, 0);
}
