//! The counter itself: who is at work, the open store, the clock.
//!
//! Invariant: the store is locked only for as long as a use case reads or writes it, never while a
//! printer or a picture is waited for: the background sync takes turns with the operator.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pishkhan_domain::ids::OperatorId;
use pishkhan_ipc::error::IpcError;
use pishkhan_store::{DataKey, IntegrityJob, Store, StoreError, Vault};

use crate::error::CounterError;
use crate::places::Places;

/// Milliseconds since 1970-01-01T00:00:00Z.
pub type Clock = Box<dyn Fn() -> i64 + Send + Sync>;

/// The office's use cases. Share it in an `Arc`; every command takes `&self`.
pub struct Counter {
    pub(crate) places: Places,
    clock: Clock,
    pub(crate) session: Mutex<Session>,
    /// One paper at a time, so that a copy number that is still claimed when its turn comes is
    /// what a killed process left behind.
    pub(crate) print_turn: Mutex<()>,
    /// One stick at a time.
    courier_turn: Mutex<()>,
    /// Was damage found in the database while it was open?
    damaged: Arc<AtomicBool>,
}

/// What changes between enrolment, unlocking and locking.
#[derive(Default)]
pub(crate) struct Session {
    /// Read at start; none before enrolment.
    pub(crate) vault: Option<Vault>,
    /// From the first unlocking on until the program ends, for the background sync.
    pub(crate) open: Option<Open>,
    /// Who is at work.
    pub(crate) operator: Option<OperatorId>,
}

/// What the first unlocking gave.
pub(crate) struct Open {
    pub(crate) store: Arc<Mutex<Store>>,
    pub(crate) key: DataKey,
}

/// The store and who uses it now.
pub(crate) struct Desk<'a> {
    pub(crate) store: MutexGuard<'a, Store>,
    pub(crate) operator: OperatorId,
    pub(crate) now_ms: i64,
}

impl Counter {
    /// Opens the counter of a data directory by the system's clock; nothing is unlocked yet.
    ///
    /// # Errors
    /// `store.corrupt` when the vault cannot be read, `disk.failed`.
    pub fn open(places: Places) -> Result<Self, IpcError> {
        Self::open_with_clock(places, Box::new(|| jiff::Timestamp::now().as_millisecond()))
    }

    /// As [`Counter::open`], by another clock.
    ///
    /// # Errors
    /// As [`Counter::open`].
    pub fn open_with_clock(places: Places, clock: Clock) -> Result<Self, IpcError> {
        let vault = Vault::open(&places.data_dir)
            .map_err(|error| CounterError::from(error).into_ipc(clock()))?;
        let session = Mutex::new(Session { vault, ..Session::default() });
        Ok(Self {
            places,
            clock,
            session,
            print_turn: Mutex::new(()),
            courier_turn: Mutex::new(()),
            damaged: Arc::default(),
        })
    }

    /// The open store, for the background sync; none before the first unlocking. It stays open
    /// when the session is locked.
    #[must_use]
    pub fn store(&self) -> Option<Arc<Mutex<Store>>> {
        self.session().open.as_ref().map(|open| Arc::clone(&open.store))
    }

    /// The present time, milliseconds since 1970.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        (self.clock)()
    }

    /// Looks for damage beside the work. What is found stops the work as it would have stopped the
    /// start: nothing is built upon a damaged database, and a backup is at hand.
    pub(crate) fn check_beside(&self, job: IntegrityJob) -> Result<(), CounterError> {
        let damaged = Arc::clone(&self.damaged);
        let check = move || match job.run() {
            Err(StoreError::Corrupt { .. }) => {
                tracing::error!("damage was found in the database");
                damaged.store(true, Ordering::Relaxed);
            }
            Err(error) => tracing::error!(?error, "the database cannot be looked at"),
            Ok(()) => {}
        };
        let name = "integrity".to_owned();
        std::thread::Builder::new().name(name).spawn(check).map_err(CounterError::Disk)?;
        Ok(())
    }

    pub(crate) fn courier_turn(&self) -> MutexGuard<'_, ()> {
        self.courier_turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn session(&self) -> MutexGuard<'_, Session> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who is at work, with the store. Kept through a use case, so that locking the screen while
    /// a printer works does not lose what was printed.
    pub(crate) fn seat(&self) -> Result<Seat, IpcError> {
        if self.damaged.load(Ordering::Relaxed) {
            return Err(IpcError::new("store.corrupt"));
        }
        let session = self.session();
        match (&session.open, session.operator) {
            (Some(open), Some(operator)) => {
                Ok(Seat { store: Arc::clone(&open.store), operator, now_ms: self.now_ms() })
            }
            _ => Err(IpcError::new("session.locked")),
        }
    }

    /// Does something with the store on behalf of who is at work.
    pub(crate) fn at_desk<T>(
        &self,
        work: impl FnOnce(&mut Desk<'_>) -> Result<T, CounterError>,
    ) -> Result<T, IpcError> {
        self.seat()?.at_desk(work)
    }
}

/// An operator at work.
pub(crate) struct Seat {
    store: Arc<Mutex<Store>>,
    operator: OperatorId,
    now_ms: i64,
}

impl Seat {
    pub(crate) fn now_ms(&self) -> i64 {
        self.now_ms
    }

    /// For what takes the store for a moment, again and again.
    pub(crate) fn shared_store(&self) -> &Mutex<Store> {
        &self.store
    }

    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        // A panic elsewhere rolled its transaction back; the store itself is whole.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn at_desk<T>(
        &self,
        work: impl FnOnce(&mut Desk<'_>) -> Result<T, CounterError>,
    ) -> Result<T, IpcError> {
        let store = self.store();
        let mut desk = Desk { store, operator: self.operator, now_ms: self.now_ms };
        work(&mut desk).map_err(|error| error.into_ipc(self.now_ms))
    }
}
