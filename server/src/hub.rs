//! The hub: a mailbox of courier files for the offices of a local network, at a county's seat for
//! instance. It takes files of devices that the centre has certified, forwards them when it has a
//! line, and keeps the answers until they are fetched. docs/hub.md says how to run it.
//!
//! Invariants: it holds no secret and can read nothing; a file is on its disk before that is said,
//! and goes only when the centre's signed answer names it.

mod forward;
mod mailbox;

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use pishkhan_protocol::keys::PublicKey;
use tokio::sync::Notify;

use crate::carried::Carried;
use crate::web::courier;
pub use forward::{BadCentre, Carried as CarriedAnswer, Road, ToCentre};
use mailbox::Mailbox;
pub use mailbox::QUOTA_BYTES;

/// A hub.
pub struct Hub {
    carried: Carried,
    mailbox: Mailbox,
    centre_key: PublicKey,
    came: Notify,
}

impl Hub {
    /// In this folder, of the centre that has this key. `quota_bytes` is what may wait for one
    /// device.
    ///
    /// # Errors
    /// Of the disk.
    pub async fn open(
        folder: &Path,
        centre_key: PublicKey,
        quota_bytes: u64,
    ) -> std::io::Result<Arc<Self>> {
        tokio::fs::create_dir_all(folder).await?;
        let hub = Arc::new(Self {
            carried: Carried::new(folder.to_owned()),
            mailbox: Mailbox::new(folder.join("waiting"), quota_bytes),
            centre_key,
            came: Notify::new(),
        });
        for waiting in hub.mailbox.waiting().await? {
            // As if it had been stopped between keeping a file and marking it.
            hub.carried.mark_taken(waiting.hash, waiting.length).await?;
        }
        courier::take_left_over(&hub).await?;
        Ok(hub)
    }

    /// Its addresses.
    pub fn router(self: &Arc<Self>) -> Router {
        courier::routes(self.clone())
    }

    /// Forwards what waits, whenever something comes and at times, for ever.
    pub async fn forward(&self, centre: &ToCentre) {
        forward::run(self, centre).await;
    }

    /// Tries every file that waits once; says whether none is left.
    pub async fn forward_once(&self, centre: &ToCentre) -> bool {
        forward::once(self, centre).await
    }

    /// How many files wait for the centre.
    ///
    /// # Errors
    /// Of the disk.
    pub async fn waiting(&self) -> std::io::Result<usize> {
        Ok(self.mailbox.waiting().await?.len())
    }
}
