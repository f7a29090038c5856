//! Backups and restoring.

use std::path::Path;

use anyhow::Context as _;
use pishkhan_server::backup::{self, Order, Written};
use pishkhan_server::clock::system_clock;
use pishkhan_server::secret::hex;
use pishkhan_server::storage;

use super::orders::say;

/// Makes a backup; fails when a document of the centre is damaged, after all else was done.
pub(super) async fn write(
    database: &str,
    documents: Option<&Path>,
    folder: &Path,
    keep: usize,
) -> anyhow::Result<()> {
    let opened = storage::open(database).await.context("opening the database")?;
    let now = system_clock()();
    let order = Order { database, documents, folder, keep, now };
    let Written { file, note, damaged } = backup::write(&opened, &order).await?;
    let shown = file.display();
    say(&format!(
        "backup {shown}: {} bytes, {} entries safe, {} documents",
        note.bytes, note.entries, note.documents
    ))?;
    for document in &damaged {
        say(&format!("damaged {}", document.display()))?;
    }
    anyhow::ensure!(damaged.is_empty(), "{} documents are damaged at the centre", damaged.len());
    Ok(())
}

/// Restores a backup into an empty database.
pub(super) async fn restore(
    file: &Path,
    database: &str,
    documents: Option<&Path>,
) -> anyhow::Result<()> {
    let epoch = backup::restore(file, database, documents, system_clock()()).await?;
    say(&format!("restored {}", file.display()))?;
    say(&format!("epoch {}", hex(&epoch)))
}
