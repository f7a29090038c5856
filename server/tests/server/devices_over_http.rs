//! Enrolment and exchange over a real socket.

use pishkhan_protocol::enrolment::EnrolReply;
use pishkhan_protocol::exchange::{MAX_MESSAGE_BYTES, Verdict};
use pishkhan_protocol::keys::SecretKey;
use reqwest::StatusCode;

use crate::fixture::{Store, TestCentre, enrol_request};

#[tokio::test]
async fn the_probe_answers_with_nothing() {
    let centre = TestCentre::start(Store::Embedded).await;
    let served = centre.serve().await;
    let answer = served.get("/sync/v1/probe").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    assert!(answer.bytes().await.unwrap().is_empty());
    let health = served.get("/health").send().await.unwrap();
    assert_eq!(health.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_device_enrols_and_exchanges() {
    let centre = TestCentre::start(Store::Embedded).await;
    let served = centre.serve().await;
    let key = SecretKey::from_seed(&[3; 32]);
    let code = centre.code().await;
    let request = enrol_request(code.clone(), &key).to_bytes();
    let post = |path: &str, body: Vec<u8>| served.client.post(served.to(path)).body(body).send();
    let answer = post("/sync/v1/enrol", request.clone()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "application/cbor");
    let reply = EnrolReply::from_bytes(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(reply.public_url, "http://centre.test");
    // As if that answer had been lost.
    let answer = post("/sync/v1/enrol", request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let again = EnrolReply::from_bytes(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!((again.device, again.certificate), (reply.device, reply.certificate));
    let another = enrol_request(code, &SecretKey::from_seed(&[4; 32])).to_bytes();
    let answer = post("/sync/v1/enrol", another).await.unwrap();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);

    let mut device = centre.device().await;
    device.record();
    let sealed = device.seal(&device.request(Some(device.batch(0, 1))));
    let answer = post("/sync/v1/exchange", sealed).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let reply = device.open(&answer.bytes().await.unwrap());
    assert_eq!((reply.verdict, reply.received), (Verdict::Ok, device.head()));
    let answer = post("/sync/v1/exchange", b"<html>".to_vec()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_message_that_is_too_large_is_not_read() {
    let centre = TestCentre::start(Store::Embedded).await;
    let served = centre.serve().await;
    let body = vec![0; MAX_MESSAGE_BYTES + 2 * 1024];
    let answer = served.client.post(served.to("/sync/v1/exchange")).body(body).send().await;
    // Answered or cut off, as the socket happens to close; never taken.
    assert!(answer.is_err() || answer.unwrap().status() == StatusCode::PAYLOAD_TOO_LARGE);
    let body = vec![b'a'; 300 * 1024];
    let answer = served.client.post(served.to("/track")).body(body).send().await;
    assert!(answer.is_err() || answer.unwrap().status() == StatusCode::PAYLOAD_TOO_LARGE);
}
