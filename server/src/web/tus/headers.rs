//! The headers of tus.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pishkhan_domain::content_hash::ContentHash;

use super::Refused;

pub(super) const TUS_VERSION: &str = "1.0.0";
pub(super) const TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
pub(super) const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
pub(super) const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const UPLOAD_CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");
const UPLOAD_METADATA: HeaderName = HeaderName::from_static("upload-metadata");
const CHUNK: &[u8] = b"application/offset+octet-stream";

pub(super) fn resumable() -> [(HeaderName, &'static str); 1] {
    [(TUS_RESUMABLE, TUS_VERSION)]
}

/// A client that names no version is taken to speak this one.
pub(super) fn check_version(headers: &HeaderMap) -> Result<(), Refused> {
    match headers.get(&TUS_RESUMABLE) {
        Some(version) if version != TUS_VERSION => Err(Refused(StatusCode::PRECONDITION_FAILED)),
        _ => Ok(()),
    }
}

pub(super) fn is_chunk(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes) == Some(CHUNK)
}

pub(super) fn number(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}

/// `Upload-Metadata: sha256 <base64 of 64 hexadecimal digits>`, other pairs are ignored.
pub(super) fn announced_hash(headers: &HeaderMap) -> Option<ContentHash> {
    announced(headers, "sha256")?.parse().ok()
}

/// A value of `Upload-Metadata`.
pub(in crate::web) fn announced(headers: &HeaderMap, key: &str) -> Option<String> {
    let metadata = headers.get(&UPLOAD_METADATA)?.to_str().ok()?;
    let mut pairs = metadata.split(',').filter_map(|pair| pair.trim().split_once(' '));
    let (_, value) = pairs.find(|(found, _)| *found == key)?;
    String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok()
}

/// `Upload-Checksum: sha256 <base64 of 32 bytes>`, of this chunk.
pub(super) fn announced_checksum(headers: &HeaderMap) -> Result<Option<[u8; 32]>, Refused> {
    let Some(value) = headers.get(&UPLOAD_CHECKSUM) else { return Ok(None) };
    let read = || {
        let text = value.to_str().ok()?.strip_prefix("sha256 ")?;
        STANDARD.decode(text.trim()).ok()?.try_into().ok()
    };
    read().map(Some).ok_or(Refused(StatusCode::BAD_REQUEST))
}
