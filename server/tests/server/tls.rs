//! The doors: HTTP/1.1 and HTTP/2, plain and under TLS.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use pishkhan_server::web::door::{self, Door};
use pishkhan_server::web::tls::{Tls, TlsError};
use pishkhan_server::web::{self, AppState};
use reqwest::{StatusCode, Version};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, HandshakeKind, RootCertStore};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;

use crate::fixture::{Served, Store, TestCentre};

struct Papers {
    folder: TempDir,
    certificate: PathBuf,
    key: PathBuf,
    der: CertificateDer<'static>,
}

impl Papers {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
        let der = write(&certificate, &key);
        Self { folder, certificate, key, der }
    }
}

fn write(certificate: &Path, key: &Path) -> CertificateDer<'static> {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(certificate, made.cert.pem()).unwrap();
    std::fs::write(key, made.signing_key.serialize_pem()).unwrap();
    made.cert.der().clone()
}

fn client_trusting(der: &CertificateDer<'static>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(der.clone()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}

async fn serve(centre: &TestCentre, tls: Arc<Tls>) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = web::router(AppState::new(centre.centre.clone(), false, 15));
    let doors = vec![Door { listener, tls: Some(tls) }];
    tokio::spawn(door::serve(doors, router, std::future::pending()));
    address
}

async fn probe(config: &Arc<ClientConfig>, address: std::net::SocketAddr) -> HandshakeKind {
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = TlsConnector::from(config.clone()).connect(name, stream).await.unwrap();
    let request = b"GET /sync/v1/probe HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 204 "), "{answer}");
    stream.get_ref().1.handshake_kind().unwrap()
}

#[tokio::test]
async fn both_versions_answer_at_one_door_and_tell_no_date() {
    let centre = TestCentre::start(Store::Embedded).await;
    let served = centre.serve().await;
    let newer = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    for (client, version) in [(&served.client, Version::HTTP_11), (&newer, Version::HTTP_2)] {
        let answer = client.get(served.to("/sync/v1/probe")).send().await.unwrap();
        assert_eq!((answer.status(), answer.version()), (StatusCode::NO_CONTENT, version));
        let names: Vec<&str> = answer.headers().keys().map(|name| name.as_str()).collect();
        assert!(names.iter().all(|name| *name == "content-length"), "{names:?}");
        // Whoever counts wrong digits must still see who asks.
        let answer = client.get(served.to("/track")).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        assert!(!answer.headers().contains_key("date"));
    }
}

#[tokio::test]
async fn a_session_is_resumed_under_tls_and_after_the_certificate_was_renewed() {
    let centre = TestCentre::start(Store::Embedded).await;
    let papers = Papers::new();
    let tls = Tls::open(&papers.certificate, &papers.key).unwrap();
    let address = serve(&centre, tls.clone()).await;
    let config = Arc::new(client_trusting(&papers.der));
    assert_eq!(probe(&config, address).await, HandshakeKind::Full);
    assert_eq!(probe(&config, address).await, HandshakeKind::Resumed);
    assert_eq!(probe(&config, address).await, HandshakeKind::Resumed);

    let renewed = Arc::new(client_trusting(&write(&papers.certificate, &papers.key)));
    tls.reload().unwrap();
    assert_eq!(probe(&renewed, address).await, HandshakeKind::Full);
    assert_eq!(probe(&config, address).await, HandshakeKind::Resumed);
    std::fs::write(&papers.key, "nothing").unwrap();
    assert!(tls.reload().is_err());
    assert_eq!(probe(&renewed, address).await, HandshakeKind::Resumed, "the former one stays");
}

#[tokio::test]
async fn the_newer_version_is_agreed_upon_under_tls() {
    let centre = TestCentre::start(Store::Embedded).await;
    let papers = Papers::new();
    let tls = Tls::open(&papers.certificate, &papers.key).unwrap();
    let address = serve(&centre, tls).await;
    let root = reqwest::Certificate::from_der(&papers.der).unwrap();
    let _ = ring::default_provider().install_default();
    let client = reqwest::Client::builder().tls_certs_only([root]).build().unwrap();
    let url = format!("https://localhost:{}/sync/v1/probe", address.port());
    let answer = client.get(url).send().await.unwrap();
    assert_eq!((answer.status(), answer.version()), (StatusCode::NO_CONTENT, Version::HTTP_2));
}

#[test]
fn what_is_wrong_with_certificate_or_key_is_said_at_the_start() {
    let papers = Papers::new();
    let other = Papers::new();
    let missing = papers.folder.path().join("missing.pem");
    let refused = |certificate: &Path, key: &Path| Tls::open(certificate, key).err().unwrap();
    assert!(matches!(refused(&missing, &papers.key), TlsError::Certificate(..)));
    assert!(matches!(refused(&papers.key, &papers.key), TlsError::NoCertificate(_)));
    assert!(matches!(refused(&papers.certificate, &papers.certificate), TlsError::Key(..)));
    assert!(matches!(refused(&papers.certificate, &other.key), TlsError::Mismatch(..)));
}

#[tokio::test]
async fn a_stop_finishes_what_is_running() {
    let centre = TestCentre::start(Store::Embedded).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let served = Served::at(listener.local_addr().unwrap());
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let state = AppState::new(centre.centre.clone(), false, 15);
    let stopped = async { stopped.await.unwrap() };
    let server = tokio::spawn(web::serve(listener, state, stopped));
    let mut stream = TcpStream::connect(served.url.trim_start_matches("http://")).await.unwrap();
    let head = b"POST /sync/v1/exchange HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n";
    stream.write_all(head).await.unwrap();
    // Another request that is answered shows that the first has been read.
    assert!(served.get("/sync/v1/probe").send().await.is_ok());
    stop.send(()).unwrap();
    stream.write_all(b"no").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    server.await.unwrap();
}
