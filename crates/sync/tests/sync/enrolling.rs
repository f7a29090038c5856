//! Enrolment over HTTP.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use pishkhan_domain::ids::{DeviceNumber, OfficeCode};
use pishkhan_protocol::certificate::{Certificate, DeviceFacts};
use pishkhan_protocol::enrolment::{EnrolReply, EnrolRequest};
use pishkhan_protocol::keys::{PublicKey, SecretKey};
use pishkhan_sync::engine::Trouble;
use pishkhan_sync::{BadAddress, EnrolError, enrol, enrol_with_seed, new_seed};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::memory_office::centre_key;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Centre {
    Honest,
    Portal,
    Busy,
    CertifiesAnotherKey,
    SignsWithAnotherKey,
    CertifiesAnotherDevice,
}

type Shared = State<(Centre, Arc<Mutex<Vec<EnrolRequest>>>)>;

async fn answer(State((centre, seen)): Shared, body: Bytes) -> Response {
    let request = EnrolRequest::from_bytes(&body).unwrap();
    seen.lock().unwrap().push(request.clone());
    match centre {
        Centre::Portal => return "<html></html>".into_response(),
        Centre::Busy => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
        _ if request.code != "ABCD1234" => return StatusCode::FORBIDDEN.into_response(),
        _ => {}
    }
    let another = centre == Centre::CertifiesAnotherDevice;
    let facts = DeviceFacts {
        device: DeviceNumber(if another { 5 } else { 4 }),
        office: OfficeCode("sample-0001".to_owned()),
        office_title: "دفتر نمونه".to_owned(),
        key: if centre == Centre::CertifiesAnotherKey { PublicKey([7; 32]) } else { request.key },
        enrolled_at_ms: 1,
    };
    let other = SecretKey::from_seed(&[99; 32]);
    let signer = if centre == Centre::SignsWithAnotherKey { other } else { centre_key() };
    let reply = EnrolReply {
        device: DeviceNumber(4),
        office: facts.office.clone(),
        office_title: facts.office_title.clone(),
        district_title: "بخش نمونه".to_owned(),
        certificate: Certificate::issue(&facts, &signer),
        centre_key: centre_key().public(),
        secret: [3; 32],
        epoch: [1; 16],
        at_ms: 1,
        public_url: "http://localhost".to_owned(),
    };
    reply.to_bytes().into_response()
}

async fn start(centre: Centre) -> (String, Arc<Mutex<Vec<EnrolRequest>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let router =
        Router::new().route("/sync/v1/enrol", post(answer)).with_state((centre, Arc::clone(&seen)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, seen)
}

#[tokio::test]
async fn a_code_becomes_a_device_whose_key_was_made_here() {
    let (url, seen) = start(Centre::Honest).await;
    let (reply, seed) = enrol(&url, " abcd-۱۲۳۴ ", "پیشخوان نمونه").await.unwrap();
    assert_eq!(reply.device, DeviceNumber(4));
    let request = seen.lock().unwrap()[0].clone();
    assert_eq!(request.key, SecretKey::from_seed(&seed).public());
    assert_eq!(request.machine, "پیشخوان نمونه");
    let (_, another) = enrol(&url, "ABCD1234", "").await.unwrap();
    assert_ne!(seed, another, "no key is used twice");
}

#[tokio::test]
async fn a_wrong_code_is_told_from_a_bad_line() {
    let (url, seen) = start(Centre::Honest).await;
    assert!(matches!(enrol(&url, "WRONG", "").await, Err(EnrolError::CodeRefused)));
    assert!(matches!(enrol(&url, " - ", "").await, Err(EnrolError::CodeRefused)));
    assert_eq!(seen.lock().unwrap().len(), 1, "an empty code is not sent");
    let (url, _) = start(Centre::Busy).await;
    let busy = enrol(&url, "ABCD1234", "").await;
    assert!(matches!(busy, Err(EnrolError::Line(Trouble::Busy { .. }))));
    let (url, _) = start(Centre::Portal).await;
    let portal = enrol(&url, "ABCD1234", "").await;
    assert!(matches!(portal, Err(EnrolError::Line(Trouble::NotTheCentre))));
    let nobody = enrol("http://127.0.0.1:9", "ABCD1234", "").await;
    assert!(matches!(nobody, Err(EnrolError::Line(Trouble::Unreachable))));
    let clear = enrol("http://pishkhan.example", "ABCD1234", "").await;
    assert!(matches!(clear, Err(EnrolError::BadAddress(BadAddress::Insecure))));
}

#[tokio::test]
async fn a_certificate_that_does_not_fit_is_not_taken() {
    for centre in
        [Centre::CertifiesAnotherKey, Centre::SignsWithAnotherKey, Centre::CertifiesAnotherDevice]
    {
        let (url, _) = start(centre).await;
        let refused = enrol(&url, "ABCD1234", "").await;
        assert!(matches!(refused, Err(EnrolError::NotCertified)));
    }
}

/// Lets `lost` requests reach the centre and none of their answers come back.
async fn cut_answers(centre: &str, lost: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let centre = centre.trim_start_matches("http://").trim_end_matches('/').to_owned();
    tokio::spawn(async move {
        for number in 0.. {
            let (mut here, _) = listener.accept().await.unwrap();
            let mut there = tokio::net::TcpStream::connect(&centre).await.unwrap();
            if number >= lost {
                tokio::spawn(
                    async move { tokio::io::copy_bidirectional(&mut here, &mut there).await },
                );
                continue;
            }
            let (mut from_here, _to_here) = here.split();
            let (mut from_there, mut to_there) = there.split();
            let mut answer = [0; 1];
            tokio::select! {
                _ = tokio::io::copy(&mut from_here, &mut to_there) => {}
                _ = from_there.read_exact(&mut answer) => {}
            }
            to_there.shutdown().await.unwrap();
        }
    });
    url
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_with_the_same_key() {
    let (centre, seen) = start(Centre::Honest).await;
    let (_, seed) = enrol(&cut_answers(&centre, 2).await, "ABCD1234", "").await.unwrap();
    let key = SecretKey::from_seed(&seed).public();
    let keys: Vec<PublicKey> = seen.lock().unwrap().iter().map(|request| request.key).collect();
    assert_eq!(keys, [key, key, key]);
    seen.lock().unwrap().clear();

    // The line stays cut for longer; the operator tries again.
    let (url, seed) = (cut_answers(&centre, 3).await, new_seed().unwrap());
    let cut = enrol_with_seed(&url, "ABCD1234", "", &seed).await;
    assert!(matches!(cut, Err(EnrolError::Line(Trouble::Unreachable))));
    enrol_with_seed(&url, "ABCD1234", "", &seed).await.unwrap();
    let key = SecretKey::from_seed(&seed).public();
    assert!(seen.lock().unwrap().iter().all(|request| request.key == key));
    assert_eq!(seen.lock().unwrap().len(), 4);
}
