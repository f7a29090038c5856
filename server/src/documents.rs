//! Documents on disk: one folder for each office, each file named by the hash of its bytes, and
//! beside them the parts of those still on their way.
//!
//! Invariant: a file without `.part` is whole, checked against its name, and on the disk.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::OfficeCode;
use sha2::{Digest, Sha256};
use tokio::fs::{self, File, OpenOptions};
use tokio::io::AsyncReadExt;

/// A folder of documents.
pub struct DocumentStore {
    root: PathBuf,
    busy: Arc<Mutex<HashSet<PathBuf>>>,
}

/// Sole right to write one document's part; given back when dropped.
pub struct PartWriter {
    part: PathBuf,
    whole: PathBuf,
    busy: Arc<Mutex<HashSet<PathBuf>>>,
}

impl DocumentStore {
    /// In this folder, which is made when it is missing.
    ///
    /// # Errors
    /// Of the disk.
    pub async fn open(root: &Path) -> io::Result<Self> {
        fs::create_dir_all(root).await?;
        Ok(Self { root: root.to_owned(), busy: Arc::default() })
    }

    /// How much of a document is here, and whether it is whole.
    ///
    /// # Errors
    /// Of the disk.
    pub async fn progress(
        &self,
        office: &OfficeCode,
        hash: ContentHash,
    ) -> io::Result<(u64, bool)> {
        if let Some(bytes) = length(&self.whole(office, hash)).await? {
            return Ok((bytes, true));
        }
        Ok((length(&self.part(office, hash)).await?.unwrap_or(0), false))
    }

    /// The right to write a document's part; `None` while somebody else has it.
    ///
    /// # Errors
    /// Of the disk.
    pub async fn write(
        &self,
        office: &OfficeCode,
        hash: ContentHash,
    ) -> io::Result<Option<PartWriter>> {
        fs::create_dir_all(self.root.join(&office.0)).await?;
        let part = self.part(office, hash);
        let free = self.busy.lock().unwrap_or_else(PoisonError::into_inner).insert(part.clone());
        Ok(free.then(|| PartWriter {
            part,
            whole: self.whole(office, hash),
            busy: self.busy.clone(),
        }))
    }

    /// The bytes of a whole document.
    ///
    /// # Errors
    /// Of the disk.
    pub async fn read(&self, office: &OfficeCode, hash: ContentHash) -> io::Result<Vec<u8>> {
        fs::read(self.whole(office, hash)).await
    }

    fn whole(&self, office: &OfficeCode, hash: ContentHash) -> PathBuf {
        self.root.join(&office.0).join(hash.to_string())
    }

    fn part(&self, office: &OfficeCode, hash: ContentHash) -> PathBuf {
        self.root.join(&office.0).join(format!("{hash}.part"))
    }
}

impl PartWriter {
    /// Opens the part for appending.
    ///
    /// # Errors
    /// Of the disk, as in all that follow.
    pub async fn append(&self) -> io::Result<File> {
        OpenOptions::new().create(true).append(true).open(&self.part).await
    }

    /// Cuts the part back, to undo a chunk that was spoiled on the way.
    ///
    /// # Errors
    /// As [`PartWriter::append`].
    pub async fn cut_back(&self, bytes: u64) -> io::Result<()> {
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(false).open(&self.part).await?;
        file.set_len(bytes).await?;
        file.sync_all().await
    }

    /// Makes a document of a complete part if its bytes give its name; throws the part away when
    /// they do not. Says which.
    ///
    /// # Errors
    /// As [`PartWriter::append`].
    pub async fn finish(&self, hash: ContentHash) -> io::Result<bool> {
        if hash_of(&self.part).await? != hash {
            fs::remove_file(&self.part).await?;
            return Ok(false);
        }
        File::open(&self.part).await?.sync_all().await?;
        fs::rename(&self.part, &self.whole).await?;
        if let Some(folder) = self.whole.parent() {
            // The rename itself must survive a power cut before anybody is told.
            File::open(folder).await?.sync_all().await?;
        }
        Ok(true)
    }
}

impl Drop for PartWriter {
    fn drop(&mut self) {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.part);
    }
}

async fn length(path: &Path) -> io::Result<Option<u64>> {
    match fs::metadata(path).await {
        Ok(found) => Ok(Some(found.len())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

async fn hash_of(path: &Path) -> io::Result<ContentHash> {
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
