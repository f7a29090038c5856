//! The HTTP line to the centre. Invariant: every request has a deadline and a largest answer;
//! redirects are never followed and proxies of the environment never used, since whatever answers
//! in the centre's place is not the centre. After a failure no connection is used again: one that
//! died silently would swallow every later request until its deadline.
//!
//! Messages go over HTTP/2, whose headers cost next to nothing once a session is open. Uploads go
//! over HTTP/1.1: HTTP/2 hands on whole frames only, so that a cut would lose up to 16 KiB.

mod tls;

use std::fmt::Debug;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use pishkhan_protocol::address::is_this_machine;
use pishkhan_protocol::exchange::MAX_MESSAGE_BYTES;
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{
    Client, ClientBuilder, Request, RequestBuilder, Response, StatusCode, Url, redirect,
};
use rustls::ClientConfig;

use crate::engine::{Config, Trouble};

pub use tls::TlsError;

/// Bytes in a record of TLS once connections have been cut: a record arrives whole or not at all.
const SHORT_RECORD: usize = 1024;

/// The address of the centre cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadAddress {
    /// It is not an address.
    #[error("not an address of a centre")]
    Malformed,
    /// `http://` to another machine: citizens' data would go in clear.
    #[error("the address must begin with https://")]
    Insecure,
    /// There is no TLS on this system.
    #[error("no TLS")]
    Tls(#[from] TlsError),
    /// The client could not be made.
    #[error("no HTTP client")]
    Client(#[source] reqwest::Error),
}

/// What carries requests in place of the network: the simulation's bad line.
pub trait Road: Debug + Send + Sync {
    /// Carries a request and brings what is answered, whoever answers.
    fn carry(&self, request: Request) -> Carried;
}

/// An answer on its way.
pub type Carried = Pin<Box<dyn Future<Output = Result<Response, Trouble>> + Send>>;

/// Makes requests for a [`Road`], and opens no connection: without roots of trust, which take
/// long to read.
static REQUESTS: LazyLock<Option<Client>> =
    LazyLock::new(|| Client::builder().tls_certs_only([]).build().ok());

/// A client for one centre.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    clients: Clients,
    /// None on this machine's own loop.
    tls: Option<ClientConfig>,
    road: Option<Arc<dyn Road>>,
    base: Url,
    probe_deadline: Duration,
    request_deadline: Duration,
}

#[derive(Clone, Debug)]
struct Clients {
    messages: Client,
    uploads: Client,
}

impl Line {
    /// A line to the centre at this address; opens nothing yet.
    ///
    /// # Errors
    /// [`BadAddress`].
    pub(crate) fn new(centre_url: &str, config: &Config) -> Result<Self, BadAddress> {
        Self::over(None, centre_url, config)
    }

    /// A line to a hub: over the office's own network also in clear, since what goes there is
    /// sealed.
    ///
    /// # Errors
    /// [`BadAddress`].
    pub(crate) fn to_hub(
        road: Option<Arc<dyn Road>>,
        hub_url: &str,
        config: &Config,
    ) -> Result<Self, BadAddress> {
        let base = base_of(hub_url)?;
        let tls = match (base.scheme(), &road) {
            ("https", None) => Some(tls::shared()?),
            _ => None,
        };
        Self::with_tls(tls, road, base, config)
    }

    /// A line over a road of one's own, if one is given.
    ///
    /// # Errors
    /// [`BadAddress`].
    pub(crate) fn over(
        road: Option<Arc<dyn Road>>,
        centre_url: &str,
        config: &Config,
    ) -> Result<Self, BadAddress> {
        let base = base_of(centre_url)?;
        if base.scheme() == "http" && !is_this_machine(base.host_str().unwrap_or_default()) {
            return Err(BadAddress::Insecure);
        }
        let tls = match (base.scheme(), &road) {
            ("https", None) => Some(tls::shared()?),
            _ => None,
        };
        Self::with_tls(tls, road, base, config)
    }

    fn with_tls(
        tls: Option<ClientConfig>,
        road: Option<Arc<dyn Road>>,
        base: Url,
        config: &Config,
    ) -> Result<Self, BadAddress> {
        // Another part of the program may have installed it: there is one for the whole process.
        let _already = rustls::crypto::ring::default_provider().install_default();
        let clients = match REQUESTS.clone().filter(|_| road.is_some()) {
            Some(client) => Clients { messages: client.clone(), uploads: client },
            None => network(tls.as_ref()).map_err(BadAddress::Client)?,
        };
        let Config { probe_deadline, request_deadline, .. } = *config;
        Ok(Self { clients, tls, road, base, probe_deadline, request_deadline })
    }

    async fn carry(&self, request: RequestBuilder) -> Result<Response, Lost> {
        let answer = match &self.road {
            None => request.send().await,
            Some(road) => match request.build() {
                Ok(request) => return road.carry(request).await.map_err(Lost::gone),
                Err(error) => Err(error),
            },
        };
        answer.map_err(|error| lost(&error))
    }

    /// Whatever connections there are may be dead without knowing it. What was agreed on for TLS
    /// is kept.
    fn renew(&mut self) {
        if self.road.is_some() {
            return;
        }
        if let Some(tls) = &mut self.tls {
            tls.max_fragment_size = Some(SHORT_RECORD);
        }
        match network(self.tls.as_ref()) {
            Ok(clients) => self.clients = clients,
            Err(error) => tracing::warn!(%error, "the connections could not be thrown away"),
        }
    }

    /// Does something that may be the centre answer?
    pub(crate) async fn probe(&mut self) -> Result<(), Trouble> {
        let request = self.clients.messages.get(self.address("sync/v1/probe"));
        let answer = within(self.probe_deadline, self.carry(request)).await;
        let answer = self.noted(answer).map_err(|lost| lost.trouble)?;
        match answer.status() {
            StatusCode::NO_CONTENT => Ok(()),
            status => Err(trouble_with(status, answer.headers())),
        }
    }

    /// Sends a message and gives the bytes of the answer, which may be anybody's.
    pub(crate) async fn post(&mut self, path: &str, body: Vec<u8>) -> Result<Vec<u8>, Refusal> {
        let request = self.clients.messages.post(self.address(path));
        self.ask(request.header(CONTENT_TYPE, "application/cbor").body(body)).await
    }

    /// Sends a request and gives the bytes of the answer.
    pub(crate) async fn ask(&mut self, request: RequestBuilder) -> Result<Vec<u8>, Refusal> {
        let answer = within(self.request_deadline, async {
            let answer = self.carry(request).await?;
            let status = answer.status();
            if status != StatusCode::OK {
                let trouble = trouble_with(status, answer.headers());
                return Ok(Err(Refusal { status: Some(status), trouble, gone: false }));
            }
            read_all(answer, MAX_MESSAGE_BYTES).await.map(Ok)
        });
        let answer = answer.await;
        match self.noted(answer) {
            Ok(answer) => answer,
            Err(Lost { trouble, gone }) => Err(Refusal { status: None, trouble, gone }),
        }
    }

    /// Fetches what is at an address; none when there is nothing.
    pub(crate) async fn fetch(
        &mut self,
        address: Url,
        most_bytes: usize,
    ) -> Result<Option<Vec<u8>>, Trouble> {
        let request = self.clients.uploads.get(address);
        let answer = within(self.request_deadline, async {
            let answer = self.carry(request).await?;
            match answer.status() {
                StatusCode::OK => read_all(answer, most_bytes).await.map(|bytes| Ok(Some(bytes))),
                StatusCode::NO_CONTENT => Ok(Ok(None)),
                status => Ok(Err(trouble_with(status, answer.headers()))),
            }
        });
        let answer = answer.await;
        self.noted(answer).map_err(|lost| lost.trouble)?
    }

    /// Sends a request of an upload; the answer's body is of no interest.
    pub(crate) async fn send(&mut self, request: RequestBuilder) -> Result<Response, Trouble> {
        let answer = within(self.request_deadline, self.carry(request)).await;
        self.noted(answer).map_err(|lost| lost.trouble)
    }

    fn noted<T>(&mut self, answer: Result<T, Lost>) -> Result<T, Lost> {
        let cut = |lost: &Lost| matches!(lost.trouble, Trouble::Unreachable | Trouble::Timeout);
        if answer.as_ref().is_err_and(cut) {
            self.renew();
        }
        answer
    }

    /// The client for uploads.
    pub(crate) fn uploads(&self) -> &Client {
        &self.clients.uploads
    }

    /// An address below the centre's.
    pub(crate) fn address(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path()));
        url
    }
}

fn network(tls: Option<&ClientConfig>) -> Result<Clients, reqwest::Error> {
    let messages = plain_client();
    let uploads = plain_client().http1_only();
    let (messages, uploads) = match tls {
        None => (messages.tls_certs_only([]).http2_prior_knowledge(), uploads.tls_certs_only([])),
        Some(tls) => {
            let over = |protocols: &[&[u8]]| {
                let mut tls = tls.clone();
                tls.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
                tls
            };
            (
                messages.tls_backend_preconfigured(over(&[b"h2", b"http/1.1"])),
                uploads.tls_backend_preconfigured(over(&[b"http/1.1"])),
            )
        }
    };
    Ok(Clients { messages: messages.build()?, uploads: uploads.build()? })
}

fn plain_client() -> ClientBuilder {
    Client::builder().no_proxy().redirect(redirect::Policy::none()).retry(reqwest::retry::never())
}

/// An answer that is not the one hoped for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal {
    /// Its status, if somebody answered.
    pub(crate) status: Option<StatusCode>,
    pub(crate) trouble: Trouble,
    /// May some of the request have gone, unanswered?
    pub(crate) gone: bool,
}

/// No answer.
#[derive(Clone, Copy, Debug)]
struct Lost {
    trouble: Trouble,
    gone: bool,
}

impl Lost {
    fn gone(trouble: Trouble) -> Self {
        Self { trouble, gone: true }
    }
}

async fn within<T>(
    deadline: Duration,
    work: impl Future<Output = Result<T, Lost>>,
) -> Result<T, Lost> {
    let late = Lost::gone(Trouble::Timeout);
    tokio::time::timeout(deadline, work).await.unwrap_or(Err(late))
}

async fn read_all(mut answer: Response, most_bytes: usize) -> Result<Vec<u8>, Lost> {
    let mut bytes = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(|error| lost(&error))? {
        if bytes.len() + piece.len() > most_bytes {
            return Err(Lost::gone(Trouble::NotTheCentre));
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

fn lost(error: &reqwest::Error) -> Lost {
    Lost { trouble: trouble_of(error), gone: !error.is_connect() }
}

/// What an unhoped-for status means. A proxy's 401 is not the centre's word on anything.
pub(crate) fn trouble_with(status: StatusCode, headers: &HeaderMap) -> Trouble {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => Trouble::TooLarge,
        StatusCode::REQUEST_TIMEOUT => Trouble::Timeout,
        StatusCode::TOO_MANY_REQUESTS => Trouble::Busy { retry_after: retry_after(headers) },
        status if status.is_server_error() => Trouble::Busy { retry_after: retry_after(headers) },
        _ => Trouble::NotTheCentre,
    }
}

/// Seconds only: a date would be measured by this PC's clock.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

fn trouble_of(error: &reqwest::Error) -> Trouble {
    if error.is_timeout() {
        return Trouble::Timeout;
    }
    if is_of_tls(error) { Trouble::NotTheCentre } else { Trouble::Unreachable }
}

/// Errors of I/O hide what is in them from whoever asks for their source, and are put into each
/// other on the way up.
fn is_of_tls(error: &(dyn std::error::Error + 'static)) -> bool {
    let inside = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    error.is::<rustls::Error>()
        || inside.is_some_and(|inside| is_of_tls(inside))
        || error.source().is_some_and(is_of_tls)
}

fn base_of(url: &str) -> Result<Url, BadAddress> {
    let mut base = Url::parse(url.trim()).map_err(|_| BadAddress::Malformed)?;
    if !matches!(base.scheme(), "http" | "https") {
        return Err(BadAddress::Malformed);
    }
    if !base.path().ends_with('/') {
        base.set_path(&format!("{}/", base.path()));
    }
    Ok(base)
}

#[cfg(test)]
mod tests;
