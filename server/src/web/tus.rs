//! Documents in pieces: tus 1.0.0 (creation, checksum) over the document store.
//!
//! Invariant: what was written stays when the line is cut, so that a scan never starts again from
//! zero; a document is only acknowledged as whole when its bytes give its name.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::StreamExt as _;
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::OfficeCode;
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt as _;

use super::AppState;
use crate::documents::PartWriter;
use crate::storage::{devices, documents, offices};
use crate::upload;

/// Largest document.
pub const MAX_DOCUMENT_BYTES: u64 = 10 * 1024 * 1024;
/// A line that brings nothing for so long is taken as cut, and its right to write is given back.
const SILENCE: Duration = Duration::from_secs(20);
/// Status of tus for a chunk or document that was spoiled on the way.
const CHECKSUM_MISMATCH: u16 = 460;

const TUS_VERSION: &str = "1.0.0";
const TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const UPLOAD_CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");
const UPLOAD_METADATA: HeaderName = HeaderName::from_static("upload-metadata");

/// Why an upload is not taken; the status says what the device should do.
pub struct Refused(StatusCode);

impl Refused {
    fn disk(error: &std::io::Error) -> Self {
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

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, resumable()).into_response()
    }
}

/// What this server can do.
pub async fn options() -> Response {
    let size = MAX_DOCUMENT_BYTES.to_string();
    let can = [
        ("tus-version", TUS_VERSION),
        ("tus-extension", "creation,checksum"),
        ("tus-checksum-algorithm", "sha256"),
        ("tus-max-size", size.as_str()),
    ];
    (StatusCode::NO_CONTENT, resumable(), can).into_response()
}

/// Announces a document; one that is here already answers with its full length as offset.
pub async fn create(
    State(state): State<AppState>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let office = authorised(&state, &headers).await?;
    let length = number(&headers, &UPLOAD_LENGTH).ok_or(Refused(StatusCode::BAD_REQUEST))?;
    let hash = announced_hash(&headers).ok_or(Refused(StatusCode::BAD_REQUEST))?;
    if length == 0 || length > MAX_DOCUMENT_BYTES {
        return Err(Refused(StatusCode::PAYLOAD_TOO_LARGE));
    }
    let now = state.centre.now();
    let mut unit = state.centre.storage.begin().await?;
    documents::announce(unit.as_mut(), &office, hash, length, now).await?;
    let stored = documents::find(unit.as_mut(), &office, hash).await?;
    unit.commit().await?;
    let stored = stored.ok_or(Refused(StatusCode::SERVICE_UNAVAILABLE))?;
    let offset = if stored.received_at.is_some() {
        length
    } else {
        recover(&state, &office, hash, length).await?
    };
    let location = format!("/sync/v1/documents/{hash}");
    let told = [(header::LOCATION, location), (UPLOAD_OFFSET, offset.to_string())];
    Ok((StatusCode::CREATED, resumable(), told).into_response())
}

/// How far a document has come.
pub async fn offset(
    State(state): State<AppState>,
    Path(hash): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let office = authorised(&state, &headers).await?;
    let (hash, stored) = find(&state, &office, &hash).await?;
    let offset = match stored.received_at {
        Some(_) => stored.size_bytes,
        None => recover(&state, &office, hash, stored.size_bytes).await?,
    };
    let told = [
        (UPLOAD_OFFSET, offset.to_string()),
        (UPLOAD_LENGTH, stored.size_bytes.to_string()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((StatusCode::OK, resumable(), told).into_response())
}

/// Takes the next bytes of a document.
pub async fn append(
    State(state): State<AppState>,
    Path(hash): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refused> {
    let office = authorised(&state, &headers).await?;
    let (hash, stored) = find(&state, &office, &hash).await?;
    let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    if kind != Some(b"application/offset+octet-stream") {
        return Err(Refused(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let expected = announced_checksum(&headers)?;
    let from = number(&headers, &UPLOAD_OFFSET).ok_or(Refused(StatusCode::BAD_REQUEST))?;
    let store = &state.centre.documents;
    let writer = store.write(&office, hash).await.map_err(|error| Refused::disk(&error))?;
    let writer = writer.ok_or(Refused(StatusCode::LOCKED))?;
    let (here, whole) =
        store.progress(&office, hash).await.map_err(|error| Refused::disk(&error))?;
    if whole || from != here {
        return Err(Refused(StatusCode::CONFLICT));
    }
    let chunk = write(&writer, body, from, stored.size_bytes).await?;
    if expected.is_some_and(|expected| expected != chunk.hash) {
        writer.cut_back(from).await.map_err(|error| Refused::disk(&error))?;
        return Err(mismatch());
    }
    if chunk.end == stored.size_bytes {
        complete(&state, &writer, &office, hash).await?;
    }
    if chunk.cut {
        // Nobody may be listening any more; what came is kept.
        return Err(Refused(StatusCode::REQUEST_TIMEOUT));
    }
    let told = [(UPLOAD_OFFSET, chunk.end.to_string())];
    Ok((StatusCode::NO_CONTENT, resumable(), told).into_response())
}

struct Chunk {
    end: u64,
    hash: [u8; 32],
    cut: bool,
}

async fn write(writer: &PartWriter, body: Body, from: u64, length: u64) -> Result<Chunk, Refused> {
    let disk = |error| Refused::disk(&error);
    let mut file = writer.append().await.map_err(disk)?;
    let mut chunk = Chunk { end: from, hash: [0; 32], cut: false };
    let mut hasher = Sha256::new();
    let mut stream = body.into_data_stream();
    loop {
        match tokio::time::timeout(SILENCE, stream.next()).await {
            Ok(Some(Ok(bytes))) => {
                if chunk.end + bytes.len() as u64 > length {
                    file.sync_all().await.map_err(disk)?;
                    return Err(Refused(StatusCode::PAYLOAD_TOO_LARGE));
                }
                file.write_all(&bytes).await.map_err(disk)?;
                hasher.update(&bytes);
                chunk.end += bytes.len() as u64;
            }
            Ok(None) => break,
            Ok(Some(Err(_))) | Err(_) => {
                chunk.cut = true;
                break;
            }
        }
    }
    file.flush().await.map_err(disk)?;
    file.sync_all().await.map_err(disk)?;
    chunk.hash = hasher.finalize().into();
    Ok(chunk)
}

/// A document whose last bytes were written, but which nobody has checked and marked yet: its
/// writer was stopped in between. Gives the offset from which to go on.
async fn recover(
    state: &AppState,
    office: &OfficeCode,
    hash: ContentHash,
    length: u64,
) -> Result<u64, Refused> {
    let store = &state.centre.documents;
    let disk = |error| Refused::disk(&error);
    let (here, whole) = store.progress(office, hash).await.map_err(disk)?;
    if whole {
        mark(state, office, hash).await?;
        return Ok(length);
    }
    if here < length {
        return Ok(here);
    }
    let Some(writer) = store.write(office, hash).await.map_err(disk)? else { return Ok(here) };
    match complete(state, &writer, office, hash).await {
        Ok(()) => Ok(length),
        Err(Refused(status)) if status.as_u16() == CHECKSUM_MISMATCH => Ok(0),
        Err(refused) => Err(refused),
    }
}

async fn complete(
    state: &AppState,
    writer: &PartWriter,
    office: &OfficeCode,
    hash: ContentHash,
) -> Result<(), Refused> {
    if !writer.finish(hash).await.map_err(|error| Refused::disk(&error))? {
        tracing::warn!(office = office.0, "document does not give its name");
        return Err(mismatch());
    }
    mark(state, office, hash).await
}

async fn mark(state: &AppState, office: &OfficeCode, hash: ContentHash) -> Result<(), Refused> {
    let mut unit = state.centre.storage.begin().await?;
    documents::mark_received(unit.as_mut(), office, hash, state.centre.now()).await?;
    Ok(unit.commit().await?)
}

async fn authorised(state: &AppState, headers: &HeaderMap) -> Result<OfficeCode, Refused> {
    let refused = || Refused(StatusCode::UNAUTHORIZED);
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = token.and_then(|value| value.strip_prefix("Bearer ")).ok_or_else(refused)?;
    let device = upload::device_of(&state.centre.secret, token, state.centre.now());
    let device = device.ok_or_else(refused)?;
    let mut unit = state.centre.storage.read().await?;
    let office = offices::of_device(unit.as_mut(), device).await?.ok_or_else(refused)?;
    let device = devices::find(unit.as_mut(), &office, device).await?.ok_or_else(refused)?;
    if device.revoked_at.is_some() {
        return Err(Refused(StatusCode::FORBIDDEN));
    }
    Ok(office)
}

async fn find(
    state: &AppState,
    office: &OfficeCode,
    hash: &str,
) -> Result<(ContentHash, documents::StoredDocument), Refused> {
    let missing = || Refused(StatusCode::NOT_FOUND);
    let hash: ContentHash = hash.parse().map_err(|_| missing())?;
    let mut unit = state.centre.storage.read().await?;
    let stored = documents::find(unit.as_mut(), office, hash).await?;
    Ok((hash, stored.ok_or_else(missing)?))
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}

/// `Upload-Metadata: sha256 <base64 of 64 hexadecimal digits>`, other pairs are ignored.
fn announced_hash(headers: &HeaderMap) -> Option<ContentHash> {
    let metadata = headers.get(&UPLOAD_METADATA)?.to_str().ok()?;
    let value = metadata.split(',').find_map(|pair| pair.trim().strip_prefix("sha256 "))?;
    String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok()?.parse().ok()
}

/// `Upload-Checksum: sha256 <base64 of 32 bytes>`, of this chunk.
fn announced_checksum(headers: &HeaderMap) -> Result<Option<[u8; 32]>, Refused> {
    let Some(value) = headers.get(&UPLOAD_CHECKSUM) else { return Ok(None) };
    let read = || {
        let text = value.to_str().ok()?.strip_prefix("sha256 ")?;
        STANDARD.decode(text.trim()).ok()?.try_into().ok()
    };
    read().map(Some).ok_or(Refused(StatusCode::BAD_REQUEST))
}

fn mismatch() -> Refused {
    Refused(StatusCode::from_u16(CHECKSUM_MISMATCH).unwrap_or(StatusCode::CONFLICT))
}

fn resumable() -> [(HeaderName, &'static str); 1] {
    [(TUS_RESUMABLE, TUS_VERSION)]
}
