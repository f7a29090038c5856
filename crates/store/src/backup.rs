//! Backups of the database, encrypted under the same key, verified before they count.
//!
//! To restore: close the program, see that the directory holds `keys.json` and `documents/`, and
//! call [`restore_backup`] with the newest file of `backups/`. The vault is copied beside the
//! backups, since a backup without its keys opens for nobody.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use crate::connection::{self, Access, DatabaseKey};
use crate::data_key::DataKey;
use crate::error::StoreError;
use crate::store::{DATABASE_FILE, Store, lock, put_aside, quick_check};
use crate::{files, log, vault};

const KEPT: usize = 7;
const PREFIX: &str = "office-";
const SUFFIX: &str = ".db";
const ALL_PAGES: i32 = -1;

/// A backup that is about to be written; needs the store no longer, and so keeps nobody waiting.
pub struct BackupJob {
    database: PathBuf,
    keys: PathBuf,
    key: DatabaseKey,
}

impl Store {
    /// A backup to be written without holding the store: give the job to another thread.
    #[must_use]
    pub fn backup_job(&self) -> BackupJob {
        BackupJob {
            database: self.dir.join(DATABASE_FILE),
            keys: self.dir.join(vault::KEYS_FILE),
            key: self.database_key.clone(),
        }
    }

    /// Writes a backup at once; see [`BackupJob::run`].
    ///
    /// # Errors
    /// As [`BackupJob::run`].
    pub fn backup_to(&self, dir: &Path, now_ms: i64) -> Result<PathBuf, StoreError> {
        self.backup_job().run(dir, now_ms)
    }
}

impl BackupJob {
    /// Writes a backup into `dir` (usually `backups/` of the data directory, or a stick), opens it
    /// again, checks it, compares its head, and keeps the last seven. The office goes on recording
    /// meanwhile. Only while the store is open.
    ///
    /// # Errors
    /// [`StoreError::Full`], [`StoreError::Corrupt`]; older backups are untouched then.
    pub fn run(&self, dir: &Path, now_ms: i64) -> Result<PathBuf, StoreError> {
        files::create_private_dir(dir)?;
        let path = dir.join(file_name(now_ms));
        let unfinished = files::with_suffix(&path, ".part");
        let finished = connection::open(&self.database, &self.key, Access::Read)
            .and_then(|from| copy(&from, &unfinished, &self.key))
            .and_then(|()| Ok(files::rename_durably(&unfinished, &path)?));
        if let Err(error) = finished {
            remove(&unfinished);
            return Err(error);
        }
        if self.keys.exists() {
            files::write_atomically(&dir.join(vault::KEYS_FILE), &fs::read(&self.keys)?)?;
        }
        keep_newest(dir);
        Ok(path)
    }
}

/// Puts a backup in the place of the database of `dir`. The present one, if any, is put aside,
/// never deleted. The centre will find the log shorter than it knows: enrol anew afterwards if
/// anything was acknowledged since.
///
/// # Errors
/// [`StoreError::InUse`], [`StoreError::WrongKey`], [`StoreError::Corrupt`]; nothing was changed.
pub fn restore_backup(dir: &Path, key: &DataKey, backup: &Path) -> Result<(), StoreError> {
    files::create_private_dir(dir)?;
    let _lock = lock(dir)?;
    if !backup.exists() {
        return Err(StoreError::NotFound { what: "backup" });
    }
    let key = DatabaseKey::of(key);
    let from = connection::open(backup, &key, Access::Read)?;
    quick_check(&from, None)?;
    let path = dir.join(DATABASE_FILE);
    let unfinished = files::with_suffix(&path, ".restored");
    copy(&from, &unfinished, &key)?;
    put_aside(dir)?;
    Ok(files::rename_durably(&unfinished, &path)?)
}

/// A copy of the whole database before its tables are changed.
pub(crate) fn before_migration(
    dir: &Path,
    database: &Path,
    key: &DatabaseKey,
) -> Result<(), StoreError> {
    let backups = dir.join("backups");
    files::create_private_dir(&backups)?;
    let path = backups.join("before-migration.db");
    let unfinished = files::with_suffix(&path, ".part");
    copy(&connection::open(database, key, Access::Read)?, &unfinished, key)?;
    Ok(files::rename_durably(&unfinished, &path)?)
}

/// Copies a database under the same key, then opens the copy and compares.
fn copy(from: &Connection, to: &Path, key: &DatabaseKey) -> Result<(), StoreError> {
    remove(to);
    let mut target = connection::open(to, key, Access::Create)?;
    // In one step: a snapshot, which the writer neither disturbs nor waits for.
    match Backup::new(from, &mut target)?.step(ALL_PAGES)? {
        StepResult::Done => {}
        _ => return Err(StoreError::other("copying the database", "it was busy")),
    }
    // One file is the whole backup: no write-ahead log beside it.
    let _: String =
        target.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get("journal_mode"))?;
    target.close().map_err(|(_, error)| error)?;
    let copied = connection::open(to, key, Access::Read)?;
    quick_check(&copied, None)?;
    let head = log::head_in(&copied)?;
    if log::hash_in(from, head.seq)? != Some(head.hash) {
        return Err(StoreError::corrupt("the backup ends elsewhere than the log"));
    }
    Ok(())
}

fn file_name(now_ms: i64) -> String {
    let time = Timestamp::from_millisecond(now_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    format!("{PREFIX}{}{SUFFIX}", time.strftime("%Y%m%dT%H%M%SZ"))
}

/// Deletes all but the newest backups; a file that cannot be deleted is left for the next time.
fn keep_newest(dir: &Path) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    let mut names: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    names.retain(|path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with(PREFIX) && name.ends_with(SUFFIX)
    });
    names.sort();
    for old in names.iter().rev().skip(KEPT) {
        remove(old);
    }
}

fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!(%error, "an old backup was not deleted");
    }
}
