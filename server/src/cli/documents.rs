//! Checking the documents that have arrived.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use pishkhan_server::clock::system_clock;
use pishkhan_server::documents::{DocumentStore, Flaw};
use pishkhan_server::lost::{self, CheckError};
use pishkhan_server::storage::{self, audit_log};

use super::orders::say;

const SOME_ARE_LOST: u8 = 2;

pub(super) async fn check(database: &str, folder: &Path, many: bool) -> anyhow::Result<ExitCode> {
    ensure!(folder.is_dir(), "there is no folder {}", folder.display());
    let now = system_clock()();
    let storage = storage::open(database).await.context("opening the database")?;
    let documents = DocumentStore::open(folder).await.context("opening the documents")?;
    let checked = match lost::check(&storage, &documents, many, now).await {
        Err(error @ CheckError::Many { .. }) => {
            return Err(error).context("nothing was marked; if it is, say --many");
        }
        checked => checked?,
    };
    let lost = checked.lost.len();
    let mut unit = storage.begin().await?;
    let subject = format!("{lost}/{}", checked.looked_at);
    audit_log::record_order(unit.as_mut(), "documents.checked", &subject, now).await?;
    unit.commit().await?;
    for (office, hash, flaw) in &checked.lost {
        let flaw = match flaw {
            Flaw::Missing => "missing",
            Flaw::Damaged => "damaged",
        };
        say(&format!("{flaw} {office} {hash}"))?;
    }
    say(&format!("{} documents, {lost} lost and asked for again", checked.looked_at))?;
    Ok(if lost == 0 { ExitCode::SUCCESS } else { ExitCode::from(SOME_ARE_LOST) })
}
