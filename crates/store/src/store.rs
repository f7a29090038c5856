//! Opening and creating the store.
//!
//! Invariant: the directory's lock is held before the database is touched and until it is closed;
//! a database is either whole or not there, and is never made where one was lost.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use rusqlite::{Connection, named_params};
use zeroize::Zeroizing;

use crate::connection::{self, Access, DatabaseKey};
use crate::data_key::DataKey;
use crate::error::StoreError;
use crate::files;
use crate::identity::Identity;
use crate::{projection, schema, vault};

pub(crate) const DATABASE_FILE: &str = "office.db";
/// What a database in WAL mode consists of, by the ends of the files' names.
const PARTS: [&str; 3] = ["-wal", "-shm", ""];
const LOCK_FILE: &str = "office.lock";
/// What a start may spend on looking for damage: enough for an ordinary office. In a big one it
/// would keep the operator waiting, and so what is left is looked at by [`IntegrityJob`].
const START_CHECK: Duration = Duration::from_millis(400);
/// `PRAGMA synchronous`: FULL; less may lose the last commits in a power cut.
const FULL: i64 = 2;

/// The open store. `Send`, not `Sync`: put it behind one lock; every call is short.
pub struct Store {
    pub(crate) identity: Identity,
    pub(crate) dir: PathBuf,
    /// The second connection: reads what is committed, and cannot write. Before the writer, so
    /// that the writer is closed last and folds the write-ahead log into the database.
    pub(crate) reader: Connection,
    pub(crate) writer: Connection,
    pub(crate) database_key: DatabaseKey,
    pub(crate) document_key: Zeroizing<[u8; 32]>,
    /// Was the whole database looked at when it was opened?
    pub(crate) checked: bool,
    // Last, so that it is let go after the connections are closed.
    _lock: File,
}

impl Store {
    /// Makes the store of a device that was just enrolled, before its vault. A database that is
    /// there without a vault is left from an enrolment that was cut (no key opens it); it is put
    /// aside.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`], [`StoreError::InUse`], [`StoreError::Full`].
    pub fn create(dir: &Path, key: &DataKey, identity: &Identity) -> Result<Self, StoreError> {
        files::create_private_dir(dir)?;
        let lock = lock(dir)?;
        if dir.join(vault::KEYS_FILE).exists() {
            return Err(StoreError::AlreadyExists);
        }
        put_aside(dir)?;
        let path = dir.join(DATABASE_FILE);
        let unfinished = files::with_suffix(&path, ".new");
        remove_if_there(&unfinished)?;
        remove_if_there(&files::with_suffix(&unfinished, "-journal"))?;
        let database_key = DatabaseKey::of(key);
        let mut connection = connection::open(&unfinished, &database_key, Access::Create)?;
        schema::create(&mut connection)?;
        identity.insert(&connection)?;
        connection
            .execute(
                "INSERT INTO sync_state (id, epoch) VALUES (1, :epoch)",
                named_params! { ":epoch": identity.epoch },
            )
            .and_then(|_| {
                connection.execute(
                    "INSERT INTO projection (id, version) VALUES (1, :version)",
                    named_params! { ":version": projection::VERSION },
                )
            })?;
        connection.close().map_err(|(_, error)| error)?;
        files::rename_durably(&unfinished, &path)?;
        Self::open_locked(dir, key, lock)
    }

    /// Opens the store, looks for damage, and brings its tables up to date.
    ///
    /// # Errors
    /// [`StoreError::InUse`], [`StoreError::Missing`], [`StoreError::WrongKey`],
    /// [`StoreError::Corrupt`], [`StoreError::TooNew`].
    pub fn open(dir: &Path, key: &DataKey) -> Result<Self, StoreError> {
        if !dir.is_dir() {
            return Err(StoreError::Missing);
        }
        let lock = lock(dir)?;
        Self::open_locked(dir, key, lock)
    }

    fn open_locked(dir: &Path, key: &DataKey, lock: File) -> Result<Self, StoreError> {
        let path = dir.join(DATABASE_FILE);
        if !path.exists() {
            return Err(StoreError::Missing);
        }
        let database_key = DatabaseKey::of(key);
        let mut writer = connection::open(&path, &database_key, Access::Write)?;
        let checked = quick_check(&writer, Some(START_CHECK))?;
        schema::migrate(&mut writer, || {
            crate::backup::before_migration(dir, &path, &database_key)
        })?;
        let reader = connection::open(&path, &database_key, Access::Read)?;
        let mut store = Self {
            identity: Identity::read(&reader)?,
            dir: dir.to_owned(),
            writer,
            reader,
            database_key,
            document_key: key.derive(b"pishkhan/documents/v1"),
            checked,
            _lock: lock,
        };
        store.rebuild_outdated_projections()?;
        Ok(store)
    }

    /// Who this device is.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Is every commit on the disk before it is answered, so that it survives a power cut?
    #[must_use]
    pub fn survives_power_cut(&self) -> bool {
        let level = self.writer.pragma_query_value(None, "synchronous", |row| row.get::<_, i64>(0));
        level.is_ok_and(|level| level >= FULL)
    }

    /// Looks for damage in the whole database, however long it takes; weekly is enough.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn check_integrity(&self) -> Result<(), StoreError> {
        quick_check(&self.reader, None).map(drop)
    }

    /// What the check at the start had no time for: none when the whole was looked at.
    #[must_use]
    pub fn unfinished_check(&self) -> Option<IntegrityJob> {
        let database = self.dir.join(DATABASE_FILE);
        (!self.checked).then(|| IntegrityJob { database, key: self.database_key.clone() })
    }
}

/// Looking for damage without holding the store, and so without keeping anybody waiting: give it to
/// another thread. Only while the store is open.
pub struct IntegrityJob {
    database: PathBuf,
    key: DatabaseKey,
}

impl IntegrityJob {
    /// Looks at the whole database; the office goes on recording meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn run(&self) -> Result<(), StoreError> {
        quick_check(&connection::open(&self.database, &self.key, Access::Read)?, None).map(drop)
    }
}

/// Takes the directory's lock; the system lets it go when the process ends, however it ends.
pub(crate) fn lock(dir: &Path) -> Result<File, StoreError> {
    let path = dir.join(LOCK_FILE);
    let file = File::options().create(true).truncate(false).write(true).open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Moves the database of `dir`, or what is left of one, to names beside it. Nothing is ever
/// deleted; and a write-ahead log that stayed would be taken for the next database's own.
pub(crate) fn put_aside(dir: &Path) -> Result<(), StoreError> {
    let path = dir.join(DATABASE_FILE);
    let free = (1_u32..)
        .map(|number| files::with_suffix(&path, &format!(".aside-{number}")))
        .find(|name| PARTS.iter().all(|part| !files::with_suffix(name, part).exists()))
        .ok_or_else(|| StoreError::other("putting the database aside", "no free name"))?;
    for part in PARTS {
        let from = files::with_suffix(&path, part);
        if from.exists() {
            files::rename_durably(&from, &files::with_suffix(&free, part))?;
        }
    }
    Ok(())
}

fn remove_if_there(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// SQLite's own check, which with SQLCipher also verifies the seal of every page. False when the
/// budget was too short for the whole.
pub(crate) fn quick_check(
    connection: &Connection,
    budget: Option<Duration>,
) -> Result<bool, StoreError> {
    let interrupt = connection.get_interrupt_handle();
    let (done, waiting) = mpsc::channel::<()>();
    let watchdog = budget.map(|budget| {
        std::thread::spawn(move || {
            if waiting.recv_timeout(budget) == Err(mpsc::RecvTimeoutError::Timeout) {
                interrupt.interrupt();
            }
        })
    });
    let answer = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>("quick_check"));
    drop(done);
    if let Some(watchdog) = watchdog {
        let _ = watchdog.join();
    }
    match answer {
        Ok(answer) if answer == "ok" => Ok(true),
        Ok(damage) => Err(StoreError::corrupt(damage)),
        Err(error)
            if error.sqlite_error_code() == Some(rusqlite::ErrorCode::OperationInterrupted) =>
        {
            Ok(false)
        }
        // The key has opened the first page already, so this is another page.
        Err(error) => match StoreError::from(error) {
            StoreError::WrongKey => Err(StoreError::corrupt("a page does not open")),
            other => Err(other),
        },
    }
}
