//! Copies of papers: encrypted files named by the hash of what is in them.
//!
//! Invariant: a file is whole and fsynced before anything names it; an event never names a
//! document that is not stored.

use std::path::PathBuf;

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::ApplicationId;

use rusqlite::{OptionalExtension, named_params};

use crate::error::StoreError;
use crate::numbers::{count, from_sql, time, to_sql};
use crate::store::Store;
use crate::{files, sealed};

const DOCUMENTS_DIR: &str = "documents";

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
    /// When the oldest of them was attached.
    pub oldest_at: Option<i64>,
}

impl Store {
    /// Keeps a document; the same bytes twice are kept once.
    ///
    /// # Errors
    /// [`StoreError::Full`].
    pub fn put_document(
        &mut self,
        bytes: &[u8],
        media_type: &str,
        now_ms: i64,
    ) -> Result<ContentHash, StoreError> {
        let hash = ContentHash::of(bytes);
        // Written again although it is there: the file may be the one that was damaged.
        if self.read_document_file(hash).is_err() {
            let sealed = sealed::seal(&self.document_key, &hash.0, bytes)
                .ok_or_else(|| StoreError::other("drawing randomness", "the system has none"))?;
            files::create_private_dir(&self.dir.join(DOCUMENTS_DIR))?;
            files::write_atomically(&self.document_path(hash), &sealed)?;
        }
        let sql = "INSERT INTO documents (hash, media_type, size_bytes, stored_at) \
                   VALUES (:hash, :media_type, :size_bytes, :stored_at) \
                   ON CONFLICT (hash) DO NOTHING";
        self.writer.execute(
            sql,
            named_params! {
                ":hash": hash.0,
                ":media_type": media_type,
                ":size_bytes": to_sql(bytes.len() as u64),
                ":stored_at": now_ms,
            },
        )?;
        Ok(hash)
    }

    /// A document's bytes and media type.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Corrupt`] when the file was changed or is gone.
    pub fn document(&self, hash: ContentHash) -> Result<(Vec<u8>, String), StoreError> {
        let sql = "SELECT media_type FROM documents WHERE hash = :hash";
        let media_type: Option<String> = self
            .reader
            .prepare_cached(sql)?
            .query_row(named_params! { ":hash": hash.0 }, |row| row.get("media_type"))
            .optional()?;
        let media_type = media_type.ok_or(StoreError::NotFound { what: "document" })?;
        Ok((self.read_document_file(hash)?, media_type))
    }

    /// Documents to upload, in order of filing: named by an acknowledged entry (text goes first)
    /// and not confirmed by the centre yet.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn uploads(&self, limit: u32) -> Result<Vec<Upload>, StoreError> {
        self.unconfirmed_documents(false, i64::from(limit))
    }

    /// Documents that the centre has not confirmed, in order of filing, whether the entries that
    /// name them were acknowledged or not.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn documents_to_carry(&self) -> Result<Vec<Upload>, StoreError> {
        // A limit below zero is none, to SQLite.
        self.unconfirmed_documents(true, -1)
    }

    fn unconfirmed_documents(
        &self,
        unacknowledged_too: bool,
        limit: i64,
    ) -> Result<Vec<Upload>, StoreError> {
        let mut statement = self.reader.prepare_cached(include_str!("documents/uploads.sql"))?;
        let params = named_params! { ":unacknowledged_too": unacknowledged_too, ":limit": limit };
        let uploads = statement.query_map(params, |row| {
            Ok(Upload {
                hash: ContentHash(row.get("hash")?),
                size_bytes: from_sql(row.get("size_bytes")?),
                offset: from_sql(row.get("sent_bytes")?),
                media_type: row.get("media_type")?,
                application: ApplicationId::from_bytes(row.get("application")?),
            })
        })?;
        Ok(uploads.collect::<Result<_, _>>()?)
    }

    /// What waits of documents.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn documents_waiting(&self) -> Result<DocumentsWaiting, StoreError> {
        let sql = "SELECT count(*) AS documents, \
                   coalesce(sum(size_bytes - sent_bytes), 0) AS bytes, \
                   coalesce(min(stored_at), 0) AS oldest_at FROM documents \
                   WHERE uploaded_at = 0 \
                   AND EXISTS (SELECT 1 FROM document_uses WHERE hash = documents.hash)";
        Ok(self.reader.prepare_cached(sql)?.query_row([], |row| {
            Ok(DocumentsWaiting {
                documents: count(row.get("documents")?),
                bytes: from_sql(row.get("bytes")?),
                oldest_at: time(row.get("oldest_at")?),
            })
        })?)
    }

    /// Notes how much of a document the centre has.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn set_document_offset(
        &mut self,
        hash: ContentHash,
        offset: u64,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE documents SET sent_bytes = min(:offset, size_bytes) WHERE hash = :hash";
        let parameters = named_params! { ":offset": to_sql(offset), ":hash": hash.0 };
        self.writer.prepare_cached(sql)?.execute(parameters)?;
        Ok(())
    }

    /// The centre has confirmed the whole document.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn mark_uploaded(&mut self, hash: ContentHash, now_ms: i64) -> Result<(), StoreError> {
        let sql = "UPDATE documents SET sent_bytes = size_bytes, uploaded_at = :now \
                   WHERE hash = :hash";
        match self.writer.execute(sql, named_params! { ":now": now_ms, ":hash": hash.0 })? {
            0 => Err(StoreError::NotFound { what: "document" }),
            _ => Ok(()),
        }
    }

    fn read_document_file(&self, hash: ContentHash) -> Result<Vec<u8>, StoreError> {
        let damaged = |how: &str| StoreError::corrupt(format!("document {hash}: {how}"));
        let sealed =
            std::fs::read(self.document_path(hash)).map_err(|error| match error.kind() {
                std::io::ErrorKind::NotFound => damaged("its file is gone"),
                _ => error.into(),
            })?;
        let bytes = sealed::open(&self.document_key, &hash.0, &sealed)
            .map_err(|_| damaged("its file was changed"))?;
        if ContentHash::of(&bytes) == hash { Ok(bytes) } else { Err(damaged("other bytes")) }
    }

    fn document_path(&self, hash: ContentHash) -> PathBuf {
        self.dir.join(DOCUMENTS_DIR).join(hash.to_string())
    }
}

/// The centre was put back to an older state: any document that it confirmed may be lost there, and
/// which, neither its head (which may be what the same request brought) nor a clock tells. All are
/// offered again; a hash that it still has is answered at once.
pub(crate) fn offer_again(connection: &rusqlite::Connection) -> Result<(), StoreError> {
    let sql = "UPDATE documents SET uploaded_at = 0, sent_bytes = 0 WHERE sent_bytes > 0";
    connection.execute(sql, [])?;
    Ok(())
}

/// The centre had these documents and has lost them: those that are here wait again, and go from
/// their first byte. One that waits already goes on where it stands. Says how many.
pub(crate) fn send_again(
    connection: &rusqlite::Connection,
    wanted: &[ContentHash],
) -> Result<u32, StoreError> {
    let sql = "UPDATE documents SET uploaded_at = 0, sent_bytes = 0 \
               WHERE hash = :hash AND uploaded_at <> 0";
    let mut again = 0;
    for hash in wanted {
        let changed = connection.prepare_cached(sql)?.execute(named_params! { ":hash": hash.0 })?;
        if changed > 0 {
            tracing::warn!(%hash, "the centre has lost a document: it is sent again");
            again += 1;
        }
    }
    Ok(again)
}
