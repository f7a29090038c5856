//! Pieces of documents: appended to the part that an upload over the line would go on with, and
//! counted only when the whole gives its name.

use std::io;

use pishkhan_protocol::courier::DocumentPiece;
use tokio::io::AsyncWriteExt as _;

use super::TakeError;
use super::work::Work;
use crate::centre::Centre;
use crate::documents::MAX_DOCUMENT_BYTES;
use crate::storage::documents;

impl Work {
    /// Takes a piece, if it goes on where the centre is.
    pub(super) async fn piece(
        &mut self,
        centre: &Centre,
        piece: &DocumentPiece,
    ) -> Result<(), TakeError> {
        if self.device.revoked_at.is_some() || piece.size_bytes > MAX_DOCUMENT_BYTES {
            return Ok(());
        }
        let (office, hash) = (&self.device.office, piece.hash);
        if self.papers.insert(hash) {
            let mut unit = centre.storage.begin().await?;
            let (size, now) = (piece.size_bytes, centre.now());
            documents::announce(unit.as_mut(), office, hash, size, now).await?;
            unit.commit().await?;
        }
        let mut unit = centre.storage.read().await?;
        let stored = documents::find(unit.as_mut(), office, hash).await?;
        drop(unit);
        if stored.is_none_or(|stored| stored.received_at.is_some())
            || !append(centre, office, piece).await.map_err(TakeError::Disk)?
        {
            return Ok(());
        }
        let mut unit = centre.storage.begin().await?;
        let stored = documents::find(unit.as_mut(), office, hash).await?;
        if stored.is_some_and(|stored| stored.received_at.is_none()) {
            documents::mark_received(unit.as_mut(), office, hash, centre.now()).await?;
            unit.commit().await?;
            self.documents += 1;
        }
        Ok(())
    }
}

/// Is the document whole and true to its name after this piece?
async fn append(
    centre: &Centre,
    office: &pishkhan_domain::ids::OfficeCode,
    piece: &DocumentPiece,
) -> io::Result<bool> {
    let Some(writer) = centre.documents.write(office, piece.hash).await? else { return Ok(false) };
    if writer.is_whole(piece.hash).await? {
        return Ok(true);
    }
    let here = writer.length().await?;
    // What is here already is passed over; what does not go on from here waits for another file.
    let known = here.checked_sub(piece.offset).and_then(|known| usize::try_from(known).ok());
    let new = known.and_then(|known| piece.bytes.get(known..)).unwrap_or_default();
    if !new.is_empty() {
        let mut part = writer.append().await?;
        part.write_all(new).await?;
        part.flush().await?;
    }
    if here + (new.len() as u64) < piece.size_bytes {
        return Ok(false);
    }
    writer.finish(piece.hash).await
}
