use std::fs;

use pishkhan_domain::application::{AttachedDocument, Evidence};
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_protocol::body::EventBody;
use pishkhan_protocol::head::Head;

use super::{Feed, append, head_of, office, reply};
use crate::sample::{NOW, OPERATOR, recorded};
use crate::{Store, StoreError};

fn record_with(hash: ContentHash, size_bytes: u32) -> EventBody {
    let mut body = recorded("0076229645");
    let media_type = "image/jpeg".to_owned();
    let evidence = Evidence::Copy { hash, size_bytes, media_type };
    body.documents = vec![AttachedDocument { code: "id-booklet".to_owned(), evidence }];
    EventBody::ApplicationRecorded(Box::new(body))
}

fn file(store: &Store, hash: ContentHash) -> std::path::PathBuf {
    store.dir.join("documents").join(hash.to_string())
}

#[test]
fn a_document_is_kept_once_and_read_back() {
    let (_dir, mut store) = office();
    let hash = store.put_document(b"scan", "image/jpeg", NOW).unwrap();
    assert_eq!(store.put_document(b"scan", "image/jpeg", NOW).unwrap(), hash);
    assert_eq!(hash, ContentHash::of(b"scan"));
    assert_eq!(store.document(hash).unwrap(), (b"scan".to_vec(), "image/jpeg".to_owned()));
    let unknown = store.document(ContentHash::of(b"other"));
    assert!(matches!(unknown, Err(StoreError::NotFound { what: "document" })));
}

#[test]
fn a_changed_exchanged_or_lost_file_is_found_and_mended_by_attaching_again() {
    let (_dir, mut store) = office();
    let hash = store.put_document(b"scan", "image/jpeg", NOW).unwrap();
    let other = store.put_document(b"another scan", "image/jpeg", NOW).unwrap();
    let mut bytes = fs::read(file(&store, hash)).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(file(&store, hash), bytes).unwrap();
    assert!(matches!(store.document(hash), Err(StoreError::Corrupt { .. })));
    fs::copy(file(&store, other), file(&store, hash)).unwrap();
    assert!(matches!(store.document(hash), Err(StoreError::Corrupt { .. })));
    fs::remove_file(file(&store, hash)).unwrap();
    assert!(matches!(store.document(hash), Err(StoreError::Corrupt { .. })));
    store.put_document(b"scan", "image/jpeg", NOW).unwrap();
    assert_eq!(store.document(hash).unwrap().0, b"scan");
}

#[test]
fn an_entry_never_names_a_document_that_is_not_stored() {
    let (_dir, mut store) = office();
    let refused =
        store.append(OPERATOR, NOW, vec![record_with(ContentHash::of(b"nowhere"), 7)], &[]);
    assert!(matches!(refused, Err(StoreError::NotFound { what: "document" })));
    assert_eq!(store.head().unwrap().seq, 0);
}

#[test]
fn text_goes_before_scans_and_progress_is_kept() {
    let (_dir, mut store) = office();
    let hash = store.put_document(&[1; 1000], "image/jpeg", NOW).unwrap();
    assert_eq!(store.documents_waiting().unwrap().documents, 0, "nothing names it yet");
    let event = append(&mut store, record_with(hash, 1000));
    let id = event.rest.id.into();
    assert_eq!(store.row(id, NOW).unwrap().documents_waiting, 1);
    assert_eq!(store.documents_waiting().unwrap().bytes, 1000);
    assert!(store.uploads(10).unwrap().is_empty(), "its entry has not arrived");

    let effects = reply(&store, head_of(&event), &Feed::new());
    store.apply_reply(&effects).unwrap();
    let upload = store.uploads(10).unwrap().remove(0);
    assert_eq!((upload.hash, upload.size_bytes, upload.offset), (hash, 1000, 0));
    assert_eq!(upload.application, id);
    store.set_document_offset(hash, 400).unwrap();
    assert_eq!(store.uploads(10).unwrap()[0].offset, 400);
    assert_eq!(store.documents_waiting().unwrap().bytes, 600);

    store.mark_uploaded(hash, NOW + 2_000).unwrap();
    assert!(store.uploads(10).unwrap().is_empty());
    assert_eq!(store.documents_waiting().unwrap(), crate::DocumentsWaiting::default());
    assert_eq!(store.row(id, NOW).unwrap().documents_waiting, 0);
}

#[test]
fn documents_that_a_restored_centre_may_have_lost_are_offered_again() {
    let (_dir, mut store) = office();
    let early = store.put_document(b"early", "image/jpeg", NOW).unwrap();
    let late = store.put_document(b"late", "image/jpeg", NOW).unwrap();
    store.append(OPERATOR, NOW, vec![record_with(early, 5)], &[]).unwrap();
    let first = head_of(&store.event(1).unwrap());
    store.apply_reply(&reply(&store, first, &Feed::new())).unwrap();
    store.mark_uploaded(early, NOW + 1).unwrap();
    store.append(OPERATOR, NOW + 10_000, vec![record_with(late, 4)], &[]).unwrap();
    let second = head_of(&store.event(2).unwrap());
    store.apply_reply(&reply(&store, second, &Feed::new())).unwrap();
    store.mark_uploaded(late, NOW + 20_000).unwrap();
    assert!(store.uploads(10).unwrap().is_empty());

    let mut effects = reply(&store, second, &Feed::new());
    effects.epoch = [6; 16];
    store.apply_reply(&effects).unwrap();
    let offered: Vec<_> = store.uploads(10).unwrap().iter().map(|upload| upload.hash).collect();
    assert_eq!(offered, [early, late], "its head may be what this request brought: no proof");
}

#[test]
fn documents_are_offered_again_to_a_centre_that_went_back_without_saying_so() {
    let (_dir, mut store) = office();
    let scan = store.put_document(b"scan", "image/jpeg", NOW).unwrap();
    store.append(OPERATOR, NOW, vec![record_with(scan, 4)], &[]).unwrap();
    let first = head_of(&store.event(1).unwrap());
    store.apply_reply(&reply(&store, first, &Feed::new())).unwrap();
    // A clock that was put right since: before anything in the log.
    store.mark_uploaded(scan, 1).unwrap();
    store.apply_reply(&reply(&store, Head::EMPTY, &Feed::new())).unwrap();
    store.apply_reply(&reply(&store, first, &Feed::new())).unwrap();
    assert_eq!(store.uploads(10).unwrap().len(), 1);
}

#[test]
fn what_the_centre_has_lost_waits_again_from_its_first_byte() {
    let (_dir, mut store) = office();
    let [lost, under_way, kept] = [b"lost".as_slice(), b"under way", b"kept"]
        .map(|bytes| (store.put_document(bytes, "image/jpeg", NOW).unwrap(), bytes.len()));
    for (hash, length) in [lost, under_way, kept] {
        append(&mut store, record_with(hash, u32::try_from(length).unwrap()));
    }
    let head = head_of(&store.event(3).unwrap());
    store.apply_reply(&reply(&store, head, &Feed::new())).unwrap();
    store.mark_uploaded(lost.0, NOW + 1).unwrap();
    store.mark_uploaded(kept.0, NOW + 1).unwrap();
    store.set_document_offset(under_way.0, 3).unwrap();

    let mut effects = reply(&store, head, &Feed::new());
    effects.wanted = vec![lost.0, under_way.0, ContentHash::of(b"of another device")];
    assert_eq!(store.apply_reply(&effects).unwrap().documents_wanted, 1);
    assert_eq!(store.apply_reply(&effects).unwrap().documents_wanted, 0);
    let waiting = store.uploads(10).unwrap();
    let waiting: Vec<_> = waiting.iter().map(|upload| (upload.hash, upload.offset)).collect();
    assert_eq!(waiting, [(lost.0, 0), (under_way.0, 3)]);
}
