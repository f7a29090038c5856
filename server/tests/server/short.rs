//! The short exchange: whatever is out of the ordinary is asked for in the full form, and leaves no
//! trace.

use pishkhan_domain::ids::OfficeCode;
use pishkhan_protocol::columns::CODEC_COLUMNS;
use pishkhan_protocol::dictionary;
use pishkhan_protocol::exchange::Verdict;
use pishkhan_protocol::packing::{ENCODING_ZSTD, unpack};
use pishkhan_protocol::short::{SessionKey, ShortEnvelope, ShortReply, ShortRequest};
use pishkhan_server::exchange::{ShortError, short};
use pishkhan_server::storage::{devices, identity};
use reqwest::StatusCode;

use crate::conformance::counts;
use crate::fixture::{Form, OFFICE, Store, TestCentre, TestDevice, short_envelope};

async fn start() -> (TestCentre, TestDevice) {
    let centre = TestCentre::start(Store::Embedded).await.speaking(Form::Short);
    let mut device = centre.device().await;
    device.record();
    device.sync(&centre.centre).await;
    device.record();
    (centre, device)
}

fn key(device: &TestDevice) -> SessionKey {
    SessionKey::of(&device.secret, &device.epoch.unwrap(), &device.lease.unwrap())
}

/// A request that would be taken.
fn said(device: &TestDevice) -> ShortEnvelope {
    let end = device.log.len() as u64;
    let batch = (device.received < end).then(|| device.batch(device.received, end));
    device.say_short(&device.request(batch)).unwrap()
}

/// What it says, changed.
fn changed(device: &TestDevice, change: impl FnOnce(&mut ShortRequest)) -> ShortEnvelope {
    let mut request = ShortRequest::from_bytes(&said(device).payload).unwrap();
    change(&mut request);
    short_envelope(device.number, &key(device), request.to_bytes())
}

fn read(reply: &[u8]) -> ShortReply {
    let ShortEnvelope { encoding, dictionary, payload, .. } =
        ShortEnvelope::from_bytes(reply).unwrap();
    ShortReply::from_bytes(&unpack(encoding, dictionary, &payload, 1 << 20).unwrap()).unwrap()
}

/// All that an exchange writes.
async fn everything(centre: &TestCentre) -> String {
    let mut unit = centre.centre.storage.read().await.unwrap();
    let mut all = String::new();
    for table in [
        "SELECT head_seq, lease_current, lease_previous, log_seq, last_contact_at FROM devices",
        "SELECT seq FROM events",
        "SELECT seq FROM forks",
        "SELECT number FROM feed",
        "SELECT application, act_number FROM applications",
    ] {
        all += &format!("{:?}", unit.query(table, Vec::new()).await.unwrap());
    }
    all
}

async fn is_refused(centre: &TestCentre, bytes: &[u8]) {
    let before = everything(centre).await;
    centre.pass(1);
    let answer = short(&centre.centre, bytes).await;
    assert!(matches!(answer, Err(ShortError::OutOfOrdinary(_))), "taken");
    assert_eq!(everything(centre).await, before, "left a trace");
}

#[tokio::test]
async fn what_it_cannot_say_is_refused_and_leaves_no_trace() {
    let (centre, mut device) = start().await;
    is_refused(&centre, b"<html>").await;
    let gap = changed(&device, |request| request.after_seq = 2);
    is_refused(&centre, &gap.to_bytes()).await;
    let other_start = changed(&device, |request| request.after_seq = 0);
    is_refused(&centre, &other_start.to_bytes()).await;
    let wrong_signature = changed(&device, |request| {
        request.batch.as_mut().unwrap().signature =
            device.head_at(1).sign(device.number, &device.key);
    });
    is_refused(&centre, &wrong_signature.to_bytes()).await;
    let codec = changed(&device, |request| request.batch.as_mut().unwrap().codec = 99);
    is_refused(&centre, &codec.to_bytes()).await;
    let garbled = changed(&device, |request| request.batch.as_mut().unwrap().entries.truncate(9));
    is_refused(&centre, &garbled.to_bytes()).await;
    let mut unknown = said(&device);
    unknown.encoding = 9;
    unknown.code = key(&device).code_of_request(&unknown);
    is_refused(&centre, &unknown.to_bytes()).await;
    unknown.encoding = ENCODING_ZSTD;
    unknown.dictionary = dictionary::NEWEST + 1;
    unknown.code = key(&device).code_of_request(&unknown);
    is_refused(&centre, &unknown.to_bytes()).await;
    let not_a_request = short_envelope(device.number, &key(&device), vec![0x80, 0]);
    is_refused(&centre, &not_a_request.to_bytes()).await;
    let mut nobody = said(&device);
    nobody.device.0 = 4_242;
    nobody.code = key(&device).code_of_request(&nobody);
    is_refused(&centre, &nobody.to_bytes()).await;
    assert_eq!(device.sync(&centre.centre).await.received, device.head());
}

#[tokio::test]
async fn no_bit_of_it_can_be_changed() {
    let (centre, device) = start().await;
    let good = said(&device).to_bytes();
    let mut read = 0;
    for bit in 0..good.len() * 8 {
        let mut bytes = good.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        read += usize::from(ShortEnvelope::from_bytes(&bytes).is_ok());
        assert!(matches!(short(&centre.centre, &bytes).await, Err(ShortError::OutOfOrdinary(_))));
    }
    assert!(read > good.len() * 4, "most reach the code");
    assert_eq!(counts(&centre, &device).await, (1, 0));
    assert!(short(&centre.centre, &good).await.is_ok());
}

#[tokio::test]
async fn another_history_is_refused_and_kept_aside_in_the_full_form() {
    let (centre, mut device) = start().await;
    let mut copy = device.copy();
    device.sync(&centre.centre).await;
    copy.log.pop();
    copy.record();
    copy.record();
    copy.lease = device.lease;
    // It goes on from an event that the centre has, to a head that the centre would not have.
    is_refused(&centre, &changed(&copy, |_| {}).to_bytes()).await;
    let reply = copy.ask(&centre.centre, Some(copy.batch(1, 3))).await;
    assert_eq!((reply.verdict, reply.received.seq), (Verdict::Fork, 2));
    assert_eq!(counts(&centre, &device).await, (2, 2));
}

#[tokio::test]
async fn a_session_ends_with_its_lease_its_epoch_and_the_device() {
    let (centre, mut device) = start().await;
    let old = said(&device).to_bytes();
    device.sync(&centre.centre).await;
    let again = short(&centre.centre, &old).await.unwrap();
    assert_eq!(Some(read(&again).lease), device.lease, "a lost reply is given again");
    assert_eq!(counts(&centre, &device).await, (2, 0));
    device.sync(&centre.centre).await;
    is_refused(&centre, &old).await;

    let mut unit = centre.centre.storage.begin().await.unwrap();
    identity::set_epoch(unit.as_mut(), [8; 16]).await.unwrap();
    unit.commit().await.unwrap();
    is_refused(&centre, &said(&device).to_bytes()).await;
    assert_eq!(device.sync(&centre.centre).await.epoch, [8; 16], "the full form tells it");
    assert!(short(&centre.centre, &said(&device).to_bytes()).await.is_ok());

    let mut unit = centre.centre.storage.begin().await.unwrap();
    devices::revoke(unit.as_mut(), device.number, centre.centre.now()).await.unwrap();
    unit.commit().await.unwrap();
    is_refused(&centre, &said(&device).to_bytes()).await;
}

#[tokio::test]
async fn it_carries_only_what_is_needed() {
    let (centre, mut device) = start().await;
    device.sync(&centre.centre).await;
    let quiet = |device: &TestDevice| {
        let request = ShortRequest {
            after_seq: device.received,
            feed_cursor: device.feed_cursor,
            catalogue_cursor: 1,
            ..ShortRequest::default()
        };
        short_envelope(device.number, &key(device), request.to_bytes()).to_bytes()
    };
    let asked = quiet(&device);
    let reply = short(&centre.centre, &asked).await.unwrap();
    let said = read(&reply);
    assert_eq!((said.feed, said.catalogue, said.anchor), (None, None, None));
    assert_eq!((said.upload_token, said.more), (None, None));
    assert!(asked.len() <= 32 && reply.len() <= 48, "{} up, {} down", asked.len(), reply.len());

    device.record();
    device.lease = Some(said.lease);
    let one = changed(&device, |request| {
        request.wants = 0;
        request.catalogue_cursor = 1;
        request.log_seq = None;
        assert_eq!(request.batch.as_ref().unwrap().codec, CODEC_COLUMNS);
    });
    short(&centre.centre, &one.to_bytes()).await.unwrap();
    let mut unit = centre.centre.storage.read().await.unwrap();
    let stored = devices::find(unit.as_mut(), &OfficeCode::from(OFFICE), device.number).await;
    assert_eq!(stored.unwrap().unwrap().head, device.head());
    let rows = unit.query("SELECT log_seq, agent FROM devices", Vec::new()).await.unwrap();
    assert_eq!(rows[0].count("log_seq").unwrap(), 3, "the end of the batch");
    assert_eq!(rows[0].text("agent").unwrap(), "test", "as said in the full form");
}

#[tokio::test]
async fn over_http_412_has_no_body_and_changes_nothing() {
    let (centre, device) = start().await;
    let served = centre.serve().await;
    let post = |body: Vec<u8>| served.client.post(served.to("/sync/v2/exchange")).body(body).send();
    let answer = post(b"<html>".to_vec()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::PRECONDITION_FAILED);
    assert!(answer.bytes().await.unwrap().is_empty());
    let said = said(&device);
    let answer = post(said.to_bytes()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "application/cbor");
    let request = device.request(None);
    let reply = device.hear_short(&said.code, &request, &answer.bytes().await.unwrap());
    assert_eq!(reply.unwrap().received, device.head());
}
