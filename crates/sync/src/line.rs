//! The HTTP line to the centre. Invariant: every request has a deadline and a largest answer;
//! redirects are never followed and proxies of the environment never used, since whatever answers
//! in the centre's place is not the centre.

use std::error::Error as _;
use std::fmt::Debug;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use pishkhan_protocol::exchange::MAX_MESSAGE_BYTES;
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Client, Request, RequestBuilder, Response, StatusCode, Url, redirect};

use crate::engine::{Config, Trouble};

/// The address of the centre cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadAddress {
    /// It is not an address.
    #[error("not an address of a centre")]
    Malformed,
    /// `http://` to another machine: citizens' data would go in clear.
    #[error("the address must begin with https://")]
    Insecure,
    /// The client could not be made (no roots of trust on this system).
    #[error("no TLS client")]
    Tls(#[source] reqwest::Error),
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
    client: Client,
    road: Option<Arc<dyn Road>>,
    base: Url,
    probe_deadline: Duration,
    request_deadline: Duration,
}

impl Line {
    /// A line to the centre at this address; opens nothing yet.
    ///
    /// # Errors
    /// [`BadAddress`].
    pub(crate) fn new(centre_url: &str, config: &Config) -> Result<Self, BadAddress> {
        Self::over(None, centre_url, config)
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
        let mut base = Url::parse(centre_url.trim()).map_err(|_| BadAddress::Malformed)?;
        match base.scheme() {
            "https" => {}
            "http" if is_this_machine(&base) => {}
            "http" => return Err(BadAddress::Insecure),
            _ => return Err(BadAddress::Malformed),
        }
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        // Another part of the program may have installed it: there is one for the whole process.
        let _already = rustls::crypto::ring::default_provider().install_default();
        let ready = REQUESTS.clone().filter(|_| road.is_some());
        let client = ready.map_or_else(network, Ok)?;
        let Config { probe_deadline, request_deadline, .. } = *config;
        Ok(Self { client, road, base, probe_deadline, request_deadline })
    }

    async fn carry(&self, request: RequestBuilder) -> Result<Response, Trouble> {
        let answer = match &self.road {
            None => request.send().await,
            Some(road) => match request.build() {
                Ok(request) => return road.carry(request).await,
                Err(error) => Err(error),
            },
        };
        answer.map_err(|error| trouble_of(&error))
    }

    /// Does something that may be the centre answer?
    pub(crate) async fn probe(&self) -> Result<(), Trouble> {
        let request = self.client.get(self.address("sync/v1/probe"));
        let answer = within(self.probe_deadline, self.carry(request)).await?;
        match answer.status() {
            StatusCode::NO_CONTENT => Ok(()),
            status => Err(trouble_with(status, answer.headers())),
        }
    }

    /// Sends a message and gives the bytes of the answer, which may be anybody's.
    pub(crate) async fn post(&self, path: &str, body: Vec<u8>) -> Result<Vec<u8>, Refusal> {
        let request = self
            .client
            .post(self.address(path))
            .header(CONTENT_TYPE, "application/cbor")
            .body(body);
        within(self.request_deadline, async {
            let answer = self.carry(request).await?;
            let status = answer.status();
            if status != StatusCode::OK {
                let trouble = trouble_with(status, answer.headers());
                return Ok(Err(Refusal { status: Some(status), trouble }));
            }
            read_all(answer).await.map(Ok)
        })
        .await
        .map_err(|trouble| Refusal { status: None, trouble })?
    }

    /// Sends a request of an upload; the answer's body is of no interest.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<Response, Trouble> {
        within(self.request_deadline, self.carry(request)).await
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// An address below the centre's.
    pub(crate) fn address(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path()));
        url
    }
}

fn network() -> Result<Client, BadAddress> {
    let client = Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never());
    client.build().map_err(BadAddress::Tls)
}

/// An answer that is not the one hoped for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal {
    /// Its status, if somebody answered.
    pub(crate) status: Option<StatusCode>,
    pub(crate) trouble: Trouble,
}

async fn within<T>(
    deadline: Duration,
    work: impl Future<Output = Result<T, Trouble>>,
) -> Result<T, Trouble> {
    tokio::time::timeout(deadline, work).await.unwrap_or(Err(Trouble::Timeout))
}

async fn read_all(mut answer: Response) -> Result<Vec<u8>, Trouble> {
    let mut bytes = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(|error| trouble_of(&error))? {
        if bytes.len() + piece.len() > MAX_MESSAGE_BYTES {
            return Err(Trouble::NotTheCentre);
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
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
    let mut source = error.source();
    while let Some(cause) = source {
        let inside = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let tls = inside.is_some_and(|inside| inside.is::<rustls::Error>());
        if tls || cause.is::<rustls::Error>() {
            return Trouble::NotTheCentre;
        }
        source = cause.source();
    }
    Trouble::Unreachable
}

fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn citizens_data_never_goes_in_clear_to_another_machine() {
        let new = |url| Line::new(url, &Config::default());
        assert!(matches!(new("http://10.0.0.5:8080"), Err(BadAddress::Insecure)));
        assert!(matches!(new("http://localhost.example.ir"), Err(BadAddress::Insecure)));
        assert!(matches!(new("ftp://127.0.0.1"), Err(BadAddress::Malformed)));
        assert!(matches!(new("مرکز"), Err(BadAddress::Malformed)));
        for url in ["http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1", "https://c.ir"] {
            assert!(new(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn a_centre_may_live_below_a_path() {
        let line = Line::new("https://c.ir/pishkhan", &Config::default()).unwrap();
        let address = line.address("sync/v1/probe");
        assert_eq!(address.as_str(), "https://c.ir/pishkhan/sync/v1/probe");
    }

    #[test]
    fn only_a_busy_centre_orders_a_wait() {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, "120".parse().unwrap());
        let ordered = Trouble::Busy { retry_after: Some(Duration::from_secs(120)) };
        assert_eq!(trouble_with(StatusCode::SERVICE_UNAVAILABLE, &headers), ordered);
        assert_eq!(trouble_with(StatusCode::FORBIDDEN, &headers), Trouble::NotTheCentre);
        headers.insert(RETRY_AFTER, "soon".parse().unwrap());
        let busy = Trouble::Busy { retry_after: None };
        assert_eq!(trouble_with(StatusCode::TOO_MANY_REQUESTS, &headers), busy);
    }
}
