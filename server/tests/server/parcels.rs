//! Exchanges that come in pieces: cut anywhere, taken over, handled as if they had come in one.

use std::net::SocketAddr;

use axum::body::{Body, Bytes};
use axum::http::Request;
use futures::StreamExt as _;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use pishkhan_protocol::exchange::Verdict;
use pishkhan_server::storage::devices;
use pishkhan_server::web::{self, AppState};
use reqwest::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::fixture::{Store, TestCentre, TestDevice};
use crate::uploader::{CHUNK, CutLine, PARCELS, Uploader, in_pieces, offset_of};

/// A device with so many entries that wait, and the envelope in which it sends them.
async fn waiting(centre: &TestCentre, entries: u64) -> (TestDevice, Vec<u8>) {
    let mut device = centre.device().await;
    // Of a later program, so that a body may be anything: here, what cannot be compressed.
    for _ in 0..entries {
        device.add_bytes(200, pishkhan_server::secret::random::<64>().unwrap().to_vec());
    }
    let reply = device.ask(&centre.centre, None).await;
    device.keep(&reply);
    let envelope = device.seal(&device.request(Some(device.batch(0, entries))));
    (device, envelope)
}

#[tokio::test]
async fn a_parcel_is_handled_as_if_it_had_come_in_one_piece() {
    let centre = TestCentre::start(Store::Embedded).await;
    let (device, envelope) = waiting(&centre, 40).await;
    let uploader = Uploader::new(&centre, &device, PARCELS, &envelope).await;
    assert_eq!(uploader.exchange().await.status(), StatusCode::NOT_FOUND);
    let created = uploader.create_with(envelope.len(), &envelope[..500]).await;
    assert_eq!((created.status(), offset_of(&created)), (StatusCode::CREATED, 500));
    assert_eq!(uploader.exchange().await.status(), StatusCode::CONFLICT);
    let patched = uploader.patch(500, &envelope[500..]).send().await.unwrap();
    assert_eq!(patched.status(), StatusCode::NO_CONTENT);
    for _lost_and_again in 0..2 {
        let answer = uploader.exchange().await;
        assert_eq!(answer.status(), StatusCode::OK);
        let reply = device.open(&answer.bytes().await.unwrap());
        assert_eq!((reply.verdict, reply.received), (Verdict::Ok, device.head()));
    }
    let next = Uploader::new(&centre, &device, PARCELS, b"next").await;
    assert_eq!(next.create(4).await.status(), StatusCode::CREATED);
    assert_eq!(uploader.exchange().await.status(), StatusCode::NOT_FOUND, "its time is over");
}

#[tokio::test]
async fn what_is_no_envelope_is_not_understood_however_it_came() {
    let centre = TestCentre::start(Store::Embedded).await;
    let device = centre.device().await;
    let uploader = Uploader::new(&centre, &device, PARCELS, b"no envelope").await;
    uploader.create_with(11, b"no envelope").await;
    assert_eq!(uploader.exchange().await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn nobody_else_sees_a_parcel() {
    let centre = TestCentre::start(Store::Embedded).await;
    let (device, envelope) = waiting(&centre, 1).await;
    let mut uploader = Uploader::new(&centre, &device, PARCELS, &envelope).await;
    uploader.create_with(envelope.len(), &envelope).await;
    let own = uploader.token.clone();
    let other = centre.device().await;
    uploader.token = other.ask(&centre.centre, None).await.upload_token.unwrap();
    assert_eq!(uploader.head().await.status(), StatusCode::NOT_FOUND);
    assert_eq!(uploader.exchange().await.status(), StatusCode::NOT_FOUND);
    uploader.token = "forged".to_owned();
    assert_eq!(uploader.exchange().await.status(), StatusCode::UNAUTHORIZED);
    uploader.token = own;
    let mut unit = centre.centre.storage.begin().await.unwrap();
    devices::revoke(unit.as_mut(), device.number, centre.centre.now()).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(uploader.exchange().await.status(), StatusCode::FORBIDDEN);
}

/// Of a creation that is cut in the middle of its body, every byte that came is kept.
#[tokio::test]
async fn a_cut_keeps_every_byte_of_the_first_request() {
    let centre = TestCentre::start(Store::Embedded).await;
    let (device, envelope) = waiting(&centre, 300).await;
    let uploader = Uploader::new(&centre, &device, PARCELS, &envelope).await;
    let created = uploader.creation(&uploader.served.client, envelope.len());
    let request = created.header("content-type", CHUNK).build().unwrap();
    let mut head = format!("POST {PARCELS} HTTP/1.1\r\nhost: centre\r\n");
    for (name, value) in request.headers() {
        head.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", envelope.len()));
    for sent in [1, 777, envelope.len() / 2, envelope.len() - 1] {
        let line = CutLine::new(&uploader.served, (head.len() + sent) as u64).await;
        let mut stream = TcpStream::connect(line.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&envelope).await.unwrap();
        line.cut().await;
        assert_eq!(uploader.offset().await, sent);
    }
    let last = envelope.len() - 1;
    let patched = uploader.patch(last, &envelope[last..]).send().await.unwrap();
    assert_eq!((patched.status(), offset_of(&patched)), (StatusCode::NO_CONTENT, envelope.len()));
    assert_eq!(uploader.exchange().await.status(), StatusCode::OK);
}

/// Frames of HTTP/2 arrive whole or not at all, so whoever fears cuts sends small pieces.
#[tokio::test(flavor = "multi_thread")]
async fn a_cut_under_http2_costs_no_more_than_one_piece() {
    let centre = TestCentre::start(Store::Embedded).await;
    let (device, envelope) = waiting(&centre, 300).await;
    let uploader = Uploader::new(&centre, &device, PARCELS, &envelope).await;
    let newer = || reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    let mut reached = 0;
    let (piece, headers, each) = (512, 500, 4_000);
    let path = part_of(&centre, &device, &uploader, envelope.len());
    while reached + each < envelope.len() {
        let line = CutLine::new(&uploader.served, each as u64).await;
        let over = uploader.over(&line).await;
        let request = match reached {
            0 => over.creation(&newer(), envelope.len()).header("content-type", CHUNK),
            from => over.patch_by(&newer(), from),
        };
        let sending = tokio::spawn(request.body(in_pieces(&envelope[reached..], piece)).send());
        let least = reached + each - headers - piece - each / 50;
        // What arrives is written at once.
        while written(&path) < least as u64 {
            tokio::task::yield_now().await;
        }
        line.cut().await;
        assert!(sending.await.unwrap().is_err());
        let now = uploader.offset().await;
        assert!(now >= least, "{now} {least}");
        reached = now;
    }
    let rest = uploader.patch(reached, &envelope[reached..]).send().await.unwrap();
    assert_eq!(rest.status(), StatusCode::NO_CONTENT);
    assert_eq!(uploader.exchange().await.status(), StatusCode::OK);
}

/// A body of which some comes at once, and the rest never.
fn stalled(bytes: &[u8]) -> reqwest::Body {
    let first = futures::stream::iter([Ok::<_, std::io::Error>(Bytes::copy_from_slice(bytes))]);
    reqwest::Body::wrap_stream(first.chain(futures::stream::pending()))
}

/// The office gave up waiting, and the server has not noticed: on a real line that takes minutes.
#[tokio::test(flavor = "multi_thread")]
async fn who_comes_again_takes_the_part_over_at_once() {
    let centre = TestCentre::start(Store::Embedded).await;
    let (device, envelope) = waiting(&centre, 300).await;
    let uploader = Uploader::new(&centre, &device, PARCELS, &envelope).await;
    let newer = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    for (client, from) in [(&uploader.served.client, 0), (&newer, 1_000)] {
        uploader.create(envelope.len()).await;
        let left = uploader.patch_by(client, from).body(stalled(&envelope[from..from + 1_000]));
        let left = tokio::spawn(left.send());
        // Until its bytes have arrived; each question ends the writer, if there is one.
        let path = part_of(&centre, &device, &uploader, envelope.len());
        while written(&path) < (from + 1_000) as u64 {
            tokio::task::yield_now().await;
        }
        assert_eq!(uploader.offset().await, from + 1_000);
        assert_eq!(left.await.unwrap().unwrap().status(), StatusCode::LOCKED);
    }
    let rest = uploader.patch(2_000, &envelope[2_000..]).send().await.unwrap();
    assert_eq!(rest.status(), StatusCode::NO_CONTENT);
    assert_eq!(uploader.exchange().await.status(), StatusCode::OK);
}

fn written(path: &std::path::Path) -> u64 {
    std::fs::metadata(path).map_or(0, |found| found.len())
}

fn part_of(
    centre: &TestCentre,
    device: &TestDevice,
    uploader: &Uploader,
    length: usize,
) -> std::path::PathBuf {
    let folder = centre.centre.documents.beside("parcels").join(device.number.0.to_string());
    folder.join(format!("{}.{length}.part", uploader.hash))
}

/// An office that resets the stream (its patience ended) leaves what it sent.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_is_reset_leaves_what_it_brought() {
    let centre = TestCentre::start(Store::Embedded).await;
    let (device, envelope) = waiting(&centre, 300).await;
    let uploader = Uploader::new(&centre, &device, PARCELS, &envelope).await;
    uploader.create(envelope.len()).await;
    let newer = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    let request = uploader.patch_by(&newer, 0).body(stalled(&envelope[..1_000]));
    let sending = tokio::spawn(request.send());
    let path = part_of(&centre, &device, &uploader, envelope.len());
    while written(&path) < 1_000 {
        tokio::task::yield_now().await;
    }
    sending.abort();
    assert!(sending.await.unwrap_err().is_cancelled());
    assert_eq!(uploader.offset().await, 1_000);
}

/// The server drops a request with its connection, before it has even looked who asks.
#[tokio::test]
async fn a_request_whose_connection_is_gone_is_written_all_the_same() {
    let centre = TestCentre::start(Store::Embedded).await;
    let (device, envelope) = waiting(&centre, 20).await;
    let uploader = Uploader::new(&centre, &device, PARCELS, &envelope).await;
    let created = uploader.creation(&uploader.served.client, envelope.len());
    let created = created.header("content-type", CHUNK).build().unwrap();
    let (bytes, arriving) = futures::channel::mpsc::unbounded();
    let mut request = Request::post(PARCELS);
    *request.headers_mut().unwrap() = created.headers().clone();
    let request = request.body(Body::from_stream(arriving)).unwrap();
    let state = AppState::new(centre.centre.clone(), false, 15);
    let mut answer = Box::pin(TowerToHyperService::new(web::router(state)).call(request));
    assert!(futures::poll!(&mut answer).is_pending());
    drop(answer);
    let sent = Bytes::copy_from_slice(&envelope[..700]);
    bytes.unbounded_send(Ok::<_, std::io::Error>(sent)).unwrap();
    drop(bytes);
    loop {
        let answer = uploader.head().await;
        if answer.status() == StatusCode::OK && offset_of(&answer) == 700 {
            break;
        }
    }
}

#[tokio::test]
async fn a_server_that_was_restarted_goes_on_where_it_was() {
    let mut centre = TestCentre::start(Store::Embedded).await;
    let (device, envelope) = waiting(&centre, 20).await;
    let uploader = Uploader::new(&centre, &device, PARCELS, &envelope).await;
    uploader.create_with(envelope.len(), &envelope[..700]).await;
    centre.restart().await;
    let uploader = Uploader::new(&centre, &device, PARCELS, &envelope).await;
    assert_eq!(uploader.offset().await, 700);
    uploader.patch(700, &envelope[700..]).send().await.unwrap();
    centre.restart().await;
    let uploader = Uploader::new(&centre, &device, PARCELS, &envelope).await;
    assert_eq!(uploader.exchange().await.status(), StatusCode::OK);
}

/// What an exchange costs beside its messages, measured at the socket.
#[tokio::test]
async fn headers_of_an_exchange_are_small() {
    let centre = TestCentre::start(Store::Embedded).await;
    let (device, envelope) = waiting(&centre, 1).await;
    let served = centre.serve().await;
    let (address, counted) = counting(served.url.trim_start_matches("http://")).await;
    let newer = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    let mut beside = Vec::new();
    for _ in 0..3 {
        let before = *counted.lock().unwrap();
        let url = format!("http://{address}/sync/v1/exchange");
        let answer = newer.post(url).body(envelope.clone()).send().await.unwrap();
        let reply = answer.bytes().await.unwrap();
        device.open(&reply);
        let after = *counted.lock().unwrap();
        let up = after.0 - before.0 - envelope.len();
        beside.push((up, after.1 - before.1 - reply.len()));
    }
    // Up and down, frames counted. The first brings the settings of HTTP/2 along.
    assert!(beside[0].0 <= 160 && beside[0].1 <= 110, "{beside:?}");
    assert!(beside[2].0 <= 50 && beside[2].1 <= 30, "{beside:?}");
}

type Counted = std::sync::Arc<std::sync::Mutex<(usize, usize)>>;

/// A line that counts the bytes in both directions.
async fn counting(to: &str) -> (SocketAddr, Counted) {
    let (to, counted) = (to.to_owned(), Counted::default());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let count = counted.clone();
    tokio::spawn(async move {
        let (mut office, _) = listener.accept().await.unwrap();
        let mut centre = TcpStream::connect(to).await.unwrap();
        let (mut up, mut down) = ([0; 4096], [0; 4096]);
        loop {
            tokio::select! {
                read = office.read(&mut up) => {
                    let read = read.unwrap();
                    count.lock().unwrap().0 += read;
                    centre.write_all(&up[..read]).await.unwrap();
                    if read == 0 { return }
                }
                read = centre.read(&mut down) => {
                    let read = read.unwrap();
                    count.lock().unwrap().1 += read;
                    office.write_all(&down[..read]).await.unwrap();
                    if read == 0 { return }
                }
            }
        }
    });
    (address, counted)
}
