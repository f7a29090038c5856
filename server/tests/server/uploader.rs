//! A device that uploads, and a line to the centre that is cut.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Bytes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pishkhan_domain::content_hash::ContentHash;
use reqwest::{RequestBuilder, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::fixture::{Served, TestCentre, TestDevice};

pub(crate) const DOCUMENTS: &str = "/sync/v1/documents";
pub(crate) const PARCELS: &str = "/sync/v1/parcels";
pub(crate) const CHUNK: &str = "application/offset+octet-stream";

pub(crate) struct Uploader {
    pub(crate) served: Served,
    pub(crate) token: String,
    pub(crate) address: &'static str,
    pub(crate) hash: ContentHash,
}

impl Uploader {
    pub(crate) async fn new(
        centre: &TestCentre,
        device: &TestDevice,
        address: &'static str,
        bytes: &[u8],
    ) -> Self {
        let token = device.ask(&centre.centre, None).await.upload_token.unwrap();
        Self { served: centre.serve().await, token, address, hash: ContentHash::of(bytes) }
    }

    fn as_device(&self, request: RequestBuilder) -> RequestBuilder {
        request.bearer_auth(&self.token).header("tus-resumable", "1.0.0")
    }

    pub(crate) fn to(&self) -> String {
        self.served.to(&format!("{}/{}", self.address, self.hash))
    }

    pub(crate) fn creation(&self, client: &reqwest::Client, length: usize) -> RequestBuilder {
        let metadata = format!("sha256 {}", STANDARD.encode(self.hash.to_string()));
        self.as_device(client.post(self.served.to(self.address)))
            .header("upload-length", length)
            .header("upload-metadata", metadata)
    }

    pub(crate) async fn create(&self, length: usize) -> Response {
        self.creation(&self.served.client, length).send().await.unwrap()
    }

    /// Creation with the first bytes.
    pub(crate) async fn create_with(&self, length: usize, bytes: &[u8]) -> Response {
        let request = self.creation(&self.served.client, length).header("content-type", CHUNK);
        request.body(bytes.to_vec()).send().await.unwrap()
    }

    pub(crate) fn patch(&self, offset: usize, bytes: &[u8]) -> RequestBuilder {
        self.patch_by(&self.served.client, offset).body(bytes.to_vec())
    }

    pub(crate) fn patch_by(&self, client: &reqwest::Client, offset: usize) -> RequestBuilder {
        self.as_device(client.patch(self.to()))
            .header("content-type", CHUNK)
            .header("upload-offset", offset)
    }

    pub(crate) async fn head(&self) -> Response {
        self.as_device(self.served.client.head(self.to())).send().await.unwrap()
    }

    pub(crate) async fn delete(&self) -> Response {
        self.as_device(self.served.client.delete(self.to())).send().await.unwrap()
    }

    pub(crate) async fn offset(&self) -> usize {
        offset_of(&self.head().await)
    }

    /// Asks the centre to handle a parcel.
    pub(crate) async fn exchange(&self) -> Response {
        let request = self.served.client.post(format!("{}/exchange", self.to()));
        self.as_device(request).send().await.unwrap()
    }

    /// The same centre, over a line that is cut after so many bytes.
    pub(crate) async fn over(&self, line: &CutLine) -> Self {
        let url = format!("http://{}", line.address);
        let served = Served { url, client: self.served.client.clone() };
        Self { served, token: self.token.clone(), address: self.address, hash: self.hash }
    }
}

pub(crate) fn offset_of(answer: &Response) -> usize {
    answer.headers()["upload-offset"].to_str().unwrap().parse().unwrap()
}

/// One connection that carries so many bytes to the centre and no more, until it is cut.
pub(crate) struct CutLine {
    pub(crate) address: SocketAddr,
    cut: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

impl CutLine {
    pub(crate) async fn new(to: &Served, bytes: u64) -> Self {
        let to = to.url.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (cut, told) = oneshot::channel();
        let ended = tokio::spawn(async move {
            let (office, _) = listener.accept().await.unwrap();
            let mut centre = TcpStream::connect(to).await.unwrap();
            let mut piece = office.take(bytes);
            let (mut from_centre, mut to_centre) = centre.split();
            let up = async {
                tokio::io::copy(&mut piece, &mut to_centre).await.unwrap();
                told.await.unwrap();
                to_centre.shutdown().await.unwrap();
            };
            // The centre closes when it has read to the cut.
            let down = async {
                let mut heard = Vec::new();
                from_centre.read_to_end(&mut heard).await.ok();
            };
            tokio::join!(up, down);
        });
        Self { address, cut, ended }
    }

    /// Cuts the line, and waits until the centre has noticed.
    pub(crate) async fn cut(self) {
        self.cut.send(()).unwrap();
        self.ended.await.unwrap();
    }
}

/// A body in pieces, so that a cut loses no more than one of them.
pub(crate) fn in_pieces(bytes: &[u8], size: usize) -> reqwest::Body {
    let pieces: Vec<Result<Bytes, std::io::Error>> =
        bytes.chunks(size).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    reqwest::Body::wrap_stream(futures::stream::iter(pieces))
}

/// A line that is cut after so many bytes to the centre, again and again; counts them.
pub(crate) async fn ever_cut(to: &Served, bytes: u64) -> (SocketAddr, Arc<AtomicU64>) {
    let to = to.url.trim_start_matches("http://").to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, carried) = (listener.local_addr().unwrap(), Arc::new(AtomicU64::new(0)));
    let counted = carried.clone();
    tokio::spawn(async move {
        loop {
            let (office, _) = listener.accept().await.unwrap();
            let (to, counted) = (to.clone(), counted.clone());
            tokio::spawn(async move {
                let mut centre = TcpStream::connect(to).await.unwrap();
                let (from_office, mut to_office) = office.into_split();
                let (mut from_centre, mut to_centre) = centre.split();
                let mut piece = from_office.take(bytes);
                tokio::select! {
                    up = tokio::io::copy(&mut piece, &mut to_centre) => {
                        counted.fetch_add(up.unwrap_or(0), Ordering::SeqCst);
                    }
                    _ = tokio::io::copy(&mut from_centre, &mut to_office) => {}
                }
            });
        }
    });
    (address, carried)
}
