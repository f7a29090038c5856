//! The centre in memory behind real HTTP, with a script of misbehaviour.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use futures::{StreamExt, stream};
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_protocol::error::ProtocolError;
use tokio::net::TcpListener;

use crate::memory_centre::MemoryCentre;

/// What the mock does instead of what the centre would.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instead {
    /// A page to log in to the network, with 200.
    Portal,
    /// This status; with seconds to wait, if not 0.
    Status(u16, u32),
    /// Never an answer.
    Silence,
    /// An answer without end.
    Flood,
    /// To somewhere else.
    Redirect,
}

type Hook = Box<dyn Fn() + Send>;

#[derive(Default)]
pub struct Script {
    pub probe: Option<Instead>,
    pub exchange: Option<Instead>,
    /// On exchanges in the short form only.
    pub short: Option<Instead>,
    /// Done to a reply in the short form before it goes out.
    pub spoil_short: Option<fn(Vec<u8>) -> Vec<u8>>,
    /// On whatever is done with parcels.
    pub parcels: Option<Instead>,
    /// On the creation of a document of this length.
    pub too_long: Option<usize>,
    /// On the next PATCH only.
    pub patch: Option<Instead>,
    /// On the next HEAD or PATCH only: the upload is forgotten.
    pub forget_upload: bool,
    /// The bytes of the next document that is whole are called wrong.
    pub mismatch: bool,
    /// Called when the first piece of a document has arrived.
    pub on_first_piece: Option<Hook>,
}

pub struct Mock {
    pub centre: MemoryCentre,
    pub script: Script,
    /// What was asked, in order: method, path, body length.
    pub asked: Vec<String>,
    /// Bytes of documents that came over the wire.
    pub paper_bytes: usize,
    uploads: Vec<Upload>,
    /// As they arrived, with the lengths that were announced.
    pub parcels: BTreeMap<ContentHash, (Vec<u8>, usize)>,
    /// Bytes of parcels that came over the wire.
    pub parcel_bytes: usize,
}

struct Upload {
    hash: ContentHash,
    length: usize,
}

#[derive(Clone)]
pub struct MockCentre {
    mock: Arc<Mutex<Mock>>,
    pub url: String,
}

impl MockCentre {
    pub async fn start() -> Self {
        let mock = Arc::new(Mutex::new(Mock {
            centre: MemoryCentre::new(),
            script: Script::default(),
            asked: Vec::new(),
            paper_bytes: 0,
            uploads: Vec::new(),
            parcels: BTreeMap::new(),
            parcel_bytes: 0,
        }));
        let router = Router::new()
            .route("/sync/v1/probe", get(probe))
            .route("/sync/v1/exchange", post(exchange))
            .route("/sync/v2/exchange", post(short))
            .route("/sync/v1/parcels", post(create_parcel))
            .route("/sync/v1/parcels/{hash}", axum::routing::head(parcel_head).patch(parcel_patch))
            .route("/sync/v1/parcels/{hash}/exchange", post(parcel_exchange))
            .route("/sync/v1/documents", post(create))
            .route("/sync/v1/documents/{number}", axum::routing::head(head).patch(patch))
            .with_state(Arc::clone(&mock));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { mock, url }
    }

    pub fn lock(&self) -> MutexGuard<'_, Mock> {
        self.mock.lock().unwrap()
    }
}

type Shared = State<Arc<Mutex<Mock>>>;

async fn misbehave(instead: Instead) -> Response {
    match instead {
        Instead::Portal => Html("<html>برای اتصال وارد شوید</html>").into_response(),
        Instead::Status(code, wait) => {
            let status = StatusCode::from_u16(code).unwrap();
            if wait == 0 {
                return status.into_response();
            }
            (status, [(header::RETRY_AFTER, wait.to_string())]).into_response()
        }
        Instead::Silence => std::future::pending().await,
        Instead::Flood => {
            let piece = Ok::<_, Infallible>(Bytes::from_static(&[0; 65_536]));
            Body::from_stream(stream::repeat(piece)).into_response()
        }
        Instead::Redirect => {
            (StatusCode::FOUND, [(header::LOCATION, "/sync/v1/probe")]).into_response()
        }
    }
}

async fn probe(State(mock): Shared) -> Response {
    let instead = {
        let mut mock = mock.lock().unwrap();
        mock.asked.push("probe".to_owned());
        mock.script.probe
    };
    match instead {
        Some(instead) => misbehave(instead).await,
        None => StatusCode::NO_CONTENT.into_response(),
    }
}

async fn exchange(State(mock): Shared, body: Bytes) -> Response {
    let instead = {
        let mut mock = mock.lock().unwrap();
        mock.asked.push("exchange".to_owned());
        mock.script.exchange
    };
    if let Some(instead) = instead {
        return misbehave(instead).await;
    }
    let mut mock = mock.lock().unwrap();
    match mock.centre.exchange(&body, 1_800_000_000_000) {
        Ok(reply) => ([(header::CONTENT_TYPE, "application/cbor")], reply).into_response(),
        Err(ProtocolError::BadSignature { .. }) => StatusCode::FORBIDDEN.into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

async fn short(State(mock): Shared, body: Bytes) -> Response {
    let instead = {
        let mut mock = mock.lock().unwrap();
        mock.asked.push("short".to_owned());
        mock.script.exchange.or(mock.script.short)
    };
    if let Some(instead) = instead {
        return misbehave(instead).await;
    }
    let mut mock = mock.lock().unwrap();
    match mock.centre.short(&body, 1_800_000_000_000) {
        Some(reply) => {
            let reply = match mock.script.spoil_short {
                Some(spoil) => spoil(reply),
                None => reply,
            };
            ([(header::CONTENT_TYPE, "application/cbor")], reply).into_response()
        }
        None => StatusCode::PRECONDITION_FAILED.into_response(),
    }
}

const OFFSET: HeaderName = HeaderName::from_static("upload-offset");

fn announced(headers: &HeaderMap) -> (ContentHash, usize) {
    let text = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
    let metadata = text("upload-metadata");
    let encoded = metadata.strip_prefix("sha256 ").unwrap();
    let hex = base64::engine::general_purpose::STANDARD.decode(encoded).unwrap();
    let hash = String::from_utf8(hex).unwrap().parse().unwrap();
    (hash, text("upload-length").parse().unwrap())
}

async fn refuses_parcels(mock: &Arc<Mutex<Mock>>, what: &str) -> Option<Response> {
    let instead = {
        let mut mock = mock.lock().unwrap();
        mock.asked.push(format!("parcel {what}"));
        mock.script.parcels
    };
    match instead {
        Some(instead) => Some(misbehave(instead).await),
        None => None,
    }
}

async fn create_parcel(State(mock): Shared, headers: HeaderMap, body: Body) -> Response {
    if let Some(refusal) = refuses_parcels(&mock, "create").await {
        return refusal;
    }
    assert_eq!(headers.get(header::AUTHORIZATION).unwrap(), "Bearer token");
    let (hash, length) = announced(&headers);
    mock.lock().unwrap().parcels.entry(hash).or_insert((Vec::new(), length));
    let offset = take_in(&mock, hash, body).await;
    let location = format!("/sync/v1/parcels/{hash}");
    let headers = [(header::LOCATION, location), (OFFSET, offset.to_string())];
    (StatusCode::CREATED, headers).into_response()
}

async fn parcel_head(State(mock): Shared, Path(hash): Path<String>) -> Response {
    if let Some(refusal) = refuses_parcels(&mock, "head").await {
        return refusal;
    }
    match mock.lock().unwrap().parcels.get(&hash.parse().unwrap()) {
        Some((bytes, _)) => (StatusCode::OK, [(OFFSET, bytes.len().to_string())]).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn parcel_patch(
    State(mock): Shared,
    Path(hash): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let at: usize = headers.get(OFFSET).unwrap().to_str().unwrap().parse().unwrap();
    if let Some(refusal) = refuses_parcels(&mock, &format!("patch {at}")).await {
        return refusal;
    }
    let hash = hash.parse().unwrap();
    assert_eq!(mock.lock().unwrap().parcels[&hash].0.len(), at);
    let offset = take_in(&mock, hash, body).await;
    (StatusCode::NO_CONTENT, [(OFFSET, offset.to_string())]).into_response()
}

/// What came before a cut is kept.
async fn take_in(mock: &Arc<Mutex<Mock>>, hash: ContentHash, body: Body) -> usize {
    let mock = Arc::clone(mock);
    // Of its own, as at the centre: what serves a connection is dropped with it.
    let taking = tokio::spawn(async move {
        let mut pieces = body.into_data_stream();
        while let Some(Ok(piece)) = pieces.next().await {
            let mut mock = mock.lock().unwrap();
            mock.parcel_bytes += piece.len();
            mock.parcels.get_mut(&hash).unwrap().0.extend_from_slice(&piece);
        }
        mock.lock().unwrap().parcels[&hash].0.len()
    });
    taking.await.unwrap()
}

async fn parcel_exchange(State(mock): Shared, Path(hash): Path<String>) -> Response {
    if let Some(refusal) = refuses_parcels(&mock, "exchange").await {
        return refusal;
    }
    let mut mock = mock.lock().unwrap();
    let (bytes, length) = mock.parcels[&hash.parse().unwrap()].clone();
    if bytes.len() != length {
        return StatusCode::CONFLICT.into_response();
    }
    match mock.centre.exchange(&bytes, 1_800_000_000_000) {
        Ok(reply) => ([(header::CONTENT_TYPE, "application/cbor")], reply).into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

async fn create(State(mock): Shared, headers: HeaderMap) -> Response {
    let mut mock = mock.lock().unwrap();
    mock.asked.push("create".to_owned());
    if headers.get(header::AUTHORIZATION).unwrap() != "Bearer token" {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let (hash, length) = announced(&headers);
    if mock.script.too_long == Some(length) {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    let known = mock.uploads.iter().position(|upload| upload.hash == hash);
    let number = known.unwrap_or_else(|| {
        mock.uploads.push(Upload { hash, length });
        mock.uploads.len() - 1
    });
    let offset = mock.centre.papers.entry(hash).or_default().len();
    let location = format!("/sync/v1/documents/{number}");
    let headers = [(header::LOCATION, location), (OFFSET, offset.to_string())];
    (StatusCode::CREATED, headers).into_response()
}

async fn head(State(mock): Shared, Path(number): Path<usize>) -> Response {
    let mut mock = mock.lock().unwrap();
    mock.asked.push("head".to_owned());
    if std::mem::take(&mut mock.script.forget_upload) {
        return StatusCode::GONE.into_response();
    }
    let hash = mock.uploads[number].hash;
    let offset = mock.centre.papers.entry(hash).or_default().len();
    (StatusCode::OK, [(OFFSET, offset.to_string())]).into_response()
}

async fn patch(
    State(mock): Shared,
    Path(number): Path<usize>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let at: usize = headers.get(OFFSET).unwrap().to_str().unwrap().parse().unwrap();
    let (hash, length, instead, forgotten) = {
        let mut mock = mock.lock().unwrap();
        mock.asked.push(format!("patch {at}"));
        let instead = mock.script.patch.take();
        let forgotten = std::mem::take(&mut mock.script.forget_upload);
        let upload = &mock.uploads[number];
        (upload.hash, upload.length, instead, forgotten)
    };
    if forgotten {
        mock.lock().unwrap().centre.papers.remove(&hash);
        return StatusCode::NOT_FOUND.into_response();
    }
    if let Some(instead) = instead {
        return misbehave(instead).await;
    }
    if mock.lock().unwrap().centre.papers.entry(hash).or_default().len() != at {
        return StatusCode::CONFLICT.into_response();
    }
    // What came before a cut is kept.
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let Ok(piece) = piece else { return StatusCode::BAD_REQUEST.into_response() };
        let mut mock = mock.lock().unwrap();
        mock.paper_bytes += piece.len();
        mock.centre.papers.entry(hash).or_default().extend_from_slice(&piece);
    }
    let mut mock = mock.lock().unwrap();
    if let Some(hook) = mock.script.on_first_piece.take() {
        hook();
    }
    let offset = mock.centre.papers.entry(hash).or_default().len();
    if offset == length && std::mem::take(&mut mock.script.mismatch) {
        mock.centre.papers.remove(&hash);
        return StatusCode::from_u16(460).unwrap().into_response();
    }
    (StatusCode::NO_CONTENT, [(OFFSET, offset.to_string())]).into_response()
}
