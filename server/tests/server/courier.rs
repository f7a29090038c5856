//! Files that are carried: what the centre makes of them, on both stores.

use std::io::Cursor;

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::{DeviceNumber, OfficeCode};
use pishkhan_protocol::certificate::{Certificate, DeviceFacts};
use pishkhan_protocol::courier::{
    Arrived, ArrivedFile, Content, Cover, Direction, DocumentPiece, FileReader, FileWriter,
    MAX_FILE_BYTES, PartKey,
};
use pishkhan_protocol::exchange::{Batch, ExchangeReply, Verdict};
use pishkhan_server::courier::{TakeError, Taken, take};
use pishkhan_server::lease::Leases;
use pishkhan_server::secret::random;
use pishkhan_server::storage::{devices, documents, identity};

use crate::conformance::counts;
use crate::fixture::{OFFICE, START, TestCentre, TestDevice, on_both_stores};

on_both_stores!(
    a_file_counts_once_in_whatever_order_and_however_often_it_comes,
    what_comes_before_a_cut_is_taken,
    gaps_are_told_forks_and_the_revoked_kept_aside,
    a_document_counts_when_its_bytes_give_its_name,
    an_answer_brings_feed_and_catalogue_from_where_the_office_stands,
    a_forgotten_device_is_let_in_by_its_file,
    two_files_at_once_are_as_one_after_the_other,
);

pub(crate) fn cover(centre: &TestCentre, device: &TestDevice, number: u64) -> Cover {
    let facts = DeviceFacts {
        device: device.number,
        office: OfficeCode::from(OFFICE),
        office_title: "دفتر نمونه".to_owned(),
        key: device.key.public(),
        enrolled_at_ms: START,
    };
    Cover {
        direction: Direction::ToCentre,
        device: device.number,
        number,
        made_at_ms: START,
        id: random().unwrap(),
        certificate: Some(Certificate::issue(&facts, &centre.centre.key)),
    }
}

pub(crate) fn file(
    centre: &TestCentre,
    device: &TestDevice,
    number: u64,
    parts: &[Content],
) -> Vec<u8> {
    let cover = cover(centre, device, number);
    let mut file = FileWriter::begin(Vec::new(), &cover, &device.key, &device.secret).unwrap();
    for part in parts {
        assert!(file.add(part, MAX_FILE_BYTES).unwrap());
    }
    file.end().unwrap().0
}

pub(crate) fn said(device: &TestDevice, batch: Option<Batch>) -> Content {
    let mut request = device.request(batch);
    request.lease = None;
    Content::Exchange(Box::new(request))
}

fn pieces(bytes: &[u8], hash: ContentHash, length: usize) -> Vec<Content> {
    let size_bytes = bytes.len() as u64;
    let piece = |(index, bytes): (usize, &[u8])| {
        let offset = (index * length) as u64;
        Content::Piece(DocumentPiece { hash, size_bytes, offset, bytes: bytes.to_vec() })
    };
    bytes.chunks(length).enumerate().map(piece).collect()
}

pub(crate) async fn brought(centre: &TestCentre, bytes: &[u8]) -> Result<Taken, TakeError> {
    take(&centre.centre, Cursor::new(bytes.to_vec())).await
}

/// What the device reads in an answer: every page, and what arrived.
pub(crate) fn read(device: &TestDevice, taken: &Taken) -> (Vec<ExchangeReply>, Arrived) {
    let mut file = FileReader::open(&taken.answer[..]).unwrap();
    let cover = file.cover().verify(&device.centre_key).unwrap().cover;
    assert_eq!((cover.device, cover.number), (device.number, taken.number));
    let key = PartKey::of(&device.secret, &cover, file.cover());
    let (mut pages, mut arrived) = (Vec::new(), Arrived::default());
    while let Some(content) = file.next(&key).unwrap() {
        match content {
            Content::Reply(reply) => pages.push(*reply),
            Content::Arrived(more) => {
                arrived.files.extend(more.files);
                arrived.documents.extend(more.documents);
            }
            other => panic!("{other:?}"),
        }
    }
    (pages, arrived)
}

async fn leases(centre: &TestCentre, number: DeviceNumber) -> Leases {
    let mut unit = centre.centre.storage.read().await.unwrap();
    let office = OfficeCode::from(OFFICE);
    devices::find(unit.as_mut(), &office, number).await.unwrap().unwrap().leases
}

async fn a_file_counts_once_in_whatever_order_and_however_often_it_comes(centre: TestCentre) {
    let mut device = centre.device().await;
    device.record();
    device.sync(&centre.centre).await;
    let before = leases(&centre, device.number).await;
    for _ in 0..5 {
        device.record();
    }
    let early = file(&centre, &device, 1, &[said(&device, Some(device.batch(1, 4)))]);
    let parts = [said(&device, Some(device.batch(1, 3))), said(&device, Some(device.batch(3, 6)))];
    let late = file(&centre, &device, 2, &parts);
    let taken = brought(&centre, &late).await.unwrap();
    assert_eq!((taken.entries, taken.verdict, taken.whole), (5, Verdict::Ok, true));
    for _ in 0..2 {
        for bytes in [&early, &late] {
            let again = brought(&centre, bytes).await.unwrap();
            assert_eq!((again.entries, again.verdict), (0, Verdict::Ok));
            let (pages, arrived) = read(&device, &again);
            assert_eq!(pages[0].received, device.head());
            let numbers: Vec<u64> = arrived.files.iter().map(|file| file.number).collect();
            assert_eq!(numbers, [2, 1]);
        }
    }
    assert_eq!(counts(&centre, &device).await, (6, 0));
    assert_eq!(leases(&centre, device.number).await, before, "leases are the line's");
    // And the line goes on as if nothing had been.
    device.record();
    let reply = device.sync(&centre.centre).await;
    assert_eq!((reply.verdict, reply.received), (Verdict::Ok, device.head()));
}

async fn what_comes_before_a_cut_is_taken(centre: TestCentre) {
    let mut device = centre.device().await;
    for _ in 0..4 {
        device.record();
    }
    let parts = [said(&device, Some(device.batch(0, 2))), said(&device, Some(device.batch(2, 4)))];
    let bytes = file(&centre, &device, 1, &parts);
    let nothing = brought(&centre, &bytes[..400]).await.unwrap_err();
    assert!(matches!(nothing, TakeError::Damaged), "{nothing:?}");
    let mut changed = bytes.clone();
    let last = changed.len() - 40;
    changed[last] ^= 1;
    let taken = brought(&centre, &changed).await.unwrap();
    assert_eq!((taken.entries, taken.whole), (2, false));
    let (pages, arrived) = read(&device, &taken);
    assert_eq!(pages[0].received, device.head_at(2));
    assert!(matches!(arrived.files[..], [ArrivedFile { number: 1, whole: false, .. }]));
    let cut = brought(&centre, &bytes[..bytes.len() - 1]).await.unwrap();
    assert_eq!((cut.entries, cut.whole), (2, false), "all but the end");
    let whole = brought(&centre, &bytes).await.unwrap();
    assert_eq!((whole.entries, whole.whole), (0, true));
    assert!(read(&device, &whole).1.files[0].whole);
    // Once whole, it stays so.
    let cut = brought(&centre, &changed).await.unwrap();
    assert!(read(&device, &cut).1.files[0].whole);
}

async fn gaps_are_told_forks_and_the_revoked_kept_aside(centre: TestCentre) {
    let mut device = centre.device().await;
    device.record();
    let mut copy = device.copy();
    for _ in 0..3 {
        device.record();
    }
    let gap = file(&centre, &device, 1, &[said(&device, Some(device.batch(2, 4)))]);
    let taken = brought(&centre, &gap).await.unwrap();
    assert_eq!((taken.verdict, taken.entries), (Verdict::Gap, 0));
    assert_eq!(read(&device, &taken).0[0].received.seq, 0, "from here on");
    let all = file(&centre, &device, 2, &[said(&device, Some(device.batch(0, 4)))]);
    assert_eq!(brought(&centre, &all).await.unwrap().entries, 4);

    copy.add_bytes(99, vec![0x80]);
    let fork = file(&centre, &copy, 3, &[said(&copy, Some(copy.batch(1, 2)))]);
    for _ in 0..2 {
        let taken = brought(&centre, &fork).await.unwrap();
        assert_eq!((taken.verdict, taken.entries), (Verdict::Fork, 0));
    }
    assert_eq!(counts(&centre, &device).await, (4, 1));

    let mut unit = centre.centre.storage.begin().await.unwrap();
    devices::revoke(unit.as_mut(), device.number, START).await.unwrap();
    unit.commit().await.unwrap();
    device.record();
    let scan = b"a scan".to_vec();
    let mut parts = vec![said(&device, Some(device.batch(4, 5)))];
    parts.extend(pieces(&scan, ContentHash::of(&scan), 3));
    let taken = brought(&centre, &file(&centre, &device, 4, &parts)).await.unwrap();
    assert_eq!((taken.verdict, taken.entries, taken.documents), (Verdict::Revoked, 0, 0));
    assert_eq!(counts(&centre, &device).await, (4, 2));
    let (pages, arrived) = read(&device, &taken);
    assert!(pages[0].feed.is_empty() && pages[0].catalogue.is_empty());
    assert!(arrived.documents.is_empty(), "a revoked device uploads nothing");
}

async fn a_document_counts_when_its_bytes_give_its_name(centre: TestCentre) {
    let device = centre.device().await;
    let scan: Vec<u8> = (0..250_u8).cycle().take(10_000).collect();
    let hash = ContentHash::of(&scan);
    let office = OfficeCode::from(OFFICE);
    let with = |number, some: &[Content]| {
        let parts = [&[said(&device, None)], some].concat();
        file(&centre, &device, number, &parts)
    };
    let all = pieces(&scan, hash, 3_000);
    // A piece that does not go on from what is here waits; what is here is kept.
    let torn = brought(&centre, &with(1, &[all[0].clone(), all[2].clone()])).await.unwrap();
    assert_eq!((torn.documents, read(&device, &torn).1.documents.len()), (0, 0));
    let rest = brought(&centre, &with(2, &all[1..])).await.unwrap();
    assert_eq!((rest.documents, read(&device, &rest).1.documents), (1, vec![hash]));
    assert_eq!(centre.centre.documents.read(&office, hash).await.unwrap(), scan);
    let again = brought(&centre, &with(3, &all)).await.unwrap();
    assert_eq!((again.documents, read(&device, &again).1.documents), (0, vec![hash]));

    // Bytes that do not give the name never count, and do not stay in the way.
    let other: Vec<u8> = scan.iter().rev().copied().collect();
    let hash = ContentHash::of(&other);
    let mut spoiled = other.clone();
    spoiled[5_000] ^= 1;
    let taken = brought(&centre, &with(4, &pieces(&spoiled, hash, 3_000))).await.unwrap();
    assert_eq!((taken.documents, read(&device, &taken).1.documents.len()), (0, 0));
    let mut unit = centre.centre.storage.read().await.unwrap();
    let stored = documents::find(unit.as_mut(), &office, hash).await.unwrap().unwrap();
    assert_eq!(stored.received_at, None);
    drop(unit);
    let taken = brought(&centre, &with(5, &pieces(&other, hash, 3_000))).await.unwrap();
    assert_eq!((taken.documents, read(&device, &taken).1.documents), (1, vec![hash]));
}

async fn an_answer_brings_feed_and_catalogue_from_where_the_office_stands(centre: TestCentre) {
    let mut device = centre.device().await;
    for _ in 0..450 {
        device.add_bytes(99, vec![0x80]);
    }
    let bytes = file(&centre, &device, 1, &[said(&device, Some(device.batch(0, 450)))]);
    let (pages, _) = read(&device, &brought(&centre, &bytes).await.unwrap());
    let numbers: Vec<u64> =
        pages.iter().flat_map(|page| page.feed.iter().map(|entry| entry.number)).collect();
    assert_eq!(numbers, (1..=450).collect::<Vec<u64>>());
    assert_eq!(pages.iter().map(|page| page.catalogue.len()).sum::<usize>(), 1);
    assert!(pages.iter().all(|page| page.lease == [0; 16] && page.upload_token.is_none()));
    device.feed_cursor = 440;
    let bytes = file(&centre, &device, 2, &[said(&device, None)]);
    let (pages, _) = read(&device, &brought(&centre, &bytes).await.unwrap());
    assert_eq!((pages.len(), pages[0].feed[0].number), (1, 441));
    // Of a centre that was restored, from the beginning.
    let mut unit = centre.centre.storage.begin().await.unwrap();
    identity::set_epoch(unit.as_mut(), [8; 16]).await.unwrap();
    unit.commit().await.unwrap();
    let (pages, _) = read(&device, &brought(&centre, &bytes).await.unwrap());
    assert_eq!((pages[0].epoch, pages[0].feed[0].number), ([8; 16], 1));
}

async fn a_forgotten_device_is_let_in_by_its_file(centre: TestCentre) {
    let mut device = centre.device().await;
    device.record();
    let mut unit = centre.centre.storage.begin().await.unwrap();
    for statement in
        ["DELETE FROM devices WHERE device = $1", "DELETE FROM device_numbers WHERE device = $1"]
    {
        unit.execute(statement, vec![vec![device.number.0.into()]]).await.unwrap();
    }
    unit.commit().await.unwrap();
    // A cover that fell into other hands opens no door without the secret.
    let bytes = file(&centre, &device, 1, &[said(&device, Some(device.batch(0, 1)))]);
    let mut spoiled = bytes.clone();
    *spoiled.last_mut().unwrap() ^= 1;
    let cut = bytes.len() - 19;
    spoiled[cut - 1] ^= 1;
    assert!(matches!(brought(&centre, &spoiled).await, Err(TakeError::Stranger)));
    let taken = brought(&centre, &bytes).await.unwrap();
    assert_eq!((taken.entries, taken.verdict), (1, Verdict::Ok));
    assert_eq!(counts(&centre, &device).await, (1, 0));
}

async fn two_files_at_once_are_as_one_after_the_other(centre: TestCentre) {
    let mut device = centre.device().await;
    for _ in 0..40 {
        device.record();
    }
    let scan: Vec<u8> = (0..200_u8).cycle().take(50_000).collect();
    let mut parts: Vec<Content> =
        (0..40).step_by(5).map(|at| said(&device, Some(device.batch(at, at + 5)))).collect();
    parts.extend(pieces(&scan, ContentHash::of(&scan), 5_000));
    let bytes = file(&centre, &device, 1, &parts);
    let mut bearers = Vec::new();
    for _ in 0..3 {
        let (shared, bytes) = (centre.centre.clone(), bytes.clone());
        bearers.push(tokio::spawn(async move { take(&shared, Cursor::new(bytes)).await.unwrap() }));
    }
    let mut entries = 0;
    for bearer in bearers {
        entries += bearer.await.unwrap().entries;
    }
    assert_eq!((entries, counts(&centre, &device).await), (40, (40, 0)));
    let last = brought(&centre, &bytes).await.unwrap();
    assert_eq!(read(&device, &last).1.documents, vec![ContentHash::of(&scan)]);
}
