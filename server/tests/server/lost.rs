//! Documents that had arrived and were lost: found, marked, asked for again, and sent again by the
//! real client.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use pishkhan_domain::application::Evidence;
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::OfficeCode;
use pishkhan_protocol::body::EventBody;
use pishkhan_protocol::exchange::MAX_WANTED;
use pishkhan_server::documents::Flaw;
use pishkhan_server::lost::{CheckError, Checked, Opened, check, open};
use pishkhan_server::storage::{Value, documents};
use reqwest::StatusCode;
use tokio::io::AsyncWriteExt as _;

use crate::courier::{brought, file as carried, read, said};
use crate::fixture::{
    OFFICE, Store, TestCentre, TestDevice, on_both_stores, open_session, recorded,
};
use crate::restored::Office;
use crate::uploader::{DOCUMENTS, Uploader, offset_of};

on_both_stores!(
    what_is_missing_or_damaged_is_asked_for_until_it_has_come,
    whoever_opens_a_damaged_document_has_it_asked_for,
    many_are_asked_for_in_turn_and_only_if_that_is_meant,
    one_that_came_again_meanwhile_is_not_lost,
    a_file_that_nobody_marked_is_read_again_before_it_counts,
    an_answer_that_is_carried_asks_for_it_too,
);

fn office() -> OfficeCode {
    OfficeCode::from(OFFICE)
}

fn scan(number: usize) -> Vec<u8> {
    format!("scan {number}").into_bytes()
}

fn file(centre: &TestCentre, hash: ContentHash) -> PathBuf {
    centre.folder.path().join("documents").join(OFFICE).join(hash.to_string())
}

/// A document that has arrived.
async fn arrived(centre: &TestCentre, bytes: &[u8]) -> ContentHash {
    let (hash, now) = (ContentHash::of(bytes), centre.centre.now());
    let writer = centre.centre.documents.write(&office(), hash).await.unwrap().unwrap();
    let mut part = writer.append().await.unwrap();
    part.write_all(bytes).await.unwrap();
    part.flush().await.unwrap();
    assert!(writer.finish(hash).await.unwrap());
    let mut unit = centre.centre.storage.begin().await.unwrap();
    let length = bytes.len() as u64;
    documents::announce(unit.as_mut(), &office(), hash, length, now).await.unwrap();
    documents::mark_received(unit.as_mut(), &office(), hash, now).await.unwrap();
    unit.commit().await.unwrap();
    hash
}

async fn checked(centre: &TestCentre, many: bool) -> Result<Checked, CheckError> {
    let centre = &centre.centre;
    check(&centre.storage, &centre.documents, many, centre.now()).await
}

/// What the centre asks this device for.
async fn wanted(centre: &TestCentre, device: &mut TestDevice) -> Vec<ContentHash> {
    device.sync(&centre.centre).await.wanted.unwrap_or_default()
}

async fn what_is_missing_or_damaged_is_asked_for_until_it_has_come(centre: TestCentre) {
    let mut device = centre.device().await;
    let [sound, gone, changed] = [scan(1), scan(2), scan(3)];
    let mut hashes = Vec::new();
    for bytes in [&sound, &gone, &changed] {
        hashes.push(arrived(&centre, bytes).await);
    }
    assert_eq!(checked(&centre, false).await.unwrap().lost, []);
    assert_eq!(wanted(&centre, &mut device).await, []);
    fs::remove_file(file(&centre, hashes[1])).unwrap();
    fs::write(file(&centre, hashes[2]), b"other bytes").unwrap();
    let found = checked(&centre, false).await.unwrap();
    let mut lost = vec![(office(), hashes[1], Flaw::Missing), (office(), hashes[2], Flaw::Damaged)];
    lost.sort_by_key(|(_, hash, _)| hash.to_string());
    assert_eq!((found.looked_at, found.lost), (3, lost));
    assert!(!file(&centre, hashes[2]).exists(), "it is out of the way");
    assert_eq!(checked(&centre, false).await.unwrap().looked_at, 1, "those are known");

    let mut both = vec![hashes[1], hashes[2]];
    both.sort();
    assert_eq!(wanted(&centre, &mut device).await, both);
    assert_eq!(wanted(&centre, &mut device).await, both, "a reply may have been lost");
    for bytes in [&gone, &changed] {
        let uploader = Uploader::new(&centre, &device, DOCUMENTS, bytes).await;
        let created = uploader.create(bytes.len()).await;
        assert_eq!(offset_of(&created), 0, "it is not said to be here");
        let sent = uploader.patch(0, bytes).send().await.unwrap();
        assert_eq!(sent.status(), StatusCode::NO_CONTENT);
    }
    assert_eq!(wanted(&centre, &mut device).await, []);
    let found = checked(&centre, false).await.unwrap();
    assert_eq!((found.looked_at, found.lost.len()), (3, 0));
}

async fn whoever_opens_a_damaged_document_has_it_asked_for(centre: TestCentre) {
    let mut device = centre.device().await;
    let hash = arrived(&centre, &scan(1)).await;
    let opened = async |hash| {
        let centre = &centre.centre;
        open(&centre.storage, &centre.documents, (&office(), hash), centre.now()).await
    };
    assert_eq!(opened(hash).await.unwrap(), Opened::Whole(scan(1)));
    let unknown = ContentHash::of(b"on its way");
    assert_eq!(opened(unknown).await.unwrap(), Opened::OnItsWay);
    fs::write(file(&centre, hash), b"scan 2").unwrap();
    for _twice in 0..2 {
        assert_eq!(opened(hash).await.unwrap(), Opened::Lost);
    }
    assert_eq!(wanted(&centre, &mut device).await, [hash]);

    // A disk that is not mounted says nothing of any document.
    let other = arrived(&centre, &scan(3)).await;
    let folder = file(&centre, other).parent().unwrap().to_owned();
    fs::rename(&folder, folder.with_extension("elsewhere")).unwrap();
    assert!(matches!(opened(other).await, Err(CheckError::Disk(_))));
    assert_eq!(wanted(&centre, &mut device).await, [hash]);
}

async fn many_are_asked_for_in_turn_and_only_if_that_is_meant(centre: TestCentre) {
    let mut device = centre.device().await;
    let count = MAX_WANTED + 30;
    for number in 0..count {
        let hash = arrived(&centre, &scan(number)).await;
        fs::remove_file(file(&centre, hash)).unwrap();
    }
    let refused = checked(&centre, false).await;
    let Err(CheckError::Many { lost, looked_at }) = refused else { panic!("{refused:?}") };
    assert_eq!((lost, looked_at), (count as u64, count as u64));
    assert_eq!(wanted(&centre, &mut device).await, [], "nothing was marked");
    assert_eq!(checked(&centre, true).await.unwrap().lost.len(), count);
    let mut named = std::collections::BTreeSet::new();
    for _ in 0..100 {
        let names = wanted(&centre, &mut device).await;
        assert_eq!(names.len(), MAX_WANTED);
        named.extend(names);
    }
    assert_eq!(named.len(), count, "none keeps the others back");

    let mut request = device.request(None);
    (request.reply_most_bytes, request.catalogue_cursor) = (Some(1_000), 1);
    let sealed = device.seal(&request);
    let reply = pishkhan_server::exchange::exchange(&centre.centre, &sealed).await.unwrap();
    assert!(reply.len() <= 1_000, "{} bytes", reply.len());
    assert!((1..10).contains(&device.open(&reply).wanted.unwrap().len()));
    request.protocol = 1;
    let sealed = device.seal(&request);
    let reply = pishkhan_server::exchange::exchange(&centre.centre, &sealed).await.unwrap();
    assert_eq!(device.open(&reply).wanted, None, "protocol 1 gets what it always got");
}

async fn one_that_came_again_meanwhile_is_not_lost(centre: TestCentre) {
    let hash = arrived(&centre, &scan(1)).await;
    let seen = centre.centre.now();
    centre.pass(1_000);
    arrived(&centre, &scan(1)).await;
    let mut unit = centre.centre.storage.begin().await.unwrap();
    let now = centre.centre.now();
    let marked = documents::mark_lost(unit.as_mut(), &office(), hash, seen, now).await.unwrap();
    assert!(!marked);
    let marked = documents::mark_lost(unit.as_mut(), &office(), hash, now, now).await.unwrap();
    assert!(marked);
    // Of one office, no other hears.
    let other = OfficeCode::from("sample-0002");
    assert_eq!(documents::lost(unit.as_mut(), &other, None, 9).await.unwrap(), []);
    assert_eq!(documents::lost(unit.as_mut(), &office(), None, 9).await.unwrap(), [hash]);
}

async fn a_file_that_nobody_marked_is_read_again_before_it_counts(centre: TestCentre) {
    let device = centre.device().await;
    let hash = arrived(&centre, &scan(1)).await;
    // A database that was put back knows nothing of it, and the disk has changed it since.
    let mut unit = centre.centre.storage.begin().await.unwrap();
    let sql = "DELETE FROM documents WHERE hash = $1";
    unit.execute(sql, vec![vec![Value::Text(hash.to_string())]]).await.unwrap();
    unit.commit().await.unwrap();
    fs::write(file(&centre, hash), b"scan 2").unwrap();
    let uploader = Uploader::new(&centre, &device, DOCUMENTS, &scan(1)).await;
    let created = uploader.create(scan(1).len()).await;
    assert_eq!((created.status(), offset_of(&created)), (StatusCode::CREATED, 0));
    let sent = uploader.patch(0, &scan(1)).send().await.unwrap();
    assert_eq!(sent.status(), StatusCode::NO_CONTENT);
    assert_eq!(fs::read(file(&centre, hash)).unwrap(), scan(1));
}

async fn an_answer_that_is_carried_asks_for_it_too(centre: TestCentre) {
    let mut device = centre.device().await;
    device.record();
    let hash = arrived(&centre, &scan(1)).await;
    let bytes = carried(&centre, &device, 1, &[said(&device, Some(device.batch(0, 1)))]);
    let wanted = async || {
        let taken = brought(&centre, &bytes).await.unwrap();
        read(&device, &taken).0.remove(0).wanted
    };
    assert_eq!(wanted().await, None);
    fs::remove_file(file(&centre, hash)).unwrap();
    checked(&centre, false).await.unwrap();
    assert_eq!(wanted().await, Some(vec![hash]));
}

/// `pishkhan-server documents check`.
fn order(centre: &TestCentre) -> Output {
    Command::new(env!("CARGO_BIN_EXE_pishkhan-server"))
        .args(["documents", "check", "--database", &centre.database, "--documents"])
        .arg(centre.folder.path().join("documents"))
        .output()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_office_sends_again_what_the_centre_has_lost() {
    let centre = TestCentre::start(Store::Embedded).await;
    let served = centre.serve().await;
    let mut office = Office::enrolled(&centre, &served.url).await;
    let scan: Vec<u8> = (0..200_000_u32).map(|index| (index % 249) as u8).collect();
    let hash = {
        let mut store = office.store.lock().unwrap();
        store.put_document(&scan, "image/jpeg", 1).unwrap()
    };
    let mut body = recorded(centre.card_version);
    let size_bytes = u32::try_from(scan.len()).unwrap();
    body.documents[0].evidence =
        Evidence::Copy { hash, size_bytes, media_type: "image/jpeg".to_owned() };
    office.append(EventBody::ApplicationRecorded(Box::new(body)));
    office.syncs().await;
    let output = order(&centre);
    assert!(output.status.success(), "{output:?}");

    let page = format!("/console/applications/{}/documents/{hash}", office.filed[0]);
    let cookie = open_session(&centre, crate::fixture::USERNAME).await;
    let see = async || {
        let answer = served.get(&page).header("cookie", &cookie).send().await.unwrap();
        (answer.status(), answer.bytes().await.unwrap().to_vec())
    };
    assert_eq!(see().await, (StatusCode::OK, scan.clone()));

    // A bit of it changes on the disk; an officer is the first who sees it.
    let mut bytes = scan.clone();
    bytes[77_777] ^= 1;
    fs::write(file(&centre, hash), bytes).unwrap();
    let (status, said) = see().await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(String::from_utf8(said).unwrap().contains("دوباره از دفتر خواسته شد"));
    office.syncs().await;
    assert_eq!(see().await, (StatusCode::OK, scan.clone()));

    // Its file is gone; the check is the first that sees it.
    fs::remove_file(file(&centre, hash)).unwrap();
    let output = order(&centre);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said, format!("missing {OFFICE} {hash}\n1 documents, 1 lost and asked for again\n"));
    office.syncs().await;
    assert_eq!(see().await, (StatusCode::OK, scan));
    assert!(order(&centre).status.success());
}
