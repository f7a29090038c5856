//! The sockets on which the centre or a hub answers: HTTP/1.1 and HTTP/2, plain or under TLS, each
//! recognised by its first bytes.
//!
//! Invariants: an answer carries no header that nobody reads (no date), since a village pays for
//! each byte; who connects and asks nothing is let go; a stop finishes what is running.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::serve::Listener;
use futures::future::join_all;
use hyper::body::Incoming;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::tls::Tls;

/// Until the first request must have begun: a TLS handshake over a satellite with losses fits in.
const FIRST_REQUEST: Duration = Duration::from_secs(60);
/// Within which the headers of a request over HTTP/1.1 must come.
const HEADERS: Duration = Duration::from_secs(30);
/// Silence after which an HTTP/2 connection is asked whether it lives, and given up.
const SILENCE: Duration = Duration::from_secs(120);
const ALIVE: Duration = Duration::from_secs(30);
const MOST_STREAMS: u32 = 32;
const MOST_HEADER_BYTES: u32 = 16 * 1024;
/// How long a stop waits for what is running.
const LAST_ORDERS: Duration = Duration::from_secs(40);

/// A socket that is listened on.
pub struct Door {
    /// The socket.
    pub listener: TcpListener,
    /// With it, nothing but TLS is spoken here.
    pub tls: Option<Arc<Tls>>,
}

impl Door {
    /// A door without TLS.
    #[must_use]
    pub fn plain(listener: TcpListener) -> Self {
        Self { listener, tls: None }
    }
}

/// Answers at every door until `stop` resolves, then finishes what is running.
pub async fn serve(doors: Vec<Door>, router: Router, stop: impl Future<Output = ()> + Send) {
    let (stopping, stopped) = watch::channel(false);
    let doors = doors.into_iter().map(|door| answer(door, router.clone(), stopped.clone()));
    let told = async {
        stop.await;
        stopping.send_replace(true);
    };
    tokio::join!(told, join_all(doors));
}

async fn answer(mut door: Door, router: Router, mut stopped: watch::Receiver<bool>) {
    let running = GracefulShutdown::new();
    let protocols = Arc::new(protocols());
    loop {
        let (stream, peer) = tokio::select! {
            accepted = Listener::accept(&mut door.listener) => accepted,
            _ = stopped.wait_for(|stopped| *stopped) => break,
        };
        // Answers are small, and each is waited for.
        let _ = stream.set_nodelay(true);
        let (router, protocols) = (router.clone(), protocols.clone());
        let watcher = running.watcher();
        let tls = door.tls.as_ref().map(|tls| tls.acceptor());
        tokio::spawn(async move {
            let Some(acceptor) = tls else {
                return speak(&protocols, stream, peer, router, watcher).await;
            };
            match tokio::time::timeout(FIRST_REQUEST, acceptor.accept(stream)).await {
                Ok(Ok(stream)) => speak(&protocols, stream, peer, router, watcher).await,
                Ok(Err(error)) => tracing::debug!(%error, "no TLS"),
                Err(_) => {}
            }
        });
    }
    if tokio::time::timeout(LAST_ORDERS, running.shutdown()).await.is_err() {
        tracing::warn!("stopped with requests unfinished");
    }
}

async fn speak<S>(
    protocols: &Builder<TokioExecutor>,
    stream: S,
    peer: SocketAddr,
    router: Router,
    watcher: hyper_util::server::graceful::Watcher,
) where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let asked = Arc::new(AtomicBool::new(false));
    let router = TowerToHyperService::new(router);
    let service = service_fn({
        let asked = asked.clone();
        move |mut request: Request<Incoming>| {
            asked.store(true, Ordering::Relaxed);
            request.extensions_mut().insert(ConnectInfo(peer));
            router.call(request)
        }
    });
    let connection = protocols.serve_connection(TokioIo::new(stream), service).into_owned();
    let served = watcher.watch(connection);
    let idler = async {
        tokio::time::sleep(FIRST_REQUEST).await;
        if asked.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        result = served => if let Err(error) = result {
            tracing::debug!(error, "connection ended");
        },
        () = idler => {}
    }
}

fn protocols() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .auto_date_header(false)
        .http2()
        .timer(TokioTimer::new())
        .auto_date_header(false)
        .max_concurrent_streams(MOST_STREAMS)
        .max_header_list_size(MOST_HEADER_BYTES)
        .keep_alive_interval(SILENCE)
        .keep_alive_timeout(ALIVE);
    builder
}
