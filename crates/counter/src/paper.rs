//! Papers: taking a copy in and showing it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pishkhan_domain::application::{AttachedDocument, Evidence};
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_ipc::draft::{DocumentAttachRequest, DocumentGetRequest, StoredDocument};
use pishkhan_ipc::error::IpcError;

use crate::counter::Counter;
use crate::document::{MAX_INPUT_BYTES, take_in};
use crate::error::CounterError;

/// What stands for a PDF: a sheet with its name.
const PDF_PICTURE: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' \
    viewBox='0 0 210 297'%3E%3Crect x='4' y='4' width='202' height='289' rx='8' fill='%23fff' \
    stroke='%23667' stroke-width='4'/%3E%3Ctext x='105' y='165' font-family='sans-serif' \
    font-size='54' text-anchor='middle' fill='%23667'%3EPDF%3C/text%3E%3C/svg%3E";

impl Counter {
    /// `document_attach`: scales down, keeps, gives what goes into the entry.
    ///
    /// # Errors
    /// `document.too_large`, `document.wrong_type`, `document.unreadable`, `session.locked`,
    /// `disk.full`.
    pub fn document_attach(
        &self,
        request: &DocumentAttachRequest,
    ) -> Result<StoredDocument, IpcError> {
        // Nobody who is not at work keeps the processor busy.
        self.at_desk(|_| Ok(()))?;
        if request.bytes_base64.len() > MAX_INPUT_BYTES.div_ceil(3) * 4 {
            return Err(IpcError::new("document.too_large"));
        }
        let bytes = STANDARD
            .decode(&request.bytes_base64)
            .map_err(|_| IpcError::new("document.unreadable"))?;
        self.document_take_in(&request.code, &bytes)
    }

    /// As `document_attach`, from bytes as they are: for the command line.
    ///
    /// # Errors
    /// As [`Counter::document_attach`].
    pub fn document_take_in(&self, code: &str, bytes: &[u8]) -> Result<StoredDocument, IpcError> {
        let intake = take_in(bytes)?;
        let hash = self.at_desk(|desk| {
            let now_ms = desk.now_ms;
            Ok(desk.store.put_document(&intake.bytes, intake.media_type, now_ms)?)
        })?;
        Ok(stored(code, hash, &intake.bytes, intake.media_type))
    }

    /// `document_get`.
    ///
    /// # Errors
    /// `document.not_found`, `session.locked`; `store.corrupt` when the file was changed.
    pub fn document_get(&self, request: &DocumentGetRequest) -> Result<StoredDocument, IpcError> {
        self.at_desk(|desk| {
            let (bytes, media_type) = desk.store.document(request.hash)?;
            if ContentHash::of(&bytes) != request.hash {
                return Err(CounterError::told("store.corrupt"));
            }
            Ok(stored("", request.hash, &bytes, &media_type))
        })
    }
}

fn stored(code: &str, hash: ContentHash, bytes: &[u8], media_type: &str) -> StoredDocument {
    let preview = if media_type == "application/pdf" {
        PDF_PICTURE.to_owned()
    } else {
        format!("data:{media_type};base64,{}", STANDARD.encode(bytes))
    };
    let evidence = Evidence::Copy {
        hash,
        size_bytes: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
        media_type: media_type.to_owned(),
    };
    StoredDocument { document: AttachedDocument { code: code.to_owned(), evidence }, preview }
}
