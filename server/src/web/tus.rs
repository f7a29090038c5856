//! Uploads in pieces: tus 1.0.0 (creation, creation-with-upload, checksum, termination) over
//! whatever is uploaded.
//!
//! Invariants: what arrived stays when the line is cut, so that nothing ever starts again from
//! zero; an upload is only acknowledged as whole when its bytes give its name. Whatever writes runs
//! in a task of its own, since a server drops the request of a connection that is gone, and with it
//! what had arrived and was not yet written.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{head, post};
use futures::StreamExt as _;
use pishkhan_domain::content_hash::ContentHash;
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt as _;

use crate::parts::PartWriter;

mod headers;

pub(super) use headers::announced;
use headers::{
    TUS_VERSION, UPLOAD_LENGTH, UPLOAD_OFFSET, announced_checksum, announced_hash, check_version,
    is_chunk, number, resumable,
};

/// A line that brings nothing for so long is taken as cut. Whoever comes again takes over at once.
const SILENCE: Duration = Duration::from_secs(60);
/// Status of tus for a chunk or upload that was spoiled on the way.
const CHECKSUM_MISMATCH: u16 = 460;

/// What is uploaded at an address, and where it is kept.
pub trait Shelf: Send + Sync + 'static {
    /// Address of creation; each upload is below it.
    const ADDRESS: &'static str;
    /// Largest upload.
    const MOST_BYTES: u64;
    /// Whose uploads these are: they see no others.
    type Owner: Clone + Send + Sync + 'static;

    /// Who asks.
    fn admit(
        &self,
        headers: &HeaderMap,
    ) -> impl Future<Output = Result<Self::Owner, Refused>> + Send;

    /// Makes a place for an upload, or finds that there is one.
    fn announce(
        &self,
        owner: &Self::Owner,
        hash: ContentHash,
        length: u64,
    ) -> impl Future<Output = Result<(), Refused>> + Send;

    /// An upload that was announced.
    fn find(
        &self,
        owner: &Self::Owner,
        hash: ContentHash,
    ) -> impl Future<Output = Result<Option<Known>, Refused>> + Send;

    /// The right to write it.
    fn write(
        &self,
        owner: &Self::Owner,
        hash: ContentHash,
        length: u64,
    ) -> impl Future<Output = std::io::Result<Option<PartWriter>>> + Send;

    /// It is on the disk as a whole, and its bytes give its name. May come more than once.
    fn arrived(
        &self,
        owner: &Self::Owner,
        hash: ContentHash,
    ) -> impl Future<Output = Result<(), Refused>> + Send;
}

/// What is known of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Length that was announced.
    pub length: u64,
    /// Has it arrived?
    pub whole: bool,
}

/// Why an upload is not taken; the status says what the device should do.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused(pub StatusCode);

impl Refused {
    /// Later.
    pub fn disk(error: &std::io::Error) -> Self {
        super::report(error);
        Self(StatusCode::SERVICE_UNAVAILABLE)
    }
}

impl From<crate::storage::StorageError> for Refused {
    fn from(error: crate::storage::StorageError) -> Self {
        super::report(&error);
        Self(StatusCode::SERVICE_UNAVAILABLE)
    }
}

impl From<std::io::Error> for Refused {
    fn from(error: std::io::Error) -> Self {
        Self::disk(&error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let version = [(HeaderName::from_static("tus-version"), TUS_VERSION)];
        match self.0 {
            StatusCode::PRECONDITION_FAILED => (self.0, resumable(), version).into_response(),
            status => (status, resumable()).into_response(),
        }
    }
}

/// Every address of a shelf.
pub fn routes<S: Shelf>(shelf: Arc<S>) -> Router {
    let each = format!("{}/{{hash}}", S::ADDRESS);
    Router::new()
        .route(S::ADDRESS, post(create::<S>).options(options::<S>))
        .route(&each, head(offset::<S>).patch(append::<S>).delete(terminate::<S>))
        .with_state(shelf)
}

/// What this server can do.
async fn options<S: Shelf>() -> Response {
    let size = S::MOST_BYTES.to_string();
    let can = [
        ("tus-version", TUS_VERSION),
        ("tus-extension", "creation,creation-with-upload,checksum,termination"),
        ("tus-checksum-algorithm", "sha256"),
        ("tus-max-size", size.as_str()),
    ];
    (StatusCode::NO_CONTENT, resumable(), can).into_response()
}

/// Announces an upload, and takes its first bytes if they came along. One that is here already
/// answers with its full length as offset.
async fn create<S: Shelf>(
    State(shelf): State<Arc<S>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    apart(begin(shelf, headers, body)).await
}

async fn begin<S: Shelf>(
    shelf: Arc<S>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    check_version(&headers)?;
    let owner = shelf.admit(&headers).await?;
    let length = number(&headers, &UPLOAD_LENGTH).ok_or(Refused(StatusCode::BAD_REQUEST))?;
    let hash = announced_hash(&headers).ok_or(Refused(StatusCode::BAD_REQUEST))?;
    let checksum = announced_checksum(&headers)?;
    if length == 0 || length > S::MOST_BYTES {
        return Err(Refused(StatusCode::PAYLOAD_TOO_LARGE));
    }
    shelf.announce(&owner, hash, length).await?;
    let known = shelf.find(&owner, hash).await?.is_some_and(|known| known.whole);
    let upload = Upload { shelf, owner, hash, length };
    let stand = if known { Stand::Whole } else { upload.take_up().await? };
    let offset = match stand {
        Stand::Whole => length,
        Stand::Part(_, here) if !is_chunk(&headers) => here,
        // The bytes begin at zero, whatever is here already.
        Stand::Part(writer, here) => {
            upload.write(writer, Chunk { body, from: 0, here, checksum }).await?
        }
    };
    let location = format!("{}/{hash}", S::ADDRESS);
    let told = [(header::LOCATION, location), (UPLOAD_OFFSET, offset.to_string())];
    Ok((StatusCode::CREATED, resumable(), told).into_response())
}

/// How far an upload has come.
async fn offset<S: Shelf>(
    State(shelf): State<Arc<S>>,
    Path(hash): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let (upload, known) = find(shelf, &hash, &headers).await?;
    // Taking it up ends a writer that a cut has left behind, so that the offset stands still.
    let offset = match known.whole {
        true => known.length,
        false => match upload.take_up().await? {
            Stand::Whole => known.length,
            Stand::Part(_, here) => here,
        },
    };
    let told = [
        (UPLOAD_OFFSET, offset.to_string()),
        (UPLOAD_LENGTH, known.length.to_string()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((StatusCode::OK, resumable(), told).into_response())
}

/// Takes the next bytes of an upload.
async fn append<S: Shelf>(
    State(shelf): State<Arc<S>>,
    Path(hash): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    apart(go_on(shelf, hash, headers, body)).await
}

async fn go_on<S: Shelf>(
    shelf: Arc<S>,
    hash: String,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    let (upload, known) = find(shelf, &hash, &headers).await?;
    if !is_chunk(&headers) {
        return Err(Refused(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let checksum = announced_checksum(&headers)?;
    let from = number(&headers, &UPLOAD_OFFSET).ok_or(Refused(StatusCode::BAD_REQUEST))?;
    let stand = if known.whole { Stand::Whole } else { upload.take_up().await? };
    let end = match stand {
        Stand::Part(writer, here) if here == from => {
            upload.write(writer, Chunk { body, from, here, checksum }).await?
        }
        _ => return Err(Refused(StatusCode::CONFLICT)),
    };
    let told = [(UPLOAD_OFFSET, end.to_string())];
    Ok((StatusCode::NO_CONTENT, resumable(), told).into_response())
}

/// Throws away what has come of an upload. One that is whole stays.
async fn terminate<S: Shelf>(
    State(shelf): State<Arc<S>>,
    Path(hash): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let (upload, known) = find(shelf, &hash, &headers).await?;
    match upload.take_up().await? {
        Stand::Part(writer, _) if !known.whole => writer.discard().await?,
        _ => return Err(Refused(StatusCode::CONFLICT)),
    }
    Ok((StatusCode::NO_CONTENT, resumable()).into_response())
}

/// Does it to its end, whether or not anybody still waits for the answer.
async fn apart(
    work: impl Future<Output = Result<Response, Refused>> + Send + 'static,
) -> Result<Response, Refused> {
    tokio::spawn(work).await.unwrap_or(Err(Refused(StatusCode::SERVICE_UNAVAILABLE)))
}

async fn find<S: Shelf>(
    shelf: Arc<S>,
    hash: &str,
    headers: &HeaderMap,
) -> Result<(Upload<S>, Known), Refused> {
    check_version(headers)?;
    let owner = shelf.admit(headers).await?;
    let missing = || Refused(StatusCode::NOT_FOUND);
    let hash: ContentHash = hash.parse().map_err(|_| missing())?;
    let known = shelf.find(&owner, hash).await?.ok_or_else(missing)?;
    Ok((Upload { shelf, owner, hash, length: known.length }, known))
}

struct Upload<S: Shelf> {
    shelf: Arc<S>,
    owner: S::Owner,
    hash: ContentHash,
    length: u64,
}

/// Where an upload stands, with the right to go on.
enum Stand {
    Whole,
    Part(PartWriter, u64),
}

struct Chunk {
    body: Body,
    /// Where the bytes begin.
    from: u64,
    /// What is here; of what comes, so much is passed over.
    here: u64,
    checksum: Option<[u8; 32]>,
}

impl<S: Shelf> Upload<S> {
    /// Takes the right to write. What a writer that was stopped has left (a whole that nobody has
    /// marked, a full part that nobody has checked) is set right.
    async fn take_up(&self) -> Result<Stand, Refused> {
        let writer = self.shelf.write(&self.owner, self.hash, self.length).await?;
        let writer = writer.ok_or(Refused(StatusCode::LOCKED))?;
        if writer.is_whole(self.hash).await? {
            self.shelf.arrived(&self.owner, self.hash).await?;
            return Ok(Stand::Whole);
        }
        let here = writer.length().await?;
        if here < self.length {
            return Ok(Stand::Part(writer, here));
        }
        if writer.finish(self.hash).await? {
            self.shelf.arrived(&self.owner, self.hash).await?;
            return Ok(Stand::Whole);
        }
        Ok(Stand::Part(writer, 0))
    }

    /// Writes what comes, to the end or to the cut; gives the new offset.
    async fn write(&self, mut writer: PartWriter, chunk: Chunk) -> Result<u64, Refused> {
        let Chunk { body, from, here, checksum } = chunk;
        let written = write_to_end(&mut writer, body, from..self.length, here).await?;
        if checksum.is_some_and(|expected| expected != written.hash) {
            writer.cut_back(here).await?;
            return Err(mismatch());
        }
        if written.end == self.length {
            if !writer.finish(self.hash).await? {
                tracing::warn!(address = S::ADDRESS, "what was uploaded does not give its name");
                return Err(mismatch());
            }
            self.shelf.arrived(&self.owner, self.hash).await?;
        }
        match written.ended {
            Ended::Whole => Ok(written.end),
            Ended::TooLong => Err(Refused(StatusCode::PAYLOAD_TOO_LARGE)),
            // Nobody may be listening any more; what came is kept.
            Ended::Cut => Err(Refused(StatusCode::REQUEST_TIMEOUT)),
            Ended::Superseded => Err(Refused(StatusCode::LOCKED)),
        }
    }
}

struct Written {
    end: u64,
    hash: [u8; 32],
    ended: Ended,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    Whole,
    TooLong,
    Cut,
    Superseded,
}

async fn write_to_end(
    writer: &mut PartWriter,
    body: Body,
    room: std::ops::Range<u64>,
    here: u64,
) -> Result<Written, Refused> {
    let mut file = writer.append().await?;
    let mut hasher = Sha256::new();
    let mut at = room.start;
    let mut stream = body.into_data_stream();
    let ended = loop {
        let next = tokio::select! {
            // What is here already is written before the part is given up.
            biased;
            next = tokio::time::timeout(SILENCE, stream.next()) => next,
            () = writer.superseded() => break Ended::Superseded,
        };
        match next {
            Ok(Some(Ok(bytes))) => {
                if at + bytes.len() as u64 > room.end {
                    break Ended::TooLong;
                }
                let known = here.saturating_sub(at).min(bytes.len() as u64) as usize;
                file.write_all(bytes.get(known..).unwrap_or_default()).await?;
                hasher.update(&bytes);
                at += bytes.len() as u64;
            }
            Ok(None) => break Ended::Whole,
            Ok(Some(Err(_))) | Err(_) => break Ended::Cut,
        }
    };
    file.flush().await?;
    file.sync_all().await?;
    Ok(Written { end: at.max(here), hash: hasher.finalize().into(), ended })
}

fn mismatch() -> Refused {
    Refused(StatusCode::from_u16(CHECKSUM_MISMATCH).unwrap_or(StatusCode::CONFLICT))
}
