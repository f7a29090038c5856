//! Running it: in the background of the window, or once for the command line.

use std::sync::{Arc, Mutex};

use pishkhan_protocol::columns;
use tokio::runtime::Handle;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use super::{Driver, Options};
use crate::courier::CourierOffice;
use crate::engine::{Action, Activity, Answer, Input, Moment};
use crate::line::BadAddress;
use crate::status::SyncStatus;

/// The background task of a device. Dropping it stops the task.
#[derive(Debug)]
pub struct SyncHandle {
    signals: Arc<Signals>,
    status: watch::Receiver<SyncStatus>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Signals {
    woken: Notify,
    asked: Notify,
    stopped: Notify,
}

impl SyncHandle {
    /// A new entry or document is in the store: it goes at once if the line is known to be good.
    pub fn wake(&self) {
        self.signals.woken.notify_one();
    }

    /// The operator asks for a try now. Shortens any wait but one that the centre ordered.
    pub fn try_now(&self) {
        self.signals.asked.notify_one();
    }

    /// Ends the task; what is on the way is dropped, which loses nothing.
    pub fn stop(&self) {
        self.signals.stopped.notify_one();
    }

    /// Ends the task and waits until it has let go of the store.
    pub async fn stopped(mut self) {
        self.stop();
        let _ended = (&mut self.task).await;
    }

    /// The state now.
    #[must_use]
    pub fn status(&self) -> SyncStatus {
        self.status.borrow().clone()
    }

    /// The state and its changes.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<SyncStatus> {
        self.status.clone()
    }
}

impl Drop for SyncHandle {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Starts the background task of a device.
///
/// # Errors
/// [`BadAddress`] of the centre.
pub fn spawn<O: CourierOffice>(
    runtime: &Handle,
    office: Arc<Mutex<O>>,
    options: Options,
) -> Result<SyncHandle, BadAddress> {
    let (publish, status) = watch::channel(SyncStatus::at_start());
    let driver = {
        let _entered = runtime.enter();
        Driver::new(office, &options, publish)?
    };
    let signals = Arc::new(Signals::default());
    runtime.spawn_blocking(columns::prepare);
    let task = runtime.spawn(run(driver, Arc::clone(&signals)));
    Ok(SyncHandle { signals, status, task })
}

async fn run<O: CourierOffice>(mut driver: Driver<O>, signals: Arc<Signals>) {
    tokio::select! {
        () = signals.stopped.notified() => {}
        () = for_ever(&mut driver, &signals) => {}
    }
}

async fn for_ever<O: CourierOffice>(driver: &mut Driver<O>, signals: &Signals) {
    let mut input = seen(driver, Input::Snapshot).await;
    loop {
        input = match driver.decide(input) {
            Some(Action::Sleep { until }) => tokio::select! {
                () = signals.asked.notified() => seen(driver, Input::Asked).await,
                () = signals.woken.notified() => seen(driver, Input::Snapshot).await,
                () = wait(driver.instant(until)) => Input::Tick,
            },
            Some(action) => driver.perform(action).await,
            None => Input::Tick,
        }
    }
}

async fn seen<O: CourierOffice>(
    driver: &Driver<O>,
    input: fn(crate::engine::StoreSnapshot) -> Input,
) -> Input {
    driver.snapshot().await.map_or(Input::Tick, input)
}

async fn wait(until: Option<Instant>) {
    match until {
        Some(until) => sleep_until(until).await,
        None => std::future::pending().await,
    }
}

impl<O: CourierOffice> Driver<O> {
    fn instant(&self, until: Option<Moment>) -> Option<Instant> {
        until.and_then(|until| self.origin.checked_add(until))
    }
}

/// What came of [`run_once`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The centre has everything and was asked for news.
    pub finished: bool,
    /// Stopped until somebody acts.
    pub stopped: bool,
    /// The last answer.
    pub answer: Option<Answer>,
    /// Entries that the centre newly acknowledged.
    pub entries: u64,
    /// Documents that arrived whole.
    pub documents: u64,
}

/// Sends and fetches until nothing waits or something fails, without waiting for anything but the
/// network, and for a moment after a cut before which something arrived.
///
/// # Errors
/// [`BadAddress`] of the centre.
pub async fn run_once<O: CourierOffice>(
    office: Arc<Mutex<O>>,
    options: Options,
) -> Result<Outcome, BadAddress> {
    let (publish, _status) = watch::channel(SyncStatus::at_start());
    let mut driver = Driver::new(office, &options, publish)?;
    let mut input = seen(&driver, Input::Snapshot).await;
    loop {
        input = match driver.decide(input) {
            Some(Action::Sleep { until }) if driver.engine().retries_soon() => {
                wait(driver.instant(until)).await;
                Input::Tick
            }
            Some(Action::Sleep { .. }) | None => break,
            Some(action) => driver.perform(action).await,
        }
    }
    let status = driver.status();
    let answer = status.last_answer.map(|last| last.answer);
    Ok(Outcome {
        finished: answer == Some(Answer::CentreOk) && driver.engine().drained(),
        stopped: status.activity == Activity::Stopped,
        answer,
        entries: status.changes.acknowledged,
        documents: status.changes.documents,
    })
}
