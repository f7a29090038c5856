//! A real office and a real centre over a line that is cut at random bytes. What is promised: each
//! entry arrives once and in its order (P2), and no cut sends a scan back to its beginning (P6).

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pishkhan_domain::application::{AttachedDocument, Evidence};
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::{DeviceNumber, OfficeCode};
use pishkhan_protocol::body::{EventBody, OperatorEnrolled};
use pishkhan_protocol::derive::DeviceSecret;
use pishkhan_server::storage::{self, events};
use pishkhan_store::{DataKey, Identity, Store};
use pishkhan_sync::engine::Config;
use pishkhan_sync::{Options, SyncHandle, spawn};
use pishkhan_testkit::faulty_line::{Cuts, FaultyLine, Plan, Way};
use pishkhan_testkit::filing::Filing;
use pishkhan_testkit::wait::until;
use tokio::runtime::Handle;

use crate::centre::{Centre, Database};

const START: i64 = 1_795_507_200_000;
const APPLICATIONS: usize = 5_000;
const DOCUMENTS: usize = 50;
const CUTS: u64 = 500;
const SEED: u64 = 20_261_124;
const PATIENCE: Duration = Duration::from_secs(400);

/// Documents are made of records that say which document they are of and where they stand, so that
/// what was sent can be counted on the line.
const RECORD: usize = 16;
const MARK: [u8; 8] = *b"\x93scanned";

/// What two cuts may take with them: bytes that the line had carried and nobody had read. Of a small
/// scan that is more than a fifth.
const ON_THE_WAY: usize = 16_000;

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_cuts_lose_double_and_disorder_nothing() {
    let _already = rustls::crypto::ring::default_provider().install_default();
    let mut centre = Centre::start(Database::Embedded).await.unwrap();
    let to: SocketAddr = centre.url("").trim_start_matches("http://").parse().unwrap();
    let cuts = Cuts::AtRandom { seed: SEED, most_bytes: 24_000, cuts: CUTS };
    let plan = Plan { cuts, capture: true, ..Plan::default() };
    let line = FaultyLine::start(to, plan).await.unwrap();

    let folder = tempfile::tempdir().unwrap();
    let identity = enrolled(&centre, &format!("http://{}", line.address())).await;
    let (device, office) = (identity.device, identity.office.clone());
    let key = DataKey::generate().unwrap();
    let mut store = Store::create(folder.path(), &key, &identity).unwrap();
    let scans = record(&mut store);

    let store = Arc::new(Mutex::new(store));
    let options = Options { config: impatient(), seed: SEED, ..Options::default() };
    let handle = spawn(&Handle::current(), Arc::clone(&store), options).unwrap();
    drained(&store, &handle).await;
    handle.stopped().await;
    assert_eq!(line.counted().cuts, CUTS, "the line was cut as often as it was meant to be");
    centre.stop().await.unwrap();

    let head = same_log(&centre, &store, device, &office).await;
    assert_eq!(head, APPLICATIONS as u64 + 1, "the operator and each application, once");
    for (hash, bytes) in &scans {
        let path = centre.folder().join("documents").join(&office.0).join(hash.to_string());
        assert!(std::fs::read(path).unwrap() == *bytes, "{hash} arrived as it was");
    }
    let sent = sent_of(&line);
    let lengths: Vec<usize> = (0..DOCUMENTS).map(|number| scan(number).len()).collect();
    let (all, whole) = (sent.iter().sum::<usize>() as f64, lengths.iter().sum::<usize>() as f64);
    println!("{:?}; documents sent {:.3} times", line.counted(), all / whole);
    assert!(all <= 1.2 * whole, "{all} bytes sent of {whole}");
    for (number, (sent, length)) in sent.iter().zip(&lengths).enumerate() {
        let again = sent.saturating_sub(*length);
        let few = again * 5 <= *length || again <= ON_THE_WAY;
        assert!(*sent > 0 && few, "of document {number}, {length} bytes, {sent} were sent");
    }
}

/// As in the program, but with no patience between tries.
fn impatient() -> Config {
    let moment = Duration::from_millis(2);
    Config {
        back_off_first: moment,
        back_off_cap: moment,
        retry_after_progress: moment,
        ..Config::default()
    }
}

async fn enrolled(centre: &Centre, url: &str) -> Identity {
    // Over a good line: a code that is spent is another story.
    let (reply, seed) =
        pishkhan_sync::enrol(&centre.url(""), &centre.enrolment_code().unwrap(), "faults")
            .await
            .unwrap();
    Identity {
        device: reply.device,
        office: reply.office,
        office_title: reply.office_title,
        district_title: reply.district_title,
        centre_url: url.to_owned(),
        public_url: reply.public_url,
        certificate: reply.certificate,
        centre_key: reply.centre_key,
        key_seed: seed,
        secret: DeviceSecret(reply.secret),
        epoch: reply.epoch,
    }
}

/// Records the applications, with a scan at every hundredth.
fn record(store: &mut Store) -> BTreeMap<ContentHash, Vec<u8>> {
    let mut filing = Filing::new(SEED, START, false).unwrap();
    let operator = filing.operator();
    let name = "کاربر نمونه".to_owned();
    let first = EventBody::OperatorEnrolled(OperatorEnrolled { operator, name });
    store.append(operator, START, vec![first], &[]).unwrap();
    let mut scans = BTreeMap::new();
    let mut number = 0;
    while number < APPLICATIONS {
        let mut bodies = Vec::new();
        for _ in 0..100 {
            let mut body = filing.application().unwrap();
            if number % (APPLICATIONS / DOCUMENTS) == 0 {
                let scan = scan(scans.len());
                let hash = store.put_document(&scan, "image/jpeg", START).unwrap();
                attach(&mut body, hash, scan.len());
                scans.insert(hash, scan);
            }
            bodies.push(body);
            number += 1;
        }
        store.append(operator, START + number as i64, bodies, &[]).unwrap();
    }
    assert_eq!(scans.len(), DOCUMENTS);
    scans
}

fn attach(body: &mut EventBody, hash: ContentHash, bytes: usize) {
    let EventBody::ApplicationRecorded(recorded) = body else { panic!("a recording") };
    let evidence = Evidence::Copy {
        hash,
        size_bytes: u32::try_from(bytes).unwrap(),
        media_type: "image/jpeg".to_owned(),
    };
    match recorded.documents.first_mut() {
        Some(paper) => paper.evidence = evidence,
        None => {
            let code = "copy".to_owned();
            recorded.documents.push(AttachedDocument { code, evidence });
        }
    }
}

/// Between 20 and 300 kB, in an order that is no order.
fn scan(number: usize) -> Vec<u8> {
    let records = (20_000 + number * 7_919 % 281 * 1_000) / RECORD;
    let record = |at: usize| {
        let place = [(number as u32).to_be_bytes(), (at as u32).to_be_bytes()].concat();
        [&MARK[..], &place].concat()
    };
    (0..records).flat_map(record).collect()
}

async fn drained(store: &Mutex<Store>, handle: &SyncHandle) {
    let left = || {
        let store = store.lock().unwrap();
        let entries = store.head().unwrap().seq - store.acknowledged().unwrap().seq;
        (entries, store.documents_waiting().unwrap().documents)
    };
    let empty =
        until("everything to arrive", PATIENCE, async || Ok((left() == (0, 0)).then_some(())));
    if let Err(error) = empty.await {
        panic!("{error}: {:?} wait, {:?}", left(), handle.status());
    }
}

/// Compares the centre's log of the device with the office's, entry by entry; gives its length.
async fn same_log(
    centre: &Centre,
    store: &Mutex<Store>,
    device: DeviceNumber,
    office: &OfficeCode,
) -> u64 {
    let database = centre.folder().join("centre.db");
    let storage = storage::open(&database.to_string_lossy()).await.unwrap();
    let mut unit = storage.read().await.unwrap();
    let ours = store.lock().unwrap().entries_after(0, usize::MAX, usize::MAX).unwrap();
    for event in &ours {
        let theirs = events::find(unit.as_mut(), office, device, event.core.seq).await.unwrap();
        assert!(theirs.as_ref() == Some(event), "entry {}", event.core.seq);
    }
    let head = ours.last().unwrap().core.seq;
    assert_eq!(ours.len() as u64, head);
    let beyond = events::hash_at(unit.as_mut(), office, device, head + 1).await.unwrap();
    assert_eq!(beyond, None);
    head
}

/// Bytes of each document that went over the line.
fn sent_of(line: &FaultyLine) -> Vec<usize> {
    let mut streams: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
    for piece in line.captured() {
        if piece.way == Way::Up {
            streams.entry(piece.connection).or_default().extend_from_slice(&piece.bytes);
        }
    }
    let mut sent = vec![0; DOCUMENTS];
    for stream in streams.values() {
        for window in stream.windows(RECORD) {
            if window.starts_with(&MARK) {
                let number = u32::from_be_bytes(window[8..12].try_into().unwrap()) as usize;
                sent[number] += RECORD;
            }
        }
    }
    sent
}
