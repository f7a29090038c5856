//! Writing a file for the centre: entries first, in order, then documents, as much as there is room
//! for.

use std::io::{self, Write};
use std::sync::Mutex;

use pishkhan_protocol::courier::{
    Content, Cover, Direction, DocumentPiece, FileWriter, MAX_PIECE_BYTES,
};
use pishkhan_protocol::exchange::{Batch, ExchangeRequest, PROTOCOL};
use pishkhan_protocol::head::Head;
use pishkhan_store::{CourierFile, StoreError, SyncState, Upload};

use super::{CourierOffice, locked};
use crate::conversation::{self, Portion};

/// Bytes and number of entries in one part; the centre stores a part in one transaction.
const BATCH_BYTES: usize = 1024 * 1024;
const BATCH_ENTRIES: usize = 2_000;
/// What a piece takes beside its bytes, generously.
const PIECE_OVERHEAD: u64 = 128;

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Its number, from 1.
    pub number: u64,
    /// Its id.
    pub id: [u8; 16],
    /// When, by the office's clock, milliseconds since 1970.
    pub made_at_ms: i64,
    /// Entries in it.
    pub entries: u64,
    /// Documents in it.
    pub documents: u32,
    /// Its size.
    pub size_bytes: u64,
    /// Entries that wait and had no room.
    pub entries_left: u64,
    /// Documents that wait and had no room, or cannot be read.
    pub documents_left: u32,
}

impl Exported {
    /// As the office remembers it: left at this path or address, and not answered yet.
    #[must_use]
    pub fn left_at(&self, path: String) -> CourierFile {
        CourierFile {
            number: self.number,
            made_at: self.made_at_ms,
            path,
            entries: u32::try_from(self.entries).unwrap_or(u32::MAX),
            documents: self.documents,
            size_bytes: self.size_bytes,
            answered_at: None,
        }
    }
}

/// Why no file was written; nothing of the office has changed but that a number was used.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The office's store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Where it was to be written.
    #[error(transparent)]
    Disk(#[from] io::Error),
    /// Not even one entry has room.
    #[error("no room for a single entry")]
    NoRoom,
    /// The system has no randomness.
    #[error("no randomness")]
    NoRandom,
}

/// Writes all that the centre is not known to have into `out`, at most `room_bytes`. What is
/// recorded meanwhile goes with the next file.
///
/// # Errors
/// [`ExportError`]; what stands in `out` is then of no use.
pub fn export<O: CourierOffice, W: Write>(
    office: &Mutex<O>,
    out: W,
    room_bytes: u64,
    now_ms: i64,
) -> Result<Exported, ExportError> {
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(|_| ExportError::NoRandom)?;
    let (number, identity, state, log) = {
        let mut office = locked(office);
        let number = office.begin_courier_file(id, now_ms)?;
        (number, office.identity().clone(), office.sync_state()?, office.head()?)
    };
    let cover = Cover {
        direction: Direction::ToCentre,
        device: identity.device,
        number,
        made_at_ms: now_ms,
        id,
        certificate: Some(identity.certificate.clone()),
    };
    let writer = FileWriter::begin(out, &cover, &identity.key(), &identity.secret)?;
    if !writer.has_room(0, room_bytes) {
        return Err(ExportError::NoRoom);
    }
    let mut file = File { office, writer, room_bytes };
    let sent_to = file.add_entries(&state, log, now_ms)?;
    let (documents, documents_left) = file.add_documents()?;
    let (mut out, size_bytes) = file.writer.end()?;
    out.flush()?;
    let entries = sent_to - state.acknowledged.seq;
    let entries_left = log.seq.saturating_sub(sent_to);
    Ok(Exported {
        number,
        id,
        made_at_ms: now_ms,
        entries,
        documents,
        size_bytes,
        entries_left,
        documents_left,
    })
}

struct File<'a, O, W> {
    office: &'a Mutex<O>,
    writer: FileWriter<W>,
    room_bytes: u64,
}

impl<O: CourierOffice, W: Write> File<'_, O, W> {
    /// Adds everything after the acknowledged head; gives the last sequence that had room. One
    /// part at least, since the cursors in it are what the answer goes by.
    fn add_entries(
        &mut self,
        state: &SyncState,
        log: Head,
        now_ms: i64,
    ) -> Result<u64, ExportError> {
        let mut after_seq = state.acknowledged.seq;
        let mut max_bytes = BATCH_BYTES;
        let mut first = true;
        while first || after_seq < log.seq {
            let portion = Portion { after_seq, max_bytes, max_entries: BATCH_ENTRIES };
            let (batch, request) = {
                let office = locked(self.office);
                let batch = conversation::batch(&*office, portion)?;
                (
                    batch.as_ref().map(|batch| batch.head.seq),
                    request(&*office, state, batch, log, now_ms)?,
                )
            };
            if self.writer.add(&Content::Exchange(Box::new(request)), self.room_bytes)? {
                after_seq = batch.unwrap_or(log.seq);
                first = false;
            } else if max_bytes > 1 {
                max_bytes /= 4;
            } else if first {
                return Err(ExportError::NoRoom);
            } else {
                break;
            }
        }
        Ok(after_seq)
    }

    /// Adds the documents that have room as a whole; gives how many, and how many not.
    fn add_documents(&mut self) -> Result<(u32, u32), ExportError> {
        let (mut added, mut left) = (0, 0);
        let waiting = locked(self.office).documents_to_carry()?;
        for upload in waiting {
            if self.add_document(&upload)? { added += 1 } else { left += 1 }
        }
        Ok((added, left))
    }

    fn add_document(&mut self, upload: &Upload) -> Result<bool, ExportError> {
        let pieces = upload.size_bytes.div_ceil(MAX_PIECE_BYTES as u64);
        if !self.writer.has_room(upload.size_bytes + pieces * PIECE_OVERHEAD, self.room_bytes) {
            return Ok(false);
        }
        let bytes = match locked(self.office).document(upload.hash) {
            Ok(bytes) => bytes,
            Err(error) => {
                // One damaged scan must not keep the others here.
                tracing::warn!(hash = %upload.hash, %error, "a document cannot be read");
                return Ok(false);
            }
        };
        let size_bytes = bytes.len() as u64;
        let mut offset = 0;
        for bytes in bytes.chunks(MAX_PIECE_BYTES) {
            let hash = upload.hash;
            let piece = DocumentPiece { hash, size_bytes, offset, bytes: bytes.to_vec() };
            offset += bytes.len() as u64;
            if !self.writer.add(&Content::Piece(piece), self.room_bytes)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn request<O: CourierOffice>(
    office: &O,
    state: &SyncState,
    batch: Option<Batch>,
    log: Head,
    now_ms: i64,
) -> Result<ExchangeRequest, StoreError> {
    let oldest_waiting_ms = if state.acknowledged.seq < log.seq {
        Some(office.event(state.acknowledged.seq + 1)?.core.device_time_ms)
    } else {
        None
    };
    Ok(ExchangeRequest {
        protocol: PROTOCOL,
        device: office.identity().device,
        epoch: Some(state.epoch),
        lease: None,
        batch,
        feed_cursor: state.feed_cursor,
        catalogue_cursor: state.catalogue_cursor,
        log_seq: log.seq,
        oldest_waiting_ms,
        sent_at_ms: now_ms,
        agent: crate::agent(),
        reply_most_bytes: None,
        dictionary: None,
        certificate: None,
    })
}
