//! Documents on disk: one folder for each office, each file named by the hash of its bytes, and
//! beside them the parts of those still on their way ([`crate::parts`]). What is found damaged is
//! put aside into `.damaged`, so that a whole one can take its place.

use std::io;
use std::path::{Path, PathBuf};

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::OfficeCode;
use tokio::fs;

use crate::disk;
use crate::parts::{PartWriter, Parts, hash_of};

/// Largest document.
pub const MAX_DOCUMENT_BYTES: u64 = 10 * 1024 * 1024;

/// Of a sector that cannot be read any more.
const INPUT_OUTPUT_ERROR: i32 = 5;
const DAMAGED: &str = "damaged";

/// Why a document that had arrived is not to be had any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Its file is gone.
    Missing,
    /// Its file has other bytes, or cannot be read.
    Damaged,
}

/// A folder of documents.
pub struct DocumentStore {
    root: PathBuf,
    parts: Parts,
}

impl DocumentStore {
    /// In this folder, which is made when it is missing.
    ///
    /// # Errors
    /// Of the disk.
    pub async fn open(root: &Path) -> io::Result<Self> {
        fs::create_dir_all(root).await?;
        Ok(Self { root: root.to_owned(), parts: Parts::default() })
    }

    /// A folder beside the offices' for what is on its way: no office is named so.
    #[must_use]
    pub fn beside(&self, name: &str) -> PathBuf {
        self.root.join(format!(".{name}"))
    }

    /// The right to write a document's part; `None` while somebody else does not give it up.
    ///
    /// # Errors
    /// Of the disk.
    pub async fn write(
        &self,
        office: &OfficeCode,
        hash: ContentHash,
    ) -> io::Result<Option<PartWriter>> {
        let whole = self.whole(office, hash);
        self.parts.write(whole.with_extension("part"), whole).await
    }

    /// The bytes of a whole document.
    ///
    /// # Errors
    /// Of the disk.
    pub async fn read(&self, office: &OfficeCode, hash: ContentHash) -> io::Result<Vec<u8>> {
        fs::read(self.whole(office, hash)).await
    }

    /// The bytes of a whole document if they give its name, or what is wrong with it.
    ///
    /// # Errors
    /// Of the disk, when that says nothing of this document: no rights, too many open files, or
    /// the whole folder is not there, as when a disk was not mounted.
    pub async fn read_sound(
        &self,
        office: &OfficeCode,
        hash: ContentHash,
    ) -> io::Result<Result<Vec<u8>, Flaw>> {
        let bytes = match self.judged(office, self.read(office, hash).await).await? {
            Ok(bytes) => bytes,
            Err(flaw) => return Ok(Err(flaw)),
        };
        // Up to ten megabytes are hashed where nobody waits for the thread.
        let hashed = move || (ContentHash::of(&bytes) == hash).then_some(bytes);
        let sound = tokio::task::spawn_blocking(hashed).await.map_err(io::Error::other)?;
        Ok(sound.ok_or(Flaw::Damaged))
    }

    /// What is wrong with a document that had arrived, if anything.
    ///
    /// # Errors
    /// As [`DocumentStore::read_sound`].
    pub async fn flaw(&self, office: &OfficeCode, hash: ContentHash) -> io::Result<Option<Flaw>> {
        let read = hash_of(&self.whole(office, hash)).await;
        Ok(match self.judged(office, read).await? {
            Ok(found) if found == hash => None,
            Ok(_) => Some(Flaw::Damaged),
            Err(flaw) => Some(flaw),
        })
    }

    async fn judged<T>(
        &self,
        office: &OfficeCode,
        read: io::Result<T>,
    ) -> io::Result<Result<T, Flaw>> {
        match read {
            Ok(read) => Ok(Ok(read)),
            Err(error) if error.raw_os_error() == Some(INPUT_OUTPUT_ERROR) => {
                Ok(Err(Flaw::Damaged))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                match fs::try_exists(self.root.join(&office.0)).await? {
                    true => Ok(Err(Flaw::Missing)),
                    false => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }

    /// Takes a damaged document out of the way. Call with the right to write it.
    ///
    /// # Errors
    /// Of the disk.
    pub async fn put_aside(&self, office: &OfficeCode, hash: ContentHash) -> io::Result<()> {
        let aside = self.beside(DAMAGED).join(&office.0).join(hash.to_string());
        match disk::move_to(&self.whole(office, hash), &aside).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn whole(&self, office: &OfficeCode, hash: ContentHash) -> PathBuf {
        self.root.join(&office.0).join(hash.to_string())
    }
}
