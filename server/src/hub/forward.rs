//! Forwarding: each file by tus to the centre, then the answer back. Whatever stands in the
//! centre's place cannot sign an answer, and so cannot make the hub drop a file.

use std::io::{self, SeekFrom};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pishkhan_protocol::address::is_this_machine;
use pishkhan_protocol::courier::{Direction, FileReader, MAX_FILE_BYTES};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Certificate, Client, Request, RequestBuilder, Response, StatusCode, Url};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use super::Hub;
use super::mailbox::Waiting;
use crate::secret::random;

/// A piece: so small that one gets through a bad line between two cuts.
const PIECE_BYTES: u64 = 64 * 1024;
const DEADLINE: Duration = Duration::from_secs(150);
const FIRST_WAIT: Duration = Duration::from_secs(2);
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);

/// What carries requests in place of the network: the simulation's bad line.
pub trait Road: std::fmt::Debug + Send + Sync {
    /// Carries a request and brings what is answered, whoever answers; none if nobody does.
    fn carry(&self, request: Request) -> Carried;
}

/// An answer on its way.
pub type Carried = Pin<Box<dyn Future<Output = Option<Response>> + Send>>;

/// How the hub reaches the centre.
#[derive(Clone, Debug)]
pub struct ToCentre {
    client: Client,
    url: Url,
    road: Option<Arc<dyn Road>>,
}

/// The centre cannot be reached so.
#[derive(Debug, thiserror::Error)]
pub enum BadCentre {
    /// Only a centre on the same machine may be spoken to without TLS.
    #[error("the address of the centre must begin with https://")]
    Address,
    /// It is missing, or is no PEM.
    #[error("the root certificate cannot be read")]
    RootCertificate(#[source] io::Error),
    /// It is none, or there are no roots of trust on this system.
    #[error("no TLS client")]
    Tls(#[source] reqwest::Error),
}

impl ToCentre {
    /// At this address, trusting the system's roots and this one.
    ///
    /// # Errors
    /// [`BadCentre`].
    pub fn new(url: &str, root_certificate: Option<&Path>) -> Result<Self, BadCentre> {
        let mut url = Url::parse(url.trim()).map_err(|_| BadCentre::Address)?;
        let here = is_this_machine(url.host_str().unwrap_or_default());
        if url.scheme() != "https" && !(here && url.scheme() == "http") {
            return Err(BadCentre::Address);
        }
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        // Another part of the program may have installed it: there is one for the whole process.
        let _already = rustls::crypto::ring::default_provider().install_default();
        let mut client = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(DEADLINE);
        if let Some(path) = root_certificate {
            let pem = std::fs::read(path).map_err(BadCentre::RootCertificate)?;
            let root = Certificate::from_pem(&pem).map_err(BadCentre::Tls)?;
            client = client.tls_certs_merge([root]);
        }
        Ok(Self { client: client.build().map_err(BadCentre::Tls)?, url, road: None })
    }

    /// Over a road of one's own, with no network.
    ///
    /// # Errors
    /// [`BadCentre`].
    pub fn over(road: Arc<dyn Road>) -> Result<Self, BadCentre> {
        let _already = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().tls_certs_only([]).build().map_err(BadCentre::Tls)?;
        let url = Url::parse("http://localhost/").map_err(|_| BadCentre::Address)?;
        Ok(Self { client, url, road: Some(road) })
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, Trouble> {
        let Some(road) = &self.road else { return Ok(request.send().await?) };
        let carried = tokio::time::timeout(DEADLINE, road.carry(request.build()?)).await;
        carried.ok().flatten().ok_or(Trouble::Silence)
    }

    fn address(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(&format!("{}{path}", self.url.path()));
        url
    }
}

/// Why a file did not go.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    /// No other file would go either.
    #[error("the line to the centre")]
    Line(#[source] reqwest::Error),
    /// The same, over a road that is not the network.
    #[error("nobody answers")]
    Silence,
    /// The centre is busy, or something stands in its place.
    #[error("answered with {0}")]
    Answered(StatusCode),
    /// This file is not taken.
    #[error("not taken: {0}")]
    NotTaken(StatusCode),
    #[error("no answer that the centre signed")]
    NoAnswer,
    #[error(transparent)]
    Disk(#[from] io::Error),
}

impl From<reqwest::Error> for Trouble {
    fn from(error: reqwest::Error) -> Self {
        Self::Line(error)
    }
}

pub(super) async fn run(hub: &Hub, centre: &ToCentre) {
    let mut wait = FIRST_WAIT;
    loop {
        let came = hub.came.notified();
        match forward_all(hub, centre).await {
            Ok(0) => {
                wait = FIRST_WAIT;
                came.await;
            }
            Ok(_) => {
                tokio::time::sleep(with_jitter(wait)).await;
                wait = (wait * 2).min(LONGEST_WAIT);
            }
            Err(error) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::warn!(%error, cause, wait_s = wait.as_secs(), "nothing is forwarded");
                tokio::select! {
                    () = tokio::time::sleep(with_jitter(wait)) => {}
                    // Somebody just came: the line may be back with him, and a try costs little.
                    () = came => {}
                }
                wait = (wait * 2).min(LONGEST_WAIT);
            }
        }
    }
}

pub(super) async fn once(hub: &Hub, centre: &ToCentre) -> bool {
    matches!(forward_all(hub, centre).await, Ok(0))
}

/// Tries every file once; gives how many still wait.
async fn forward_all(hub: &Hub, centre: &ToCentre) -> Result<usize, Trouble> {
    let mut left = 0;
    for waiting in hub.mailbox.waiting().await? {
        match forward(hub, centre, &waiting).await {
            Ok(()) => {
                let (device, file) = (waiting.device.0, waiting.number);
                tracing::info!(device, file, "forwarded and answered");
            }
            // One bad file does not stop the others.
            Err(error @ (Trouble::NotTaken(_) | Trouble::NoAnswer)) => {
                let (device, file) = (waiting.device.0, waiting.number);
                tracing::warn!(device, file, %error, "a file stays");
                left += 1;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(left)
}

async fn forward(hub: &Hub, centre: &ToCentre, waiting: &Waiting) -> Result<(), Trouble> {
    let mut offset = create(centre, waiting).await?;
    let upload = centre.address(&format!("courier/v1/files/{}", waiting.hash));
    let mut file = File::open(&waiting.path).await?;
    while offset < waiting.length {
        file.seek(SeekFrom::Start(offset)).await?;
        let mut piece = Vec::new();
        (&mut file).take(PIECE_BYTES).read_to_end(&mut piece).await?;
        let request = tus(centre.client.patch(upload.clone()))
            .header("Upload-Offset", offset)
            .header(CONTENT_TYPE, "application/offset+octet-stream")
            .body(piece);
        let answer = centre.send(request).await?;
        let reached = match answer.status() {
            StatusCode::NO_CONTENT => offset_in(&answer)?,
            // Another offset than we thought: the centre is asked.
            StatusCode::CONFLICT | StatusCode::LOCKED => create(centre, waiting).await?,
            status => return Err(refused(status)),
        };
        if reached == offset {
            return Err(Trouble::Answered(answer.status()));
        }
        offset = reached;
    }
    let answer = fetch_answer(hub, centre, waiting).await?.ok_or(Trouble::NoAnswer)?;
    hub.carried.keep_answer(waiting.device, waiting.number, &answer).await?;
    Ok(hub.mailbox.remove(waiting).await?)
}

async fn create(centre: &ToCentre, waiting: &Waiting) -> Result<u64, Trouble> {
    let hash = STANDARD.encode(waiting.hash.to_string());
    let device = STANDARD.encode(waiting.device.0.to_string());
    let request = tus(centre.client.post(centre.address("courier/v1/files")))
        .header("Upload-Length", waiting.length)
        .header("Upload-Metadata", format!("sha256 {hash},device {device}"));
    let answer = centre.send(request).await?;
    match answer.status() {
        StatusCode::CREATED => offset_in(&answer),
        status => Err(refused(status)),
    }
}

/// The centre's answer to this file, if what comes is signed by it.
async fn fetch_answer(
    hub: &Hub,
    centre: &ToCentre,
    waiting: &Waiting,
) -> Result<Option<Vec<u8>>, Trouble> {
    let mut url = centre.address(&format!("courier/v1/answers/{}", waiting.device.0));
    // Later files may have been answered already: by number, and no other, this one is asked for.
    url.set_query(Some(&format!("number={}", waiting.number)));
    let mut answer = centre.send(centre.client.get(url)).await?;
    if answer.status() != StatusCode::OK {
        return match answer.status() {
            StatusCode::NO_CONTENT => Ok(None),
            status => Err(refused(status)),
        };
    }
    let mut bytes = Vec::new();
    while let Some(piece) = answer.chunk().await? {
        if (bytes.len() + piece.len()) as u64 > MAX_FILE_BYTES {
            return Ok(None);
        }
        bytes.extend_from_slice(&piece);
    }
    let Ok(reader) = FileReader::open(bytes.as_slice()) else { return Ok(None) };
    let signed = reader.cover().verify(&hub.centre_key).is_ok_and(|verified| {
        let cover = verified.cover;
        let right = (cover.device, cover.number) == (waiting.device, waiting.number);
        cover.direction == Direction::ToOffice && right
    });
    Ok(signed.then_some(bytes))
}

fn tus(request: RequestBuilder) -> RequestBuilder {
    request.header("Tus-Resumable", "1.0.0")
}

fn offset_in(answer: &Response) -> Result<u64, Trouble> {
    let offset = answer.headers().get("upload-offset").and_then(|value| value.to_str().ok());
    offset.and_then(|offset| offset.parse().ok()).ok_or(Trouble::Answered(answer.status()))
}

fn refused(status: StatusCode) -> Trouble {
    match status {
        StatusCode::FORBIDDEN
        | StatusCode::PAYLOAD_TOO_LARGE
        | StatusCode::UNSUPPORTED_MEDIA_TYPE
        | StatusCode::UNPROCESSABLE_ENTITY
        | StatusCode::UPGRADE_REQUIRED => Trouble::NotTaken(status),
        status if status.as_u16() == 460 => Trouble::NotTaken(status),
        status => Trouble::Answered(status),
    }
}

/// Half of the wait and a random part of the other half, so that hubs do not come together.
fn with_jitter(wait: Duration) -> Duration {
    let random = random::<2>().map_or(0, u16::from_be_bytes);
    wait / 2 + (wait / 2).mul_f64(f64::from(random) / f64::from(u16::MAX))
}
