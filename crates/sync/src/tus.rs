//! Whatever is large goes by content hash over tus 1.0.0: in pieces, resumed from the offset that
//! the centre names. Invariant: a cut never starts anything from zero; only the centre's word that
//! the bytes do not give the hash does.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pishkhan_domain::content_hash::ContentHash;
use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url};

use crate::engine::Trouble;
use crate::line::{Line, trouble_with};

/// Checksum mismatch in tus.
const CHECKSUM_MISMATCH: u16 = 460;
const PIECE: &str = "application/offset+octet-stream";

/// A place that takes uploads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// Address below the centre's; an upload is found at its hash below this.
    pub(crate) path: &'a str,
    /// The right to upload, if one is needed.
    pub(crate) token: Option<&'a str>,
    /// May bytes go along with the creation? Not of what the centre may have already.
    pub(crate) bytes_with_creation: bool,
}

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
    /// Furthest that the centre has said it stands, and that when the last failure was told.
    reached: u64,
    told: u64,
    /// Was a cut of unknown fate told as progress?
    hoped: bool,
}

impl Begun {
    /// At a failure: of a piece that was cut it is not known whether some of it arrived. That is
    /// hoped once, until the centre is asked.
    fn progressed(&mut self) -> bool {
        let known = self.reached > self.told;
        let hopes = !known && !self.hoped && self.location.is_some() && self.offset.is_none();
        self.hoped = hopes || (self.hoped && !known);
        self.told = self.reached;
        known || hopes
    }

    fn stands(&mut self, offset: u64) {
        self.offset = Some(offset);
        self.reached = offset;
    }
}

/// A step forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Advance {
    pub(crate) offset: u64,
    pub(crate) sent_bytes: usize,
    pub(crate) complete: bool,
    /// Requests that it took.
    pub(crate) trips: u32,
}

/// A step that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Setback {
    pub(crate) trouble: TusTrouble,
    /// Is more there than when the last failure was told?
    pub(crate) progressed: bool,
    /// Where it stands, as far as known.
    pub(crate) reached: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TusTrouble {
    /// The line or the centre: anything would have failed.
    Line(Trouble),
    /// The token is not, or no longer, taken.
    TokenRefused,
    /// This upload alone: it waits its turn, and goes on from what the centre names then.
    Upload,
    /// Nothing is taken at this place.
    NoSuchPlace,
}

impl From<Trouble> for TusTrouble {
    fn from(trouble: Trouble) -> Self {
        Self::Line(trouble)
    }
}

impl Uploads {
    /// Sends the next piece.
    pub(crate) async fn advance(
        &mut self,
        line: &mut Line,
        place: Place<'_>,
        (hash, bytes): (ContentHash, &[u8]),
        max_bytes: usize,
    ) -> Result<Advance, Setback> {
        let begun = self.begun.entry(hash).or_default();
        let step = Step { line, place, hash, bytes, max_bytes, begun, trips: 0 };
        let outcome = step.take().await;
        match outcome {
            Ok(advance) => {
                if advance.complete {
                    self.begun.remove(&hash);
                }
                Ok(advance)
            }
            Err(trouble) => {
                let progressed = begun.progressed();
                Err(Setback { trouble, progressed, reached: begun.reached })
            }
        }
    }
}

struct Step<'a> {
    line: &'a mut Line,
    place: Place<'a>,
    hash: ContentHash,
    bytes: &'a [u8],
    max_bytes: usize,
    begun: &'a mut Begun,
    trips: u32,
}

impl<'a> Step<'a> {
    async fn take(mut self) -> Result<Advance, TusTrouble> {
        let offset = match (&self.begun.location, self.begun.offset) {
            (Some(_), Some(offset)) => offset,
            (Some(location), None) => match self.ask_offset(location.clone()).await? {
                Some(offset) => offset,
                None => return self.create().await,
            },
            (None, _) => return self.create().await,
        };
        self.send_from(offset).await
    }

    async fn create(mut self) -> Result<Advance, TusTrouble> {
        let address = self.line.address(self.place.path);
        let metadata = format!("sha256 {}", STANDARD.encode(self.hash.to_string()));
        let mut request = self
            .request(Method::POST, address.clone())
            .header("Upload-Length", self.bytes.len())
            .header("Upload-Metadata", metadata);
        *self.begun = Begun { told: self.begun.told, hoped: self.begun.hoped, ..Begun::default() };
        let piece = if self.place.bytes_with_creation { self.piece(0) } else { &[] };
        let sent_bytes = piece.len();
        if sent_bytes > 0 {
            request = request.header(CONTENT_TYPE, PIECE).body(piece.to_vec());
            // Should the answer be lost, this is where it is.
            let below = format!("{}/{}", self.place.path, self.hash);
            self.begun.location = Some(self.line.address(&below));
        }
        let answer = self.send(request).await?;
        match answer.status() {
            StatusCode::CREATED => {}
            // Its length or its kind is not taken: no other is the worse for it.
            StatusCode::PAYLOAD_TOO_LARGE | StatusCode::BAD_REQUEST if sent_bytes == 0 => {
                return self.forget();
            }
            StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => {
                *self.begun = Begun::default();
                return Err(TusTrouble::NoSuchPlace);
            }
            _ => return Err(refused(&answer)),
        }
        let location = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let location = location.and_then(|location| address.join(location).ok());
        match location {
            // The token goes with every request: never to another machine.
            Some(location) if location.origin() == address.origin() => {
                self.begun.location = Some(location);
            }
            _ => return Err(Trouble::NotTheCentre.into()),
        }
        match offset_in(&answer) {
            Ok(offset) if offset >= self.bytes.len() as u64 || sent_bytes > 0 => {
                self.arrived(0, offset, sent_bytes)
            }
            Ok(offset) => self.send_from(offset).await,
            Err(_) => {
                let location = self.begun.location.clone().ok_or(TusTrouble::Upload)?;
                match self.ask_offset(location).await? {
                    Some(offset) => self.send_from(offset).await,
                    None => self.forget(),
                }
            }
        }
    }

    /// Where the centre stands; none when it has forgotten the upload.
    async fn ask_offset(&mut self, location: Url) -> Result<Option<u64>, TusTrouble> {
        let request = self.request(Method::HEAD, location);
        let answer = self.send(request).await?;
        match answer.status() {
            StatusCode::OK | StatusCode::NO_CONTENT => {
                let offset = offset_in(&answer)?;
                self.begun.stands(offset);
                Ok(Some(offset))
            }
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(None),
            _ => Err(refused(&answer)),
        }
    }

    async fn send_from(mut self, offset: u64) -> Result<Advance, TusTrouble> {
        self.begun.stands(offset);
        if offset > self.bytes.len() as u64 {
            return self.forget();
        }
        let piece = self.piece(offset);
        if piece.is_empty() {
            return Ok(Advance { offset, sent_bytes: 0, complete: true, trips: self.trips });
        }
        let Some(location) = self.begun.location.clone() else { return self.forget() };
        let request = self
            .request(Method::PATCH, location)
            .header("Upload-Offset", offset)
            .header(CONTENT_TYPE, PIECE)
            .body(piece.to_vec());
        let sent_bytes = piece.len();
        self.begun.offset = None;
        let answer = self.send(request).await?;
        match answer.status() {
            StatusCode::NO_CONTENT => {
                let reached = offset_in(&answer)?;
                self.arrived(offset, reached, sent_bytes)
            }
            StatusCode::NOT_FOUND | StatusCode::GONE => self.forget(),
            // Another offset than we thought, or the centre still holds on to a piece that was
            // cut: it is asked for the offset next time.
            StatusCode::CONFLICT | StatusCode::LOCKED => Err(TusTrouble::Upload),
            status if status.as_u16() == CHECKSUM_MISMATCH => self.forget(),
            _ => Err(refused(&answer)),
        }
    }

    /// `sent_bytes` went from `offset`, and the centre says that it stands at `reached` now.
    fn arrived(self, offset: u64, reached: u64, sent_bytes: usize) -> Result<Advance, TusTrouble> {
        let total = self.bytes.len() as u64;
        let moved = reached > offset || sent_bytes == 0;
        if !moved || reached > total {
            return self.forget();
        }
        self.begun.stands(reached);
        let complete = reached == total;
        Ok(Advance { offset: reached, sent_bytes, complete, trips: self.trips })
    }

    fn piece(&self, offset: u64) -> &'a [u8] {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.bytes.get(offset..));
        let rest = rest.unwrap_or_default();
        rest.get(..self.max_bytes).unwrap_or(rest)
    }

    /// The next step begins with a new creation.
    fn forget(self) -> Result<Advance, TusTrouble> {
        *self.begun = Begun { told: self.begun.told, hoped: self.begun.hoped, ..Begun::default() };
        Err(TusTrouble::Upload)
    }

    async fn send(&mut self, request: RequestBuilder) -> Result<Response, TusTrouble> {
        self.trips += 1;
        Ok(self.line.send(request).await?)
    }

    fn request(&self, method: Method, url: Url) -> RequestBuilder {
        let request = self.line.uploads().request(method, url);
        let request = match self.place.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        request.header("Tus-Resumable", "1.0.0")
    }
}

fn offset_in(answer: &Response) -> Result<u64, TusTrouble> {
    let offset = answer.headers().get("Upload-Offset").and_then(|value| value.to_str().ok());
    offset.and_then(|offset| offset.parse().ok()).ok_or(Trouble::NotTheCentre.into())
}

fn refused(answer: &Response) -> TusTrouble {
    match answer.status() {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => TusTrouble::TokenRefused,
        status => trouble_with(status, answer.headers()).into(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_that_was_cut_is_hoped_for_once_and_then_known() {
        let location = Url::parse("http://localhost/x").ok();
        let mut begun = Begun { location, ..Begun::default() };
        assert!(begun.progressed(), "perhaps some of it arrived");
        assert!(!begun.progressed(), "but not for ever");
        begun.stands(9_000);
        begun.offset = None;
        assert!(begun.progressed(), "it did");
        assert!(begun.progressed(), "and perhaps again");
        assert!(!begun.progressed());
    }

    #[test]
    fn nothing_is_hoped_of_what_never_began() {
        assert!(!Begun::default().progressed());
        let mut asked = Begun { offset: Some(5), ..Begun::default() };
        asked.told = 5;
        asked.reached = 5;
        assert!(!asked.progressed());
    }
}
