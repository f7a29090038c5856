//! By the hub: a courier's file with all that waits is left there, and the centre's answers are
//! fetched. Invariant: the hub is told nothing but sealed files, so that it may be reached in clear
//! on the office's own network; what it gives is believed only as a courier's file is.

use std::sync::Arc;

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_store::StoreError;

use super::Driver;
use crate::conversation;
use crate::courier::{self, CourierOffice, ExportError, Exported, Imported};
use crate::engine::{Config, Input, StoreSnapshot};
use crate::line::{BadAddress, Line, Road};
use crate::tus::{Advance, Place, Uploads};

const FILES: &str = "courier/v1/files";
const ANSWERS: &str = "courier/v1/answers";
/// Most of a file: it is held in memory. What has no room goes with the next.
const ROOM_BYTES: u64 = 32 * 1024 * 1024;
/// Largest answer that is fetched.
const ANSWER_MOST_BYTES: usize = 64 * 1024 * 1024;
/// Most of a file in one piece.
const PIECE_BYTES: usize = 1024 * 1024;

/// The hub, and what is on its way there.
#[derive(Debug)]
pub(crate) struct Hub {
    line: Line,
    uploads: Uploads,
    file: Option<File>,
    /// Number of the last file of this office to which an answer was fetched.
    answered: u64,
}

#[derive(Debug)]
struct File {
    hash: ContentHash,
    bytes: Arc<Vec<u8>>,
    written: Exported,
    /// The store when it was written.
    holds: StoreSnapshot,
}

impl Hub {
    pub(super) fn at(
        road: Option<Arc<dyn Road>>,
        url: &str,
        config: &Config,
    ) -> Result<Self, BadAddress> {
        let line = Line::to_hub(road, url, config)?;
        Ok(Self { line, uploads: Uploads::default(), file: None, answered: 0 })
    }
}

impl<O: CourierOffice> Driver<O> {
    /// Leaves what waits, if it is not there already, and fetches answers.
    pub(super) async fn post(&mut self, send: bool) -> Result<Input, StoreError> {
        let Some(mut hub) = self.hub.take() else { return self.not_posted().await };
        let posted = self.post_to(&mut hub, send).await;
        self.hub = Some(hub);
        match posted? {
            Some(carried) => {
                let snapshot = self.with_office(|office| conversation::snapshot(office)).await?;
                Ok(Input::Posted { snapshot, carried })
            }
            None => self.not_posted().await,
        }
    }

    async fn not_posted(&self) -> Result<Input, StoreError> {
        let snapshot = self.with_office(|office| conversation::snapshot(office)).await?;
        Ok(Input::PostFailed(snapshot))
    }

    /// None when the hub failed; else what it newly has, if anything.
    async fn post_to(
        &mut self,
        hub: &mut Hub,
        send: bool,
    ) -> Result<Option<Option<StoreSnapshot>>, StoreError> {
        if send && hub.file.is_none() {
            hub.file = self.written().await?;
        }
        let mut carried = None;
        if let Some(file) = hub.file.take() {
            if !leave(hub, &file).await {
                hub.file = Some(file);
                return Ok(None);
            }
            let note = file.written.left_at(hub.line.address(FILES).into());
            self.with_office(move |office| office.finish_courier_file(&note)).await?;
            carried = Some(file.holds);
        }
        let fetched = self.fetch(hub).await?;
        Ok(fetched.then_some(carried))
    }

    /// A file with all that waits; none when there is no room even for one entry.
    async fn written(&self) -> Result<Option<File>, StoreError> {
        let holds = self.with_office(|office| conversation::snapshot(office)).await?;
        let (office, now_ms) = (Arc::clone(&self.office), self.wall_ms());
        let export = move || {
            let mut bytes = Vec::new();
            courier::export(&office, &mut bytes, ROOM_BYTES, now_ms).map(|written| (bytes, written))
        };
        let doing = "a file for the hub";
        let exported = tokio::task::spawn_blocking(export).await;
        match exported.map_err(|error| StoreError::Other { doing, source: error.into() })? {
            Ok((bytes, written)) => {
                let hash = ContentHash::of(&bytes);
                Ok(Some(File { hash, bytes: Arc::new(bytes), written, holds }))
            }
            Err(ExportError::Store(error)) => Err(error),
            Err(error) => Err(StoreError::Other { doing, source: error.into() }),
        }
    }

    /// Fetches the newest answer, if there is one; false when the hub failed.
    async fn fetch(&mut self, hub: &mut Hub) -> Result<bool, StoreError> {
        let device = self.with_office(|office| Ok(office.identity().device)).await?;
        let mut address = hub.line.address(&format!("{ANSWERS}/{}", device.0));
        address.set_query(Some(&format!("after={}", hub.answered)));
        let Ok(answer) = hub.line.fetch(address, ANSWER_MOST_BYTES).await else {
            return Ok(false);
        };
        let Some(bytes) = answer else { return Ok(true) };
        let (office, now_ms) = (Arc::clone(&self.office), self.wall_ms());
        let import = move || courier::import(&office, bytes.as_slice(), now_ms);
        let imported = tokio::task::spawn_blocking(import).await;
        let doing = "an answer by the hub";
        let imported =
            imported.map_err(|error| StoreError::Other { doing, source: error.into() })??;
        let Imported { outcome, number, acknowledged, .. } = imported;
        tracing::info!(?outcome, ?number, acknowledged, "an answer by the hub");
        hub.answered = hub.answered.max(number.unwrap_or_default());
        let now_ms = self.wall_ms();
        self.publish.send_modify(|status| {
            status.changes.acknowledged += imported.acknowledged;
            status.changes.applications += u64::from(imported.applications > 0);
            status.changes.notices += u64::from(imported.notices > 0);
            status.changes.services += u64::from(imported.publications > 0);
            status.changes.documents += u64::from(imported.documents);
            status.heard_by_hub_at = Some(now_ms);
        });
        Ok(true)
    }
}

/// True when the hub has all of it.
async fn leave(hub: &mut Hub, file: &File) -> bool {
    let place = Place { path: FILES, token: None, bytes_with_creation: false };
    loop {
        let item = (file.hash, file.bytes.as_slice());
        match hub.uploads.advance(&mut hub.line, place, item, PIECE_BYTES).await {
            Ok(Advance { complete: true, .. }) => return true,
            Ok(_) => {}
            Err(setback) => {
                tracing::info!(?setback, "the hub did not take a file");
                return false;
            }
        }
    }
}
