//! Backups of a centre: its database and its documents, written while it serves, read back, and
//! only then called safe.
//!
//! Invariant: what is told to offices as safe was stored before the copy began, and the copy was
//! read back whole. A restored centre begins a new epoch, so that offices send again what it lost.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use pishkhan_domain::content_hash::ContentHash;
use serde::{Deserialize, Serialize};
use tokio::fs;

use crate::disk;
use crate::parts::hash_of;
use crate::secret::{hex, random};
use crate::storage::{self, SharedStorage, StorageError, audit_log, embedded, identity, safe};

mod papers;
mod postgresql;

/// Why there is no backup, or nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The disk.
    #[error("the disk")]
    Disk(#[from] io::Error),
    /// A program of PostgreSQL.
    #[error("{0}: {1}")]
    Program(&'static str, String),
    /// There is something already where it would be restored to.
    #[error("{0} is not empty: restore into an empty database, then let the centre use that one")]
    NotEmpty(String),
    /// Not what the note beside it says.
    #[error("{0} is not what was written: take another backup")]
    Damaged(PathBuf),
    /// The note beside it is missing or not one.
    #[error("{0} has no note beside it ({1}): it is not a backup that was finished")]
    Unfinished(PathBuf, PathBuf),
    /// A dump of the one store cannot go into the other.
    #[error("this is a backup of a {0} database, and {1} is not one")]
    OtherStore(&'static str, String),
    /// The system has no randomness.
    #[error("no randomness")]
    Randomness(#[from] getrandom::Error),
}

/// What is written beside a backup when it is finished.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// `postgresql` or `sqlite`.
    pub store: String,
    /// When it was begun, milliseconds since 1970.
    pub made_at: i64,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Its length.
    pub bytes: u64,
    /// Entries of devices' logs that it surely has.
    pub entries: u64,
    /// Documents beside it.
    pub documents: u64,
}

/// A backup that was finished.
#[derive(Debug)]
pub struct Written {
    /// The file.
    pub file: PathBuf,
    /// The note.
    pub note: Note,
    /// Documents at the centre whose bytes do not give their names.
    pub damaged: Vec<PathBuf>,
}

/// A backup to be made.
pub struct Order<'a> {
    /// Address of the database.
    pub database: &'a str,
    /// Folder of the documents, if they are to be copied too.
    pub documents: Option<&'a Path>,
    /// Where backups are.
    pub folder: &'a Path,
    /// How many stay.
    pub keep: usize,
    /// Centre's clock.
    pub now: i64,
}

fn is_postgresql(database: &str) -> bool {
    database.starts_with("postgres://") || database.starts_with("postgresql://")
}

/// Writes a backup, reads it back, and tells the centre how far it is safe.
///
/// # Errors
/// [`BackupError`]; then nothing counts as safe that did not before.
pub async fn write(storage: &SharedStorage, order: &Order<'_>) -> Result<Written, BackupError> {
    let postgresql = is_postgresql(order.database);
    fs::create_dir_all(order.folder).await?;
    let at = Timestamp::from_millisecond(order.now).unwrap_or_default();
    let ending = if postgresql { "dump" } else { "db" };
    let file = order.folder.join(format!("pishkhan-{}.{ending}", at.strftime("%Y%m%dT%H%M%SZ")));
    let part = file.with_extension(format!("{ending}.part"));
    disk::remove(&part).await?;
    // Before the copy begins: it has all of this, and perhaps more.
    let stored = safe::stored(storage.read().await?.as_mut()).await?;
    make_private(&part).await?;
    if postgresql {
        postgresql::dump(order.database, &part).await?;
        postgresql::read_back(&part).await?;
    } else {
        embedded::copy(Path::new(order.database), &part).await?;
    }
    fs::File::open(&part).await?.sync_all().await?;
    disk::move_to(&part, &file).await?;
    let (documents, damaged) = match order.documents {
        Some(documents) => papers::copy(documents, &order.folder.join(DOCUMENTS)).await?,
        None => (0, Vec::new()),
    };
    let note = Note {
        store: if postgresql { POSTGRESQL } else { SQLITE }.to_owned(),
        made_at: order.now,
        sha256: hash_of(&file).await?.to_string(),
        bytes: disk::length(&file).await?.unwrap_or(0),
        entries: stored.iter().map(|(_, _, seq)| seq).sum(),
        documents,
    };
    let text = serde_json::to_vec_pretty(&note).unwrap_or_default();
    disk::put(&note_of(&file), &text).await?;
    safe::mark(storage, &stored, order.now).await?;
    let mut unit = storage.begin().await?;
    let name = disk::name_of(&file);
    audit_log::record_order_of(unit.as_mut(), "centre.backed_up", &name, &note.sha256, order.now)
        .await?;
    unit.commit().await?;
    prune(order.folder, order.keep).await?;
    Ok(Written { file, note, damaged })
}

/// The name of the folder of documents beside backups.
const DOCUMENTS: &str = "documents";
const POSTGRESQL: &str = "postgresql";
const SQLITE: &str = "sqlite";

fn note_of(file: &Path) -> PathBuf {
    file.with_extension("json")
}

/// Nobody else on the machine reads it: it has the centre's key and personal data.
async fn make_private(part: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true).mode(0o600).open(part).await.map(drop)
}

/// Removes all but the newest backups; documents stay, since any backup may name them.
async fn prune(folder: &Path, keep: usize) -> io::Result<()> {
    let mut backups: Vec<PathBuf> = disk::files(folder)
        .await?
        .into_iter()
        .map(|found| found.path)
        .filter(|path| {
            let name = disk::name_of(path);
            name.starts_with("pishkhan-") && (name.ends_with(".dump") || name.ends_with(".db"))
        })
        .collect();
    backups.sort();
    for old in backups.iter().rev().skip(keep.max(1)) {
        disk::remove(old).await?;
        disk::remove(&note_of(old)).await?;
    }
    Ok(())
}

/// Restores a backup into an empty database, and begins a new epoch there; gives the epoch.
///
/// # Errors
/// [`BackupError`].
pub async fn restore(
    file: &Path,
    database: &str,
    documents: Option<&Path>,
    now: i64,
) -> Result<[u8; 16], BackupError> {
    let note = read_note(file).await?;
    let sound = disk::length(file).await? == Some(note.bytes)
        && note.sha256.parse().ok() == Some(hash_of(file).await?);
    if !sound {
        return Err(BackupError::Damaged(file.to_owned()));
    }
    match (note.store.as_str(), is_postgresql(database)) {
        (POSTGRESQL, true) => postgresql::restore(file, database).await?,
        (SQLITE, false) => {
            let target = Path::new(database);
            if disk::length(target).await?.is_some() {
                return Err(BackupError::NotEmpty(database.to_owned()));
            }
            embedded::copy(file, target).await?;
        }
        (POSTGRESQL, false) => {
            return Err(BackupError::OtherStore("PostgreSQL", database.to_owned()));
        }
        _ => return Err(BackupError::OtherStore("SQLite", database.to_owned())),
    }
    if let Some(documents) = documents {
        let beside = file.parent().unwrap_or(Path::new(".")).join(DOCUMENTS);
        papers::copy(&beside, documents).await?;
    }
    let storage = storage::open(database).await?;
    let epoch = random()?;
    let mut unit = storage.begin().await?;
    identity::set_epoch(unit.as_mut(), epoch).await?;
    audit_log::record_order(unit.as_mut(), "centre.restored", &hex(&epoch), now).await?;
    unit.commit().await?;
    Ok(epoch)
}

async fn read_note(file: &Path) -> Result<Note, BackupError> {
    let path = note_of(file);
    let unfinished = || BackupError::Unfinished(file.to_owned(), path.clone());
    match fs::read(&path).await {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|_| unfinished()),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(unfinished()),
        Err(error) => Err(error.into()),
    }
}

/// Does a file give its name?
async fn gives_its_name(path: &Path, hash: ContentHash) -> io::Result<bool> {
    Ok(hash_of(path).await? == hash)
}
