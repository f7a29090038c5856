//! Copies of papers: encrypted files named by the hash of what is in them.
//!
//! Invariant: a file is whole and fsynced before anything names it; an event never names a
//! document that is not stored.

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::ApplicationId;

use crate::error::StoreError;
use crate::store::Store;

/// A document to be uploaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Its name.
    pub hash: ContentHash,
    /// Length in bytes.
    pub size_bytes: u64,
    /// Bytes that the centre has, as last heard.
    pub offset: u64,
    /// `image/jpeg` or `application/pdf`.
    pub media_type: String,
    /// The first application that names it.
    pub application: ApplicationId,
}

/// What waits of documents, those of entries that wait themselves included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DocumentsWaiting {
    /// How many.
    pub documents: u32,
    /// Bytes that the centre does not have.
    pub bytes: u64,
}

impl Store {
    /// Keeps a document; the same bytes twice are kept once.
    ///
    /// # Errors
    /// [`StoreError::Full`].
    pub fn put_document(
        &mut self,
        _bytes: &[u8],
        _media_type: &str,
        _now_ms: i64,
    ) -> Result<ContentHash, StoreError> {
        unimplemented!()
    }

    /// A document's bytes and media type.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Corrupt`] when the file was changed.
    pub fn document(&self, _hash: ContentHash) -> Result<(Vec<u8>, String), StoreError> {
        unimplemented!()
    }

    /// Documents to upload, in order of filing: named by an acknowledged entry (text goes first)
    /// and not confirmed by the centre yet.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn uploads(&self, _limit: u32) -> Result<Vec<Upload>, StoreError> {
        unimplemented!()
    }

    /// What waits of documents.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn documents_waiting(&self) -> Result<DocumentsWaiting, StoreError> {
        unimplemented!()
    }

    /// Notes how much of a document the centre has.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn set_document_offset(
        &mut self,
        _hash: ContentHash,
        _offset: u64,
    ) -> Result<(), StoreError> {
        unimplemented!()
    }

    /// The centre has confirmed the whole document.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn mark_uploaded(&mut self, _hash: ContentHash, _now_ms: i64) -> Result<(), StoreError> {
        unimplemented!()
    }
}
