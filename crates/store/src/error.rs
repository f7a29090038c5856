//! Why the store did not do what it was asked, split by what the caller would do.

use std::io;

/// What went wrong with the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another instance of the program has the store open: point at its window.
    #[error("another instance has the store open")]
    InUse,
    /// The key does not open the database, or its first page is damaged.
    #[error("the key does not open the database")]
    WrongKey,
    /// There are keys but no database: restore a backup. A fresh one is never made silently.
    #[error("the database is missing")]
    Missing,
    /// There is a database already: nothing is ever overwritten.
    #[error("there is a store already")]
    AlreadyExists,
    /// What is on disk contradicts itself: stop recording, restore a backup.
    #[error("the store is damaged: {what}")]
    Corrupt {
        /// What was found, without personal data.
        what: String,
    },
    /// The disk is full; nothing was changed. Make room and try again.
    #[error("the disk is full")]
    Full,
    /// The centre holds another history of this device, or more of it: enrol anew.
    #[error("the centre holds another history of this device")]
    Fork,
    /// There is no such thing.
    #[error("no such {what}")]
    NotFound {
        /// Application, draft, document, ….
        what: &'static str,
    },
    /// The application does not stand so that the office may do this; nothing was recorded.
    #[error("the application does not stand so that this may be done")]
    NotAllowed,
    /// An entry of more bytes than the centre takes; nothing was recorded.
    #[error("the entry has {bytes} bytes, which is more than the centre takes")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// The database was written by a later version of the program.
    #[error("the database was written by a later version")]
    TooNew,
    /// Anything else: say it failed, keep the source for support.
    #[error("{doing} failed")]
    Other {
        /// What was being done.
        doing: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl StoreError {
    pub(crate) fn corrupt(what: impl Into<String>) -> Self {
        Self::Corrupt { what: what.into() }
    }

    pub(crate) fn other(
        doing: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Other { doing, source: source.into() }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::NotADatabase) => Self::WrongKey,
            Some(ErrorCode::DatabaseCorrupt) => Self::corrupt(error.to_string()),
            _ => Self::other("the database", error),
        }
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::other("the disk", error),
        }
    }
}
