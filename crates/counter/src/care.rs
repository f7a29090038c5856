//! Care of the store: backups, and a walk along the whole log.

use std::path::{Path, PathBuf};

use pishkhan_ipc::error::IpcError;
use pishkhan_store::{KeptRoot, LogCheck};

use crate::counter::Counter;
use crate::error::CounterError;

impl Counter {
    /// Writes a verified, encrypted backup of the database into a directory; gives its file.
    ///
    /// # Errors
    /// `session.locked`, `disk.full`, `store.corrupt`.
    pub fn backup(&self, dir: &Path) -> Result<PathBuf, IpcError> {
        self.at_desk(|desk| Ok(desk.store.backup_to(dir, desk.now_ms)?))
    }

    /// Roots of days that the centre signed, as they came, oldest first: evidence for an auditor.
    ///
    /// # Errors
    /// `session.locked`.
    pub fn day_roots(&self) -> Result<Vec<KeptRoot>, IpcError> {
        self.at_desk(|desk| Ok(desk.store.day_roots()?))
    }

    /// Links every entry of the log anew; gives how many there are.
    ///
    /// # Errors
    /// `store.corrupt` when an entry does not follow from the one before; `session.locked`.
    pub fn log_check(&self) -> Result<u64, IpcError> {
        self.at_desk(|desk| match desk.store.verify_log()? {
            LogCheck::Sound { head } => Ok(head.seq),
            LogCheck::BadEntry { seq } => {
                tracing::error!(seq, "an entry of the log does not follow from the one before");
                Err(CounterError::told("store.corrupt"))
            }
        })
    }
}
