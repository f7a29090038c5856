//! Files on their way: written piece by piece into a part, and named by the hash of their bytes.
//!
//! Invariants: a file without `.part` was whole when it was put there, checked against its name, and
//! on the disk; whoever goes by it later without having marked it checks it again. One
//! request at a time writes a part; a newer one takes it over, since after a cut the older one
//! waits for bytes that never come.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pishkhan_domain::content_hash::ContentHash;
use sha2::{Digest, Sha256};
use tokio::fs::{self, File, OpenOptions};
use tokio::io::AsyncReadExt;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard, watch};

use crate::disk;

/// How long the older writer may take to put what it has on the disk.
const HANDING_OVER: Duration = Duration::from_secs(10);

/// Who writes which part.
#[derive(Clone, Default)]
pub struct Parts {
    turns: Arc<Mutex<HashMap<PathBuf, Turn>>>,
}

struct Turn {
    writing: Arc<AsyncMutex<()>>,
    /// Number of the newest request.
    newest: watch::Sender<u64>,
}

/// Sole right to write one part; given back when dropped.
pub struct PartWriter {
    part: PathBuf,
    whole: PathBuf,
    number: u64,
    newest: watch::Receiver<u64>,
    writing: Option<OwnedMutexGuard<()>>,
    parts: Parts,
}

impl Parts {
    /// The right to write a part; whoever has it is asked to stop. `None` if that takes too long,
    /// or a still newer request came.
    ///
    /// # Errors
    /// Of the disk.
    pub async fn write(&self, part: PathBuf, whole: PathBuf) -> io::Result<Option<PartWriter>> {
        if let Some(folder) = part.parent() {
            fs::create_dir_all(folder).await?;
        }
        let (number, newest, writing) = self.ask(&part);
        let mut writer =
            PartWriter { part, whole, number, newest, writing: None, parts: self.clone() };
        match tokio::time::timeout(HANDING_OVER, writing.lock_owned()).await {
            Ok(writing) => writer.writing = Some(writing),
            Err(_) => return Ok(None),
        }
        Ok(Some(writer))
    }

    /// Counted and listening before anybody can tidy up.
    fn ask(&self, part: &Path) -> (u64, watch::Receiver<u64>, Arc<AsyncMutex<()>>) {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Turn { writing: Arc::default(), newest: watch::channel(0).0 };
        let turn = turns.entry(part.to_owned()).or_insert_with(new);
        turn.newest.send_modify(|newest| *newest += 1);
        let newest = turn.newest.subscribe();
        let number = *newest.borrow();
        (number, newest, turn.writing.clone())
    }
}

impl PartWriter {
    /// Resolves when a newer request asks for the part.
    pub async fn superseded(&mut self) {
        let number = self.number;
        if self.newest.wait_for(|newest| *newest > number).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Is the whole here already? One that nobody has marked is read again: a disk may have changed
    /// it since, and then it is thrown away.
    ///
    /// # Errors
    /// Of the disk, as in all that follow.
    pub async fn is_whole(&self, hash: ContentHash) -> io::Result<bool> {
        match hash_of(&self.whole).await {
            Ok(found) if found == hash => Ok(true),
            Ok(_) => {
                tracing::warn!(%hash, "a file does not give its name any more");
                disk::remove(&self.whole).await?;
                Ok(false)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Length of the part.
    ///
    /// # Errors
    /// As [`PartWriter::is_whole`].
    pub async fn length(&self) -> io::Result<u64> {
        Ok(disk::length(&self.part).await?.unwrap_or(0))
    }

    /// Opens the part for appending.
    ///
    /// # Errors
    /// As [`PartWriter::is_whole`].
    pub async fn append(&self) -> io::Result<File> {
        disk::before_writing(&self.part)?;
        OpenOptions::new().create(true).append(true).open(&self.part).await
    }

    /// Cuts the part back, to undo a chunk that was spoiled on the way.
    ///
    /// # Errors
    /// As [`PartWriter::is_whole`].
    pub async fn cut_back(&self, bytes: u64) -> io::Result<()> {
        disk::before_writing(&self.part)?;
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(false).open(&self.part).await?;
        file.set_len(bytes).await?;
        file.sync_all().await
    }

    /// Throws the part away.
    ///
    /// # Errors
    /// As [`PartWriter::is_whole`].
    pub async fn discard(&self) -> io::Result<()> {
        disk::remove(&self.part).await
    }

    /// Makes a file of a complete part if its bytes give its name; throws the part away when they
    /// do not. Says which.
    ///
    /// # Errors
    /// As [`PartWriter::is_whole`].
    pub async fn finish(&self, hash: ContentHash) -> io::Result<bool> {
        if hash_of(&self.part).await? != hash {
            disk::remove(&self.part).await?;
            return Ok(false);
        }
        File::open(&self.part).await?.sync_all().await?;
        disk::move_to(&self.part, &self.whole).await?;
        Ok(true)
    }
}

impl Drop for PartWriter {
    fn drop(&mut self) {
        self.writing = None;
        let mut turns = self.parts.turns.lock().unwrap_or_else(PoisonError::into_inner);
        // Every other request for this part still listens; the last one tidies up.
        if turns.get(&self.part).is_some_and(|turn| turn.newest.receiver_count() == 1) {
            turns.remove(&self.part);
        }
    }
}

/// Hash of a file.
///
/// # Errors
/// Of the disk.
pub(crate) async fn hash_of(path: &Path) -> io::Result<ContentHash> {
    let mut file = File::open(path).await?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match file.read(&mut buffer).await? {
            0 => return Ok(ContentHash(hasher.finalize().into())),
            read => hasher.update(&buffer[..read]),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_newer_request_takes_over_and_nothing_is_left_behind() {
        let folder = tempfile::tempdir().unwrap();
        let parts = Parts::default();
        let take = || parts.write(folder.path().join("a.part"), folder.path().join("a"));
        let mut first = take().await.unwrap().unwrap();
        let other = parts.write(folder.path().join("b.part"), folder.path().join("b"));
        assert!(other.await.unwrap().is_some(), "another part is free");
        let second = async { take().await.unwrap().unwrap() };
        let first = async move {
            first.superseded().await;
            drop(first);
        };
        let ((), second) = tokio::join!(first, second);
        assert_eq!(parts.turns.lock().unwrap().len(), 1);
        drop(second);
        assert!(parts.turns.lock().unwrap().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_writer_that_does_not_stop_keeps_its_part() {
        let folder = tempfile::tempdir().unwrap();
        let parts = Parts::default();
        let take = || parts.write(folder.path().join("a.part"), folder.path().join("a"));
        let first = take().await.unwrap().unwrap();
        assert!(take().await.unwrap().is_none());
        drop(first);
        assert!(take().await.unwrap().is_some());
    }
}
