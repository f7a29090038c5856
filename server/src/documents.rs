//! Documents on disk: one folder for each office, each file named by the hash of its bytes, and
//! beside them the parts of those still on their way ([`crate::parts`]).

use std::io;
use std::path::{Path, PathBuf};

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::OfficeCode;
use tokio::fs;

use crate::parts::{PartWriter, Parts};

/// Largest document.
pub const MAX_DOCUMENT_BYTES: u64 = 10 * 1024 * 1024;

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

    fn whole(&self, office: &OfficeCode, hash: ContentHash) -> PathBuf {
        self.root.join(&office.0).join(hash.to_string())
    }
}
