//! Documents in pieces: cut, resumed, spoiled, sent twice.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::OfficeCode;
use pishkhan_server::storage::devices;
use reqwest::StatusCode;

use crate::fixture::{OFFICE, Store, TestCentre};
use crate::uploader::{DOCUMENTS, Uploader, offset_of};

fn scan() -> Vec<u8> {
    (0..100_000_u32).map(|index| (index % 251) as u8).collect()
}

#[tokio::test]
async fn a_document_is_resumed_where_it_was_cut() {
    let centre = TestCentre::start(Store::Embedded).await;
    let device = centre.device().await;
    let bytes = scan();
    let uploader = Uploader::new(&centre, &device, DOCUMENTS, &bytes).await;
    let created = uploader.create(bytes.len()).await;
    assert_eq!(created.status(), StatusCode::CREATED);
    let location = format!("/sync/v1/documents/{}", uploader.hash);
    assert_eq!(created.headers()["location"], location);
    let first = uploader.patch(0, &bytes[..40_000]).send().await.unwrap();
    assert_eq!((first.status(), offset_of(&first)), (StatusCode::NO_CONTENT, 40000));
    let wrong = uploader.patch(0, &bytes[..40_000]).send().await.unwrap();
    assert_eq!(wrong.status(), StatusCode::CONFLICT);
    assert_eq!(uploader.offset().await, 40000);
    let again = uploader.create(bytes.len()).await;
    assert_eq!((again.status(), offset_of(&again)), (StatusCode::CREATED, 40000));
    let last = uploader.patch(40_000, &bytes[40_000..]).send().await.unwrap();
    assert_eq!((last.status(), offset_of(&last)), (StatusCode::NO_CONTENT, 100000));
    let office = OfficeCode::from(OFFICE);
    let stored = centre.centre.documents.read(&office, uploader.hash).await.unwrap();
    assert_eq!(stored, bytes);
    let once_more = uploader.create(bytes.len()).await;
    assert_eq!(offset_of(&once_more), 100000, "it is here already");
}

#[tokio::test]
async fn the_first_bytes_may_come_with_the_announcement() {
    let centre = TestCentre::start(Store::Embedded).await;
    let device = centre.device().await;
    let bytes = scan();
    let uploader = Uploader::new(&centre, &device, DOCUMENTS, &bytes).await;
    let created = uploader.create_with(bytes.len(), &bytes[..30_000]).await;
    assert_eq!((created.status(), offset_of(&created)), (StatusCode::CREATED, 30_000));
    // Announced again with more, as if that answer had been lost: the known bytes are passed over.
    let again = uploader.create_with(bytes.len(), &bytes[..50_000]).await;
    assert_eq!((again.status(), offset_of(&again)), (StatusCode::CREATED, 50_000));
    let less = uploader.create_with(bytes.len(), &bytes[..10]).await;
    assert_eq!((less.status(), offset_of(&less)), (StatusCode::CREATED, 50_000));
    let whole = uploader.create_with(bytes.len(), &bytes).await;
    assert_eq!((whole.status(), offset_of(&whole)), (StatusCode::CREATED, 100_000));
    let office = OfficeCode::from(OFFICE);
    let stored = centre.centre.documents.read(&office, uploader.hash).await.unwrap();
    assert_eq!(stored, bytes);
}

#[tokio::test]
async fn an_upload_can_be_given_up_but_not_a_document_that_has_arrived() {
    let centre = TestCentre::start(Store::Embedded).await;
    let device = centre.device().await;
    let bytes = scan();
    let uploader = Uploader::new(&centre, &device, DOCUMENTS, &bytes).await;
    uploader.create_with(bytes.len(), &bytes[..30_000]).await;
    assert_eq!(uploader.delete().await.status(), StatusCode::NO_CONTENT);
    assert_eq!(uploader.offset().await, 0);
    uploader.create_with(bytes.len(), &bytes).await;
    assert_eq!(uploader.delete().await.status(), StatusCode::CONFLICT);
    assert_eq!(uploader.offset().await, 100_000);
}

#[tokio::test]
async fn a_document_that_does_not_give_its_name_starts_again() {
    let centre = TestCentre::start(Store::Embedded).await;
    let device = centre.device().await;
    let bytes = scan();
    let uploader = Uploader::new(&centre, &device, DOCUMENTS, &bytes).await;
    uploader.create(bytes.len()).await;
    let mut spoiled = bytes.clone();
    spoiled[77] ^= 1;
    let answer = uploader.patch(0, &spoiled).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 460);
    assert_eq!(uploader.offset().await, 0);
    let answer = uploader.patch(0, &bytes).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_spoiled_chunk_is_undone_alone() {
    let centre = TestCentre::start(Store::Embedded).await;
    let device = centre.device().await;
    let bytes = scan();
    let uploader = Uploader::new(&centre, &device, DOCUMENTS, &bytes).await;
    uploader.create(bytes.len()).await;
    uploader.patch(0, &bytes[..10]).send().await.unwrap();
    let checksum = format!("sha256 {}", STANDARD.encode(ContentHash::of(b"other").0));
    let spoiled = uploader.patch(10, &bytes[10..20]).header("upload-checksum", checksum);
    assert_eq!(spoiled.send().await.unwrap().status().as_u16(), 460);
    assert_eq!(uploader.offset().await, 10);
    let checksum = format!("sha256 {}", STANDARD.encode(ContentHash::of(&bytes[10..20]).0));
    let good = uploader.patch(10, &bytes[10..20]).header("upload-checksum", checksum);
    assert_eq!(good.send().await.unwrap().status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn more_than_was_announced_is_not_taken() {
    let centre = TestCentre::start(Store::Embedded).await;
    let device = centre.device().await;
    let bytes = scan();
    let uploader = Uploader::new(&centre, &device, DOCUMENTS, &bytes).await;
    uploader.create(10).await;
    let answer = uploader.patch(0, &bytes).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let answer = uploader.create(11 * 1024 * 1024).await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn nobody_uploads_without_a_token_that_holds() {
    let centre = TestCentre::start(Store::Embedded).await;
    let device = centre.device().await;
    let bytes = scan();
    let mut uploader = Uploader::new(&centre, &device, DOCUMENTS, &bytes).await;
    centre.pass(60 * 60 * 1_000);
    assert_eq!(uploader.create(10).await.status(), StatusCode::UNAUTHORIZED);
    uploader.token = device.ask(&centre.centre, None).await.upload_token.unwrap();
    assert_eq!(uploader.create(10).await.status(), StatusCode::CREATED);
    let mut unit = centre.centre.storage.begin().await.unwrap();
    devices::revoke(unit.as_mut(), device.number, centre.centre.now()).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(uploader.create(10).await.status(), StatusCode::FORBIDDEN);
    uploader.token = "forged".to_owned();
    assert_eq!(uploader.create(10).await.status(), StatusCode::UNAUTHORIZED);
}
