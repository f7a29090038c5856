//! Documents go by content hash over tus 1.0.0 (core, creation): in pieces, resumed from the
//! offset that the centre names. Invariant: a cut never starts a document from zero; only the
//! centre's word that the bytes do not give the hash does.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pishkhan_domain::content_hash::ContentHash;
use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::{Method, Response, StatusCode, Url};

use crate::engine::{Trouble, UploadTrouble};
use crate::line::{Line, trouble_with};

/// Checksum mismatch in tus.
const CHECKSUM_MISMATCH: u16 = 460;
/// Uploads that were begun since the program started; the centre knows them by hash afterwards.
#[derive(Debug, Default)]
pub(crate) struct Uploads {
    begun: HashMap<ContentHash, Begun>,
}

#[derive(Clone, Debug, Default)]
struct Begun {
    location: Option<Url>,
    /// None after a piece whose fate is unknown.
    offset: Option<u64>,
}

/// A step forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Advance {
    pub(crate) offset: u64,
    pub(crate) sent_bytes: usize,
    pub(crate) complete: bool,
}

impl Uploads {
    /// Sends the next piece of a document. Where the centre's state is not the one expected, the
    /// document waits its turn, and then goes on from what the centre names.
    pub(crate) async fn advance(
        &mut self,
        line: &Line,
        token: &str,
        (hash, bytes): (ContentHash, &[u8]),
        max_bytes: usize,
    ) -> Result<Advance, UploadTrouble> {
        let total = bytes.len() as u64;
        let begun = self.begun.entry(hash).or_default();
        let location = match &begun.location {
            Some(location) => location.clone(),
            None => {
                let (location, offset) = create(line, token, hash, total).await?;
                *begun = Begun { location: Some(location.clone()), offset };
                location
            }
        };
        let offset = match begun.offset {
            Some(offset) => Some(offset),
            None => head(line, token, &location).await?,
        };
        let rest = offset.and_then(|offset| bytes.get(usize::try_from(offset).ok()?..));
        let (Some(offset), Some(rest)) = (offset, rest) else {
            return self.forget(hash);
        };
        if rest.is_empty() {
            self.begun.remove(&hash);
            return Ok(Advance { offset, sent_bytes: 0, complete: true });
        }
        let piece = rest.get(..max_bytes).unwrap_or(rest);
        begun.offset = None;
        let answer = patch(line, token, &location, offset, piece).await?;
        match answer.status() {
            StatusCode::NO_CONTENT => {
                let reached = offset_in(&answer)?;
                if reached < offset || reached > total {
                    return self.forget(hash);
                }
                begun.offset = Some(reached);
                let complete = reached == total;
                if complete {
                    self.begun.remove(&hash);
                }
                Ok(Advance { offset: reached, sent_bytes: piece.len(), complete })
            }
            StatusCode::NOT_FOUND | StatusCode::GONE => self.forget(hash),
            // Another offset than we thought, or the centre still holds on to a piece that was
            // cut: it is asked for the offset next time.
            StatusCode::CONFLICT | StatusCode::LOCKED => Err(UploadTrouble::Document(hash)),
            status if status.as_u16() == CHECKSUM_MISMATCH => self.forget(hash),
            _ => Err(refused(&answer)),
        }
    }

    /// The next try begins with a new creation.
    fn forget(&mut self, hash: ContentHash) -> Result<Advance, UploadTrouble> {
        self.begun.remove(&hash);
        Err(UploadTrouble::Document(hash))
    }
}

async fn create(
    line: &Line,
    token: &str,
    hash: ContentHash,
    total: u64,
) -> Result<(Url, Option<u64>), UploadTrouble> {
    let address = line.address("sync/v1/documents");
    let metadata = format!("sha256 {}", STANDARD.encode(hash.to_string()));
    let request = tus(line, Method::POST, address.clone(), token)
        .header("Upload-Length", total)
        .header("Upload-Metadata", metadata);
    let answer = line.send(request).await.map_err(UploadTrouble::Line)?;
    match answer.status() {
        StatusCode::CREATED => {}
        // Its length or its kind is not taken: no other document is the worse for it.
        StatusCode::PAYLOAD_TOO_LARGE | StatusCode::BAD_REQUEST => {
            return Err(UploadTrouble::Document(hash));
        }
        _ => return Err(refused(&answer)),
    }
    let location = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let location = location.and_then(|location| address.join(location).ok());
    match location {
        // The token goes with every request: never to another machine.
        Some(location) if location.origin() == address.origin() => {
            Ok((location, offset_in(&answer).ok()))
        }
        _ => Err(UploadTrouble::Line(Trouble::NotTheCentre)),
    }
}

/// Where the centre stands; none when it has forgotten the upload.
async fn head(line: &Line, token: &str, location: &Url) -> Result<Option<u64>, UploadTrouble> {
    let request = tus(line, Method::HEAD, location.clone(), token);
    let answer = line.send(request).await.map_err(UploadTrouble::Line)?;
    match answer.status() {
        StatusCode::OK | StatusCode::NO_CONTENT => offset_in(&answer).map(Some),
        StatusCode::NOT_FOUND | StatusCode::GONE => Ok(None),
        _ => Err(refused(&answer)),
    }
}

async fn patch(
    line: &Line,
    token: &str,
    location: &Url,
    offset: u64,
    piece: &[u8],
) -> Result<Response, UploadTrouble> {
    let request = tus(line, Method::PATCH, location.clone(), token)
        .header("Upload-Offset", offset)
        .header(CONTENT_TYPE, "application/offset+octet-stream")
        .body(piece.to_vec());
    line.send(request).await.map_err(UploadTrouble::Line)
}

fn tus(line: &Line, method: Method, url: Url, token: &str) -> reqwest::RequestBuilder {
    line.client().request(method, url).bearer_auth(token).header("Tus-Resumable", "1.0.0")
}

fn offset_in(answer: &Response) -> Result<u64, UploadTrouble> {
    let offset = answer.headers().get("Upload-Offset").and_then(|value| value.to_str().ok());
    offset.and_then(|offset| offset.parse().ok()).ok_or(UploadTrouble::Line(Trouble::NotTheCentre))
}

fn refused(answer: &Response) -> UploadTrouble {
    match answer.status() {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => UploadTrouble::TokenRefused,
        status => UploadTrouble::Line(trouble_with(status, answer.headers())),
    }
}
