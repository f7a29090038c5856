//! A request and an answer as bytes, so that they can be kept, cut and changed.

use std::convert::Infallible;
use std::io;

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use futures::stream;
use http_body::Frame;
use http_body_util::StreamBody;

/// Where a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Centre,
    Hub(usize),
}

impl Place {
    /// By the name of a machine.
    fn of(host: &str) -> Self {
        let hub = host.strip_prefix("hub-").and_then(|rest| rest.strip_suffix(".test"));
        hub.and_then(|number| number.parse().ok()).map_or(Self::Centre, Self::Hub)
    }
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) to: Place,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl From<reqwest::Request> for Message {
    fn from(request: reqwest::Request) -> Self {
        let body = request.body().and_then(reqwest::Body::as_bytes);
        let url = request.url();
        let query = url.query().map_or_else(String::new, |query| format!("?{query}"));
        Self {
            to: Place::of(url.host_str().unwrap_or_default()),
            method: request.method().clone(),
            path: format!("{}{query}", url.path()),
            headers: request.headers().clone(),
            body: body.unwrap_or_default().to_vec(),
        }
    }
}

impl std::fmt::Display for Message {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The id of a courier's file is drawn by the system, and its hash no part of what a seed
        // decides.
        let path = match self.path.strip_prefix("/courier/v1/files/") {
            Some(_) => "/courier/v1/files/…",
            None => self.path.as_str(),
        };
        write!(out, "{:?} {} {path} {} B", self.to, self.method, self.body.len())
    }
}

impl Message {
    /// Does it ask the centre for a signed reply?
    pub(crate) fn is_exchange(&self) -> bool {
        self.to == Place::Centre && self.path.ends_with("/exchange")
    }

    /// With one bit changed.
    pub(crate) fn spoiled(mut self, byte: usize) -> Self {
        let length = self.body.len();
        if let Some(byte) = self.body.get_mut(byte % length.max(1)) {
            *byte ^= 1;
        }
        self
    }

    /// For the router: the whole body, or so many bytes of it and then a cut.
    pub(crate) fn request(&self, cut: Option<usize>) -> axum::extract::Request {
        let whole = Bytes::copy_from_slice(&self.body);
        let body = match cut {
            None => axum::body::Body::from(whole),
            Some(at) => {
                let arrived = whole.slice(..at.min(whole.len()));
                let gone = io::Error::from(io::ErrorKind::ConnectionReset);
                axum::body::Body::from_stream(stream::iter([Ok(arrived), Err(gone)]))
            }
        };
        let mut request = axum::extract::Request::new(body);
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.path.parse().unwrap_or(Uri::from_static("/"));
        *request.headers_mut() = self.headers.clone();
        request
    }
}

/// What is answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn new(status: u16, body: Vec<u8>) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
        Self { status, headers: HeaderMap::new(), body }
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = value.parse() {
            self.headers.insert(name, value);
        }
        self
    }

    pub(crate) fn whole(self) -> reqwest::Response {
        let body = reqwest::Body::from(self.body.clone());
        self.respond(body)
    }

    /// A share (of 1 000) of it arrives, then the line is cut.
    pub(crate) fn cut(self, share: usize) -> reqwest::Response {
        let at = self.body.len() * share / 1_000;
        let arrived = Bytes::copy_from_slice(self.body.get(..at).unwrap_or_default());
        let gone = io::Error::from(io::ErrorKind::ConnectionReset);
        let pieces = stream::iter([Ok(Frame::data(arrived)), Err(gone)]);
        self.respond(reqwest::Body::wrap(StreamBody::new(pieces)))
    }

    fn respond(self, body: reqwest::Body) -> reqwest::Response {
        let mut response = axum::http::Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        reqwest::Response::from(response)
    }

    /// What the router answered.
    pub(crate) async fn of(answered: Result<axum::response::Response, Infallible>) -> Option<Self> {
        let (parts, body) = answered.ok()?.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.ok()?.to_vec();
        Some(Self { status: parts.status, headers: parts.headers, body })
    }
}
