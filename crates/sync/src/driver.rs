//! Does what the engine decides: HTTP, the store, the clock. Invariant: the store's lock is taken
//! for one short call at a time on a blocking thread and never held across an await, so that the
//! counter never waits for the network.

mod handle;
mod parcel;
mod post;
mod steps;

pub use handle::{Outcome, SyncHandle, run_once, spawn};

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_store::StoreError;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::conversation::{Ahead, FeedTroubles, Incoming, Speech};
use crate::courier::CourierOffice;
use crate::engine::{Action, Activity, Config, Engine, Input, Moment, Report};
use crate::line::{BadAddress, Line, Road};
use crate::status::{LastAnswer, SyncStatus};
use crate::tus::Uploads;
use parcel::Parcel;
use post::Hub;

/// How to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Numbers of the engine.
    pub config: Config,
    /// Program and version, for support.
    pub agent: String,
    /// Seed of the jitter; random by default.
    pub seed: u64,
    /// This device's clock: milliseconds since 1970.
    pub clock: fn() -> i64,
    /// Address of a hub near by, to which sealed files go when the line to the centre fails.
    pub hub: Option<String>,
    /// What carries requests in place of the network; nothing does by default.
    pub road: Option<Arc<dyn Road>>,
}

impl Default for Options {
    fn default() -> Self {
        let mut seed = [0; 8];
        // Without random bytes the clock spreads offices well enough.
        let filled = getrandom::fill(&mut seed).is_ok();
        let seed = if filled { u64::from_le_bytes(seed) } else { wall_ms().unsigned_abs() };
        let (config, agent) = (Config::default(), crate::agent());
        Self { config, agent, seed, clock: wall_ms, hub: None, road: None }
    }
}

/// One device's synchronisation, a step at a time: [`spawn`] and [`run_once`] have the loop.
pub struct Driver<O> {
    office: Arc<Mutex<O>>,
    line: Line,
    clock: fn() -> i64,
    agent: String,
    engine: Engine,
    origin: Instant,
    speech: Speech,
    /// Entries that may be ordered next.
    ahead: Option<Ahead>,
    parcel: Option<Parcel>,
    hub: Option<Hub>,
    incoming: Option<Incoming>,
    upload_token: Option<String>,
    feed_troubles: FeedTroubles,
    uploads: Uploads,
    /// The document being sent, so that it is read and decrypted once.
    document: Option<(ContentHash, Arc<Vec<u8>>)>,
    publish: watch::Sender<SyncStatus>,
}

impl<O: CourierOffice> Driver<O> {
    /// Ready for its first snapshot.
    ///
    /// # Errors
    /// [`BadAddress`] of the centre.
    pub fn new(
        office: Arc<Mutex<O>>,
        options: &Options,
        publish: watch::Sender<SyncStatus>,
    ) -> Result<Self, BadAddress> {
        let url = locked(&office, |office| office.identity().centre_url.clone());
        let hub =
            options.hub.as_deref().map(|url| Hub::at(options.road.clone(), url, &options.config));
        let hub = hub.and_then(|hub| {
            hub.inspect_err(|error| tracing::warn!(%error, "the hub's address cannot be used")).ok()
        });
        let engine = Engine::new(options.config, options.seed);
        let engine = if hub.is_some() { engine.with_hub() } else { engine };
        Ok(Self {
            office,
            line: Line::over(options.road.clone(), &url, &options.config)?,
            clock: options.clock,
            agent: options.agent.clone(),
            engine,
            origin: Instant::now(),
            speech: Speech::default(),
            ahead: None,
            parcel: None,
            hub,
            incoming: None,
            upload_token: None,
            feed_troubles: FeedTroubles::default(),
            uploads: Uploads::default(),
            document: None,
            publish,
        })
    }

    /// Hands an input to the engine, publishes its report, and gives what is to be done next.
    pub fn decide(&mut self, input: Input) -> Option<Action> {
        let mut next = None;
        for action in self.engine.handle(self.now(), input) {
            match action {
                Action::Report(report) => self.report(report),
                other => next = Some(other),
            }
        }
        next
    }

    /// What decides.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// As last published.
    #[must_use]
    pub fn status(&self) -> SyncStatus {
        self.publish.borrow().clone()
    }

    /// Time since this driver was made, by which the engine goes.
    #[must_use]
    pub fn now(&self) -> Moment {
        self.origin.elapsed()
    }

    pub(crate) fn wall_ms(&self) -> i64 {
        (self.clock)()
    }

    fn report(&self, report: Report) {
        let (now_ms, now) = (self.wall_ms(), self.now());
        let next_try_at = report.next_try.map(|at| {
            let wait = at.saturating_sub(now).as_millis();
            now_ms.saturating_add(i64::try_from(wait).unwrap_or(i64::MAX))
        });
        self.publish.send_modify(|status| {
            let tried = !matches!(status.activity, Activity::Idle | Activity::Waiting);
            status.last_answer = match (report.answer, status.last_answer) {
                (Some(answer), Some(last)) if answer == last.answer && !tried => Some(last),
                (Some(answer), _) => Some(LastAnswer { answer, at: now_ms }),
                (None, _) => None,
            };
            if report.activity != Activity::Uploading {
                status.upload = None;
            }
            // Between two tries it stands where it stands.
            if !matches!(report.activity, Activity::Exchanging | Activity::Waiting) {
                status.sending = None;
            }
            status.activity = report.activity;
            status.next_try_at = next_try_at;
        });
    }

    async fn with_office<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut O) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let office = Arc::clone(&self.office);
        aside(move || locked(&office, work)).await
    }
}

/// Does what takes time on a thread that may take it.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        Err(StoreError::Other { doing: "a step of synchronisation", source: error.into() })
    })
}

/// A panic elsewhere left no half-done transaction behind: the lock's poison is of no interest.
fn locked<O, T>(office: &Mutex<O>, work: impl FnOnce(&mut O) -> T) -> T {
    work(&mut office.lock().unwrap_or_else(PoisonError::into_inner))
}

fn wall_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
