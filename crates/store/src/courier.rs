//! Files that are carried to the centre, and what comes back of them.
//!
//! Invariant: a number belongs to one file for ever; it is taken before the file is begun, and the
//! file counts as written only when it was read back.

use pishkhan_domain::content_hash::ContentHash;
use rusqlite::{TransactionBehavior, named_params};

use crate::error::StoreError;
use crate::numbers::{count, from_sql, time, to_sql};
use crate::store::Store;
use crate::sync_state;

/// A file for the centre that was written and read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CourierFile {
    /// Its number, from 1.
    pub number: u64,
    /// When it was made, milliseconds since 1970 by this device's clock.
    pub made_at: i64,
    /// Where it was written.
    pub path: String,
    /// Entries in it.
    pub entries: u32,
    /// Documents in it.
    pub documents: u32,
    /// Its size.
    pub size_bytes: u64,
    /// When an answer to it, or to a later one that came whole, was read.
    pub answered_at: Option<i64>,
}

/// What the centre says in an answer of what it has of what was carried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CarriedReceipt {
    /// Epoch in which the centre said so.
    pub epoch: [u8; 16],
    /// Documents that it has whole.
    pub documents: Vec<ContentHash>,
    /// The files that came whole.
    pub files: Vec<(u64, [u8; 16])>,
}

/// What of it was not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NotedCarried {
    /// Documents.
    pub documents: u32,
    /// Files of this device.
    pub files: u32,
}

impl Store {
    /// Takes the next number for a file that is about to be written.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn begin_courier_file(&mut self, id: [u8; 16], now_ms: i64) -> Result<u64, StoreError> {
        let sql = "INSERT INTO courier_files (number, id, made_at) \
                   SELECT coalesce(max(number), 0) + 1, :id, :now FROM courier_files \
                   RETURNING number";
        let parameters = named_params! { ":id": id, ":now": now_ms };
        Ok(from_sql(self.writer.query_row(sql, parameters, |row| row.get("number"))?))
    }

    /// The file is whole where it was written.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the number was never taken.
    pub fn finish_courier_file(&mut self, file: &CourierFile) -> Result<(), StoreError> {
        let sql = "UPDATE courier_files SET path = :path, entries = :entries, \
                   documents = :documents, size_bytes = :size WHERE number = :number";
        let changed = self.writer.execute(
            sql,
            named_params! {
                ":number": to_sql(file.number),
                ":path": file.path,
                ":entries": file.entries,
                ":documents": file.documents,
                ":size": to_sql(file.size_bytes),
            },
        )?;
        match changed {
            0 => Err(StoreError::NotFound { what: "courier file" }),
            _ => Ok(()),
        }
    }

    /// Files that were written, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn courier_files(&self) -> Result<Vec<CourierFile>, StoreError> {
        let sql = "SELECT number, made_at, path, entries, documents, size_bytes, answered_at \
                   FROM courier_files WHERE size_bytes > 0 ORDER BY number DESC";
        let mut statement = self.reader.prepare_cached(sql)?;
        let files = statement.query_map([], |row| {
            Ok(CourierFile {
                number: from_sql(row.get("number")?),
                made_at: row.get("made_at")?,
                path: row.get("path")?,
                entries: count(row.get("entries")?),
                documents: count(row.get("documents")?),
                size_bytes: from_sql(row.get("size_bytes")?),
                answered_at: time(row.get("answered_at")?),
            })
        })?;
        Ok(files.collect::<Result<_, _>>()?)
    }

    /// When an answer was last read that named files of this device for the first time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn courier_answered_at(&self) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT coalesce(max(answered_at), 0) AS at FROM courier_files";
        Ok(time(self.reader.query_row(sql, [], |row| row.get("at"))?))
    }

    /// Notes what has arrived; nothing, if the centre was restored from a backup since.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was noted.
    pub fn note_carried(
        &mut self,
        receipt: &CarriedReceipt,
        now_ms: i64,
    ) -> Result<NotedCarried, StoreError> {
        let transaction = self.writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if sync_state::read(&transaction)?.epoch != receipt.epoch {
            return Ok(NotedCarried::default());
        }
        let (mut documents, mut files) = (0, 0);
        for hash in &receipt.documents {
            let sql = "UPDATE documents SET sent_bytes = size_bytes, uploaded_at = :now \
                       WHERE hash = :hash AND uploaded_at = 0";
            let parameters = named_params! { ":now": now_ms, ":hash": hash.0 };
            documents += transaction.prepare_cached(sql)?.execute(parameters)?;
        }
        for (number, id) in &receipt.files {
            // Every file holds all that was not acknowledged then, so a later one answers for it.
            let sql = "UPDATE courier_files SET answered_at = :now WHERE answered_at = 0 \
                       AND number <= (SELECT number FROM courier_files \
                                      WHERE number = :number AND id = :id)";
            let parameters =
                named_params! { ":now": now_ms, ":number": to_sql(*number), ":id": id };
            files += transaction.prepare_cached(sql)?.execute(parameters)?;
        }
        transaction.commit()?;
        let count = |changed| u32::try_from(changed).unwrap_or(u32::MAX);
        Ok(NotedCarried { documents: count(documents), files: count(files) })
    }
}
