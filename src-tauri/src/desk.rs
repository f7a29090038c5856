//! What the shell holds: the counter, and the background synchronisation once the store is open.

use std::sync::{Arc, Mutex, PoisonError};

use pishkhan_counter::{Counter, Places, SyncActivity};
use pishkhan_ipc::error::IpcError;
use pishkhan_sync::{Options, SyncHandle};
use tauri::AppHandle;

use crate::heard::Heard;
use crate::telling;

/// The shell's state.
pub(crate) struct Desk {
    app: AppHandle,
    /// Why there is no counter is the answer to every command, so that the window can show it.
    counter: Result<Arc<Counter>, IpcError>,
    sync: Mutex<Option<SyncHandle>>,
    heard: Arc<Mutex<Heard>>,
}

impl Desk {
    pub(crate) fn open(app: &AppHandle, places: Places) -> Self {
        let counter = Counter::open(places).map(Arc::new);
        if let Err(error) = &counter {
            tracing::error!(code = error.code, "the office's data cannot be opened");
        }
        Self { app: app.clone(), counter, sync: Mutex::new(None), heard: Arc::default() }
    }

    pub(crate) fn counter(&self) -> Result<Arc<Counter>, IpcError> {
        self.counter.clone()
    }

    /// Starts synchronising, if the store is open and it has not been started before.
    pub(crate) fn start_sync(&self) {
        let mut sync = self.sync.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(store) = self.counter.as_ref().ok().and_then(|counter| counter.store()) else {
            return;
        };
        if sync.is_some() {
            return;
        }
        let runtime = tauri::async_runtime::handle();
        let settings = self.counter().and_then(|counter| counter.settings_get());
        let hub = settings.ok().map(|settings| settings.hub_url).filter(|url| !url.is_empty());
        let options = Options { hub, ..Options::default() };
        match pishkhan_sync::spawn(runtime.inner(), store, options) {
            Ok(handle) => {
                let heard = Arc::clone(&self.heard);
                let watched = telling::relay(self.app.clone(), handle.subscribe(), heard);
                tauri::async_runtime::spawn(watched);
                *sync = Some(handle);
            }
            Err(error) => tracing::error!(%error, "synchronisation cannot start"),
        }
    }

    /// Starts synchronising anew, by what the settings say now.
    pub(crate) async fn restart_sync(&self) {
        let running = self.sync.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(running) = running {
            running.stopped().await;
        }
        self.start_sync();
    }

    /// Something new is on the disk: it goes at once if the line is good.
    pub(crate) fn wake_sync(&self) {
        self.with_sync(SyncHandle::wake);
    }

    /// The operator asks for a try now.
    pub(crate) fn sync_now(&self) {
        self.with_sync(SyncHandle::try_now);
    }

    /// What the engine said last.
    pub(crate) fn sync_activity(&self) -> SyncActivity {
        let Some(status) = self.with_sync(SyncHandle::status) else {
            return SyncActivity::default();
        };
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        telling::activity(status, &mut heard)
    }

    fn with_sync<T>(&self, act: impl FnOnce(&SyncHandle) -> T) -> Option<T> {
        self.sync.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(act)
    }
}

/// Does what may wait for the disk, a printer or a picture where nobody else waits for it.
///
/// # Errors
/// Those of the work; `internal.failed` if it panicked.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, IpcError> + Send + 'static,
) -> Result<T, IpcError> {
    tauri::async_runtime::spawn_blocking(work).await.unwrap_or_else(|error| {
        tracing::error!(%error, "a command broke off");
        Err(IpcError::new("internal.failed"))
    })
}
