//! The audit, for whoever asks: one line for each finding, and how much was looked at.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, anyhow, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pishkhan_protocol::day_root::SignedDayRoot;
use pishkhan_protocol::keys::{PublicKey, SignatureBytes};
use pishkhan_server::audit::{Against, Counts, Report, audit};
use pishkhan_server::documents::DocumentStore;
use pishkhan_server::storage;
use pishkhan_server::wording::number;
use serde::Deserialize;

use super::orders::say;

/// Something is not as it should be.
const FOUND: u8 = 1;

/// What to audit, and against what.
pub(super) struct Order<'a> {
    pub(super) database: &'a str,
    pub(super) documents: Option<&'a Path>,
    pub(super) key: Option<PublicKey>,
    pub(super) published: &'a [PathBuf],
}

/// A public key in hexadecimal, as `centre key` prints it.
pub(super) fn public_key(text: &str) -> Result<PublicKey, String> {
    let wrong = || "64 hexadecimal digits, as `centre key` prints them".to_owned();
    let digits = text.trim().as_bytes();
    if digits.len() != 64 || !digits.is_ascii() {
        return Err(wrong());
    }
    let mut key = [0; 32];
    for (byte, pair) in key.iter_mut().zip(text.trim().as_bytes().chunks(2)) {
        let pair = std::str::from_utf8(pair).map_err(|_| wrong())?;
        *byte = u8::from_str_radix(pair, 16).map_err(|_| wrong())?;
    }
    Ok(PublicKey(key))
}

/// Audits; 1 when anything was found.
pub(super) async fn run(order: Order<'_>) -> anyhow::Result<ExitCode> {
    // Opening would make an empty one, with which nothing is wrong.
    let is_file = !order.database.contains("://");
    ensure!(!is_file || Path::new(order.database).exists(), "there is no {}", order.database);
    let storage = storage::open(order.database).await.context("opening the database")?;
    let documents = match order.documents {
        Some(folder) => Some(DocumentStore::open(folder).await.context("opening the documents")?),
        None => None,
    };
    let mut published = Vec::new();
    for file in order.published {
        published.extend(read_roots(file)?);
    }
    let against = Against { key: order.key, published, documents: documents.as_ref() };
    let Report { findings, counts } = audit(&storage, &against).await?;
    for finding in &findings {
        say(&finding.to_string())?;
    }
    say(&summary(&counts, findings.len()))?;
    Ok(if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(FOUND) })
}

/// What counts of a root that was kept.
#[derive(Deserialize)]
struct Kept {
    statement: String,
    signature: String,
}

/// The roots in a file: one as `/roots/DAY` gives it, or one a line as `pishkhan-cli roots` does.
fn read_roots(file: &Path) -> anyhow::Result<Vec<SignedDayRoot>> {
    let name = || format!("reading the roots in {}", file.display());
    let bytes = std::fs::read(file).with_context(name)?;
    let mut roots = Vec::new();
    for kept in serde_json::Deserializer::from_slice(&bytes).into_iter::<Kept>() {
        let Kept { statement, signature } = kept.with_context(name)?;
        let signature = STANDARD.decode(signature).with_context(name)?;
        let signature = signature.try_into().map_err(|_| anyhow!("a signature has 64 bytes"));
        let signature = SignatureBytes(signature.with_context(name)?);
        let statement = STANDARD.decode(statement).with_context(name)?;
        roots.push(SignedDayRoot { statement, signature });
    }
    Ok(roots)
}

fn summary(counts: &Counts, found: usize) -> String {
    let Counts { offices, devices, events, feed, applications, log, roots, documents, .. } = counts;
    let persian = format!(
        "{} ایراد؛ {} دفتر، {} دستگاه، {} رویداد، {} پیام، {} درخواست، {} سطر دفتر رویدادها، {} \
         ریشه، {} مدرک بررسی شد",
        number(found),
        number(offices),
        number(devices),
        number(events),
        number(feed),
        number(applications),
        number(log),
        number(roots),
        number(documents),
    );
    format!(
        "{persian} | {found} findings in {offices} offices, {devices} devices, {events} entries, \
         {feed} items of feeds, {applications} applications, {log} entries of the staff's log, \
         {roots} roots, {documents} documents"
    )
}
