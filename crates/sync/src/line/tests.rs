//! The line against servers that behave and misbehave.
#![allow(clippy::unwrap_used)]

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{HandshakeKind, ServerConfig};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::*;

#[test]
fn citizens_data_never_goes_in_clear_to_another_machine() {
    let new = |url| Line::new(url, &Config::default());
    assert!(matches!(new("http://10.0.0.5:8080"), Err(BadAddress::Insecure)));
    assert!(matches!(new("http://localhost.example.ir"), Err(BadAddress::Insecure)));
    assert!(matches!(new("ftp://127.0.0.1"), Err(BadAddress::Malformed)));
    assert!(matches!(new("مرکز"), Err(BadAddress::Malformed)));
    for url in ["http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1", "https://c.ir"] {
        assert!(new(url).is_ok(), "{url}");
    }
}

#[test]
fn a_centre_may_live_below_a_path() {
    let line = Line::new("https://c.ir/pishkhan", &Config::default()).unwrap();
    let address = line.address("sync/v1/probe");
    assert_eq!(address.as_str(), "https://c.ir/pishkhan/sync/v1/probe");
}

#[test]
fn only_a_busy_centre_orders_a_wait() {
    let mut headers = HeaderMap::new();
    headers.insert(RETRY_AFTER, "120".parse().unwrap());
    let ordered = Trouble::Busy { retry_after: Some(Duration::from_secs(120)) };
    assert_eq!(trouble_with(StatusCode::SERVICE_UNAVAILABLE, &headers), ordered);
    assert_eq!(trouble_with(StatusCode::FORBIDDEN, &headers), Trouble::NotTheCentre);
    headers.insert(RETRY_AFTER, "soon".parse().unwrap());
    let busy = Trouble::Busy { retry_after: None };
    assert_eq!(trouble_with(StatusCode::TOO_MANY_REQUESTS, &headers), busy);
}

/// What a server does with a connection.
#[derive(Clone, Copy)]
enum Manners {
    /// Answers each request with 204.
    Answers,
    /// Answers the first, and is dead from then on without a sign.
    DiesAfterOne,
    /// Answers the first and resets the connection.
    ResetsAfterOne,
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, manners: Manners) {
    let (mut request, mut answered) = (Vec::new(), false);
    loop {
        let mut buffer = [0; 4096];
        let Ok(count @ 1..) = stream.read(&mut buffer).await else { return };
        request.extend_from_slice(&buffer[..count]);
        if !request.ends_with(b"\r\n\r\n") {
            continue;
        }
        if answered && matches!(manners, Manners::DiesAfterOne) {
            std::future::pending::<()>().await;
        }
        request.clear();
        let answer = b"HTTP/1.1 204 No Content\r\n\r\n";
        if stream.write_all(answer).await.is_err() || stream.flush().await.is_err() {
            return;
        }
        answered = true;
        if matches!(manners, Manners::ResetsAfterOne) {
            return;
        }
    }
}

fn config() -> Config {
    let soon = Duration::from_millis(300);
    Config { probe_deadline: soon, request_deadline: soon, ..Config::default() }
}

struct Authority {
    certificate: CertificateDer<'static>,
    server: ServerConfig,
}

fn authority() -> Authority {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let certificate = made.cert.der().clone();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let server = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key.into())
        .unwrap();
    Authority { certificate, server }
}

type Handshakes = Arc<Mutex<Vec<HandshakeKind>>>;

async fn tls_server(server: ServerConfig, manners: Manners) -> (Url, Handshakes) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
    let (acceptor, seen) = (TlsAcceptor::from(Arc::new(server)), Handshakes::default());
    let noting = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, noting) = (acceptor.clone(), Arc::clone(&noting));
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else { return };
                noting.lock().unwrap().push(stream.get_ref().1.handshake_kind().unwrap());
                serve(stream, manners).await;
            });
        }
    });
    (Url::parse(&url).unwrap(), seen)
}

#[tokio::test]
async fn the_connection_after_a_cut_resumes_what_was_agreed_on() {
    let Authority { certificate, server } = authority();
    let (url, seen) = tls_server(server, Manners::DiesAfterOne).await;
    let trusted = tls::trusting(vec![certificate]).unwrap();
    let mut line = Line::with_tls(Some(trusted), None, url, &config()).unwrap();
    assert_eq!(line.probe().await, Ok(()));
    for _ in 0..3 {
        assert_eq!(line.probe().await, Err(Trouble::Timeout), "the connection is dead");
        assert_eq!(line.probe().await, Ok(()), "and not used again");
    }
    let seen = seen.lock().unwrap().clone();
    let resumed = [HandshakeKind::Resumed; 3];
    assert_eq!(seen[..], [&[HandshakeKind::Full][..], &resumed].concat());
}

#[tokio::test]
async fn an_authority_that_nobody_named_is_not_trusted() {
    let (trusted, other) = (authority(), authority());
    let (url, seen) = tls_server(other.server, Manners::Answers).await;
    let tls = tls::trusting(vec![trusted.certificate]).unwrap();
    let mut line = Line::with_tls(Some(tls), None, url, &config()).unwrap();
    assert_eq!(line.probe().await, Err(Trouble::NotTheCentre));
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn after_a_killed_connection_the_next_request_works() {
    for manners in [Manners::ResetsAfterOne, Manners::DiesAfterOne] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let _serving: tokio::task::JoinHandle<()> =
                    tokio::spawn(serve::<TcpStream>(stream, manners));
            }
        });
        let mut line = Line::new(&url, &config()).unwrap();
        let ask = |line: &Line| line.uploads().head(line.address("x"));
        for _ in 0..4 {
            let request = ask(&line);
            if line.send(request).await.is_err() {
                let request = ask(&line);
                assert!(line.send(request).await.is_ok());
            }
        }
    }
}

/// Carries connections to a server, until the first of them is dead: open, and silent.
async fn relay(to: std::net::SocketAddr, first_is_dead: Arc<AtomicBool>) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut is_first = true;
        while let Ok((near, _)) = listener.accept().await {
            let far = TcpStream::connect(to).await.unwrap();
            let mortal = std::mem::take(&mut is_first).then(|| Arc::clone(&first_is_dead));
            let (near_read, near_write) = near.into_split();
            let (far_read, far_write) = far.into_split();
            tokio::spawn(pass_on(near_read, far_write, mortal.clone()));
            tokio::spawn(pass_on(far_read, near_write, mortal));
        }
    });
    Url::parse(&url).unwrap()
}

async fn pass_on(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    dead: Option<Arc<AtomicBool>>,
) {
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        if dead.as_ref().is_some_and(|dead| dead.load(Ordering::SeqCst)) {
            return std::future::pending().await;
        }
        to.write_all(&buffer[..count]).await.unwrap();
    }
}

#[tokio::test]
async fn a_connection_that_died_silently_swallows_one_request_and_no_more() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let to = listener.local_addr().unwrap();
    let probe = axum::routing::get(|| async { axum::http::StatusCode::NO_CONTENT });
    let router = axum::Router::new().route("/sync/v1/probe", probe);
    tokio::spawn(async move { axum::serve(listener, router).await });
    let dead = Arc::new(AtomicBool::new(false));
    let url = relay(to, Arc::clone(&dead)).await;
    let mut line = Line::new(url.as_str(), &config()).unwrap();
    assert_eq!(line.probe().await, Ok(()));
    dead.store(true, Ordering::SeqCst);
    assert_eq!(line.probe().await, Err(Trouble::Timeout));
    assert_eq!(line.probe().await, Ok(()), "over another connection");
}

#[test]
fn a_hub_on_the_offices_own_network_may_be_reached_in_clear() {
    assert!(Line::to_hub(None, "http://192.168.1.10:8080", &Config::default()).is_ok());
    assert!(Line::to_hub(None, "ftp://192.168.1.10", &Config::default()).is_err());
}
