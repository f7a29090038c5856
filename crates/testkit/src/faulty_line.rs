//! A line between an office and a centre as villages have it: slow, far, and cut. A TCP proxy that
//! shapes, cuts and counts, for tests and for measuring.
//!
//! Invariant: it waits for nothing but the line that it models; what is cut when follows from the
//! plan and its seed and from what was sent, never from the clock; every byte that it carried is
//! counted, and none that it did not carry.

mod air;
mod carry;
mod count;
mod plan;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};

use crate::random::Random;
use air::Air;
use count::Tally;

pub use count::{Carried, Counted, Way};
pub use plan::{Cuts, End, Plan, Shape};

/// A proxy at work; ends, with all its connections, when dropped.
#[derive(Debug)]
pub struct FaultyLine {
    address: SocketAddr,
    line: Arc<Line>,
    task: JoinHandle<()>,
}

/// What the connections of a line share.
#[derive(Debug)]
struct Line {
    to: SocketAddr,
    plan: Plan,
    hang_up: Notify,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    random: Random,
    up: Air,
    down: Air,
    tally: Tally,
}

impl FaultyLine {
    /// A line on a port that the system chooses.
    ///
    /// # Errors
    /// When nothing can be listened on.
    pub async fn start(to: SocketAddr, plan: Plan) -> io::Result<Self> {
        Self::start_on(SocketAddr::from(([127, 0, 0, 1], 0)), to, plan).await
    }

    /// A line on a given address, which may be that of an earlier line that has ended.
    ///
    /// # Errors
    /// When it cannot be listened on.
    pub async fn start_on(on: SocketAddr, to: SocketAddr, plan: Plan) -> io::Result<Self> {
        let listener = TcpListener::bind(on).await?;
        let address = listener.local_addr()?;
        let seed = plan.cuts.seed();
        let state = State {
            random: Random::new(seed),
            up: Air::default(),
            down: Air::default(),
            tally: Tally::default(),
        };
        let line = Arc::new(Line { to, plan, hang_up: Notify::new(), state: Mutex::new(state) });
        let task = tokio::spawn(listen(listener, Arc::clone(&line)));
        Ok(Self { address, line, task })
    }

    /// Where to connect to instead of to the centre.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What was carried since the start, or since [`FaultyLine::count_anew`].
    #[must_use]
    pub fn counted(&self) -> Counted {
        self.line.state().tally.counted
    }

    /// Begins to count at nothing, and forgets what was captured. Cuts go on as planned, and are
    /// not forgotten.
    pub fn count_anew(&self) {
        self.line.state().tally.anew();
    }

    /// The bytes themselves, in the order in which they were carried, if the plan asks for them.
    #[must_use]
    pub fn captured(&self) -> Vec<Carried> {
        self.line.state().tally.captured.clone()
    }

    /// Cuts every connection that is open now; it is not counted among the planned cuts.
    pub fn hang_up(&self) {
        self.line.hang_up.notify_waiters();
    }

    /// Ends the line and waits until its port is free.
    pub async fn stopped(mut self) {
        self.task.abort();
        let _ended = (&mut self.task).await;
    }
}

impl Drop for FaultyLine {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Line {
    /// A panic elsewhere leaves the numbers as they are.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn listen(listener: TcpListener, line: Arc<Line>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((near, _)) = accepted {
                    connections.spawn(carry::connection(near, Arc::clone(&line)));
                }
            }
            Some(_ended) = connections.join_next() => {}
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
