//! The hub: a line that is down, a hub that is killed, strangers, a full quota, a liar in the
//! centre's place; and the centre's own addresses for courier files.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::http::{Method, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_protocol::courier::{Content, Direction, FileReader, FileWriter, PartKey};
use pishkhan_protocol::exchange::Verdict;
use pishkhan_protocol::keys::SecretKey;
use pishkhan_server::hub::{Hub, QUOTA_BYTES, ToCentre};
use pishkhan_server::web::door::{self, Door};
use reqwest::Response;
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::courier::{cover, file, said};
use crate::fixture::{Served, Store, TestCentre, TestDevice};
use crate::uploader::{CHUNK, offset_of};

const FILES: &str = "/courier/v1/files";

struct TestHub {
    hub: Arc<Hub>,
    served: Served,
    folder: TempDir,
}

impl TestHub {
    async fn new(centre: &TestCentre) -> Self {
        Self::with_quota(centre, QUOTA_BYTES).await
    }

    async fn with_quota(centre: &TestCentre, quota: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let hub = Hub::open(folder.path(), centre.centre.key.public(), quota).await.unwrap();
        let served = serve(hub.router()).await;
        Self { hub, served, folder }
    }

    /// The same folder in a process that has just started.
    async fn killed(self, centre: &TestCentre) -> Self {
        let Self { folder, .. } = self;
        let key = centre.centre.key.public();
        let hub = Hub::open(folder.path(), key, QUOTA_BYTES).await.unwrap();
        let served = serve(hub.router()).await;
        Self { hub, served, folder }
    }

    async fn waiting(&self) -> usize {
        self.hub.waiting().await.unwrap()
    }
}

async fn serve(router: Router) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(door::serve(vec![Door::plain(listener)], router, std::future::pending()));
    Served::at(address)
}

fn to(served: &Served) -> ToCentre {
    ToCentre::new(&served.url, None).unwrap()
}

/// Where nobody listens.
async fn nowhere() -> ToCentre {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    ToCentre::new(&format!("http://{address}"), None).unwrap()
}

async fn post(served: &Served, bytes: &[u8], device: Option<u32>) -> Response {
    let hash = STANDARD.encode(ContentHash::of(bytes).to_string());
    let device = device.map(|device| format!(",device {}", STANDARD.encode(device.to_string())));
    let request = served.client.post(served.to(FILES)).header("upload-length", bytes.len());
    let metadata = format!("sha256 {hash}{}", device.unwrap_or_default());
    let request = request.header("upload-metadata", metadata).header("content-type", CHUNK);
    request.body(bytes.to_vec()).send().await.unwrap()
}

async fn answer(served: &Served, device: &TestDevice, after: u64) -> Option<Vec<u8>> {
    let path = format!("/courier/v1/answers/{}?after={after}", device.number.0);
    let answer = served.get(&path).send().await.unwrap();
    match answer.status() {
        StatusCode::OK => Some(answer.bytes().await.unwrap().to_vec()),
        status => {
            assert_eq!(status, StatusCode::NO_CONTENT);
            None
        }
    }
}

/// Up to where the centre says, in an answer, that it has the log.
fn received(device: &TestDevice, bytes: &[u8]) -> u64 {
    let mut file = FileReader::open(bytes).unwrap();
    let cover = file.cover().verify(&device.centre_key).unwrap().cover;
    assert_eq!((cover.direction, cover.device), (Direction::ToOffice, device.number));
    let key = PartKey::of(&device.secret, &cover, file.cover());
    match file.next(&key).unwrap() {
        Some(Content::Reply(reply)) => reply.received.seq,
        other => panic!("{other:?}"),
    }
}

/// A device with something to send, and its file number 1.
async fn office(centre: &TestCentre) -> (TestDevice, Vec<u8>) {
    let mut device = centre.device().await;
    device.record();
    device.record();
    let bytes = file(centre, &device, 1, &[said(&device, Some(device.batch(0, 2)))]);
    (device, bytes)
}

#[tokio::test]
async fn the_centre_takes_files_over_a_line_and_keeps_the_answer() {
    let centre = TestCentre::start(Store::Embedded).await;
    let (device, bytes) = office(&centre).await;
    let served = centre.serve().await;
    for _twice in 0..2 {
        let taken = post(&served, &bytes, None).await;
        assert_eq!((taken.status(), offset_of(&taken)), (StatusCode::CREATED, bytes.len()));
        assert_eq!(received(&device, &answer(&served, &device, 0).await.unwrap()), 2);
        assert_eq!(answer(&served, &device, 1).await, None);
    }
    let page = post(&served, b"<html>", None).await;
    assert_eq!(page.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn what_two_offices_brought_goes_when_there_is_a_line() {
    let centre = TestCentre::start(Store::Embedded).await;
    let hub = TestHub::new(&centre).await;
    let offices = [office(&centre).await, office(&centre).await];
    for (_, bytes) in &offices {
        let kept = post(&hub.served, bytes, None).await;
        assert_eq!((kept.status(), offset_of(&kept)), (StatusCode::CREATED, bytes.len()));
    }
    assert!(!hub.hub.forward_once(&nowhere().await).await);
    assert_eq!(hub.waiting().await, 2);
    assert!(answer(&hub.served, &offices[0].0, 0).await.is_none());
    let served = centre.serve().await;
    assert!(hub.hub.forward_once(&to(&served)).await);
    assert_eq!(hub.waiting().await, 0);
    for (device, bytes) in &offices {
        assert_eq!(received(device, &answer(&hub.served, device, 0).await.unwrap()), 2);
        assert!(answer(&hub.served, device, 1).await.is_none());
        let again = post(&hub.served, bytes, None).await;
        assert_eq!(offset_of(&again), bytes.len(), "known, and not forwarded again");
    }
    assert_eq!(hub.waiting().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_line_a_file_is_forwarded_as_it_comes() {
    let centre = TestCentre::start(Store::Embedded).await;
    let served = centre.serve().await;
    let hub = TestHub::new(&centre).await;
    let (forwarding, way) = (hub.hub.clone(), to(&served));
    tokio::spawn(async move { forwarding.forward(&way).await });
    for number in 1..=3 {
        let (device, bytes) = office(&centre).await;
        post(&hub.served, &bytes, None).await;
        let bytes = loop {
            if let Some(bytes) = answer(&hub.served, &device, 0).await {
                break bytes;
            }
        };
        assert_eq!(received(&device, &bytes), 2, "{number}");
    }
}

#[tokio::test]
async fn a_hub_that_was_killed_has_what_it_said_it_has() {
    let centre = TestCentre::start(Store::Embedded).await;
    let served = centre.serve().await;
    let hub = TestHub::new(&centre).await;
    let (device, bytes) = office(&centre).await;
    post(&hub.served, &bytes, None).await;
    let hub = hub.killed(&centre).await;
    assert_eq!(hub.waiting().await, 1);
    // Between keeping and marking.
    std::fs::remove_dir_all(hub.folder.path().join("taken")).unwrap();
    let hub = hub.killed(&centre).await;
    assert_eq!(offset_of(&post(&hub.served, &bytes, None).await), bytes.len());
    assert_eq!(hub.waiting().await, 1);
    // Between the last byte and the look at the cover.
    let (other, late) = office(&centre).await;
    let incoming = hub.folder.path().join("incoming");
    std::fs::write(incoming.join(ContentHash::of(&late).to_string()), &late).unwrap();
    let hub = hub.killed(&centre).await;
    assert_eq!(hub.waiting().await, 2);
    // Between the centre's having it and the answer: the centre is asked again.
    post(&served, &bytes, None).await;
    assert!(hub.hub.forward_once(&to(&served)).await);
    let hub = hub.killed(&centre).await;
    for device in [&device, &other] {
        assert_eq!(received(device, &answer(&hub.served, device, 0).await.unwrap()), 2);
    }
    assert_eq!(hub.waiting().await, 0);
}

#[tokio::test]
async fn an_office_may_go_by_the_hub_and_by_the_line() {
    let centre = TestCentre::start(Store::Embedded).await;
    let hub = TestHub::new(&centre).await;
    let (mut device, bytes) = office(&centre).await;
    post(&hub.served, &bytes, None).await;
    device.record();
    let reply = device.sync(&centre.centre).await;
    assert_eq!((reply.verdict, reply.received), (Verdict::Ok, device.head()));
    assert!(hub.hub.forward_once(&to(&centre.serve().await)).await);
    assert_eq!(received(&device, &answer(&hub.served, &device, 0).await.unwrap()), 3);
    device.record();
    let reply = device.sync(&centre.centre).await;
    assert_eq!((reply.verdict, reply.received), (Verdict::Ok, device.head()));
}

#[tokio::test]
async fn what_is_no_file_of_a_certified_device_is_thrown_away() {
    let centre = TestCentre::start(Store::Embedded).await;
    let hub = TestHub::new(&centre).await;
    let (device, bytes) = office(&centre).await;
    let elsewhere = TestCentre::start(Store::Embedded).await;
    let (_, strangers) = office(&elsewhere).await;
    let mut unsigned = cover(&centre, &device, 1);
    unsigned.number = 9;
    let other = SecretKey::from_seed(&[7; 32]);
    let forged = FileWriter::begin(Vec::new(), &unsigned, &other, &device.secret).unwrap();
    let forged = forged.end().unwrap().0;
    let mut later = bytes.clone();
    later[17] = b'9';
    for (bytes, status) in [
        (&strangers[..], StatusCode::FORBIDDEN),
        (&forged, StatusCode::FORBIDDEN),
        (b"<html>", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (&bytes[..100], StatusCode::UNPROCESSABLE_ENTITY),
        (&later, StatusCode::UPGRADE_REQUIRED),
    ] {
        assert_eq!(post(&hub.served, bytes, None).await.status(), status);
    }
    assert_eq!(hub.waiting().await, 0);
    assert_eq!(std::fs::read_dir(hub.folder.path().join("incoming")).unwrap().count(), 0);
}

#[tokio::test]
async fn one_device_fills_its_own_quota_and_nobody_elses() {
    let centre = TestCentre::start(Store::Embedded).await;
    let (device, bytes) = office(&centre).await;
    let (_, others) = office(&centre).await;
    let hub = TestHub::with_quota(&centre, bytes.len() as u64 + 50).await;
    assert_eq!(post(&hub.served, &bytes, None).await.status(), StatusCode::CREATED);
    let next = file(&centre, &device, 2, &[said(&device, None)]);
    let full = post(&hub.served, &next, None).await;
    assert_eq!(full.status(), StatusCode::INSUFFICIENT_STORAGE, "known from the cover");
    let full = post(&hub.served, &next, Some(device.number.0)).await;
    assert_eq!(full.status(), StatusCode::INSUFFICIENT_STORAGE, "said before anything is sent");
    assert_eq!(post(&hub.served, &others, None).await.status(), StatusCode::CREATED);
    assert!(hub.hub.forward_once(&to(&centre.serve().await)).await);
    assert_eq!(post(&hub.served, &next, None).await.status(), StatusCode::CREATED);
}

/// A captive portal, or worse: agrees to everything, and has an answer of the centre to show.
#[tokio::test]
async fn who_stands_in_the_centres_place_makes_the_hub_drop_nothing() {
    let centre = TestCentre::start(Store::Embedded).await;
    let hub = TestHub::new(&centre).await;
    let (device, bytes) = office(&centre).await;
    let real = centre.serve().await;
    post(&real, &bytes, None).await;
    let old = answer(&real, &device, 0).await.unwrap();
    let next = file(&centre, &device, 2, &[said(&device, None)]);
    let length = next.len().to_string();
    post(&hub.served, &next, None).await;
    for answered in [old, b"<html>".to_vec()] {
        let length = length.clone();
        let liar = Router::new().fallback(move |method: Method| {
            let (length, answered) = (length.clone(), answered.clone());
            async move {
                match method {
                    Method::GET => (StatusCode::OK, [("upload-offset", length)], answered),
                    _ => (StatusCode::CREATED, [("upload-offset", length)], Vec::new()),
                }
            }
        });
        assert!(!hub.hub.forward_once(&to(&serve(liar).await)).await);
        assert_eq!(hub.waiting().await, 1);
    }
    assert!(hub.hub.forward_once(&to(&real)).await);
}

#[tokio::test]
async fn nothing_of_a_citizen_can_be_read_at_the_hub() {
    let centre = TestCentre::start(Store::Embedded).await;
    let hub = TestHub::new(&centre).await;
    let (device, bytes) = office(&centre).await;
    post(&hub.served, &bytes, None).await;
    let looked = look_for(hub.folder.path(), &device);
    assert!(hub.hub.forward_once(&to(&centre.serve().await)).await);
    assert!(looked > 0 && look_for(hub.folder.path(), &device) > 0);
}

/// Looks through every file below a folder; gives how many there were.
fn look_for(folder: &Path, device: &TestDevice) -> usize {
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            seen += look_for(&path, device);
            continue;
        }
        seen += 1;
        let bytes = std::fs::read(path).unwrap();
        let applicant = crate::fixture::applicant();
        let words = [applicant.first_name.as_bytes(), b"0076229645", &device.secret.0];
        for word in words {
            assert!(!bytes.windows(word.len()).any(|window| window == word));
        }
    }
    seen
}

#[test]
fn the_hub_speaks_without_tls_to_nobody_but_its_own_machine() {
    for url in ["http://10.0.0.5", "ftp://127.0.0.1", "http://localhost.example.ir", "مرکز"] {
        assert!(ToCentre::new(url, None).is_err(), "{url}");
    }
    assert!(ToCentre::new("https://centre.ir", Some(Path::new("/nowhere"))).is_err());
    assert!(ToCentre::new("https://centre.ir/below", None).is_ok());
}
