//! The audit: is everything that the centre holds still as it was signed by devices, linked when it
//! came, told to offices and held by the roots of the days? What it finds is named, row by row.
//!
//! Invariant: it reads one state of the database and changes nothing. What it cannot notice is
//! written in docs/audit.md.

use pishkhan_protocol::day_root::SignedDayRoot;
use pishkhan_protocol::keys::{PublicKey, SecretKey};

use crate::cards::CardShelf;
use crate::documents::DocumentStore;
use crate::storage::{SharedStorage, StorageError, evidence, identity};

mod chains;
mod documents;
mod feeds;
mod finding;
mod history;
mod letters;
mod projections;
mod publications;
mod roots;
mod staff_log;

use history::History;
use projections::{Rules, Shown};

pub use finding::{Finding, Wrong};

/// Rows of one page.
const PAGE: u32 = 500;
/// So many rows of one gap are named.
const MOST_NAMED: usize = 100;

/// Why an audit was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The database.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A file of a document cannot be read.
    #[error("a document cannot be read")]
    Disk(#[from] std::io::Error),
}

/// What is compared with, besides the database itself.
#[derive(Default)]
pub struct Against<'a> {
    /// The centre's key as the auditor has it from elsewhere.
    pub key: Option<PublicKey>,
    /// Roots that somebody else has kept.
    pub published: Vec<SignedDayRoot>,
    /// The folder of documents, to read each again.
    pub documents: Option<&'a DocumentStore>,
}

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Offices.
    pub offices: u64,
    /// Devices.
    pub devices: u64,
    /// Entries of their logs.
    pub events: u64,
    /// Items that offices were told.
    pub feed: u64,
    /// Applications.
    pub applications: u64,
    /// Letters.
    pub letters: u64,
    /// Entries of the staff's log.
    pub log: u64,
    /// Roots.
    pub roots: u64,
    /// Their leaves that were new.
    pub leaves: u64,
    /// Documents that were read.
    pub documents: u64,
}

/// What came of an audit.
#[derive(Debug, Default)]
pub struct Report {
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// What was looked at.
    pub counts: Counts,
}

/// Audits a centre's database.
///
/// # Errors
/// [`AuditError`]: nothing is said of the database then.
pub async fn audit(storage: &SharedStorage, against: &Against<'_>) -> Result<Report, AuditError> {
    let mut report = Report::default();
    let Report { findings, counts } = &mut report;
    let mut unit = storage.read().await?;
    let unit = unit.as_mut();
    let Some(identity) = identity::find(unit).await? else { return Ok(report) };
    let own = SecretKey::from_seed(&identity.key_seed).public();
    let key = against.key.unwrap_or(own);
    if key != own {
        findings.push(Finding::new("centre_identity", Wrong::CentreKey));
    }
    publications::check(unit, &key, findings).await?;
    let shelf = CardShelf::default();
    // What was published wrongly is told above; what it said is then not replayed.
    let cards = shelf.current(unit).await.unwrap_or_default();
    let said = staff_log::check(unit, counts, findings).await?;
    let (centre_secret, handed_over) = (&identity.secret, &said.handed_over);
    let rules = Rules { cards: &cards, centre_secret, handed_over };
    let mut registers = letters::Registers::new();
    for office in evidence::offices(unit).await? {
        counts.offices += 1;
        let mut history = History::of(&office);
        findings.extend(chains::check(unit, &identity.secret, &mut history, counts).await?);
        findings.extend(feeds::check(unit, &mut history, counts).await?);
        findings.extend(letters::check(unit, &history, &mut registers, counts).await?);
        let shown = Shown {
            applications: evidence::applications(unit, &office).await?,
            acts: evidence::acts(unit, &office).await?,
            operators: evidence::operators(unit, &office).await?,
        };
        counts.applications += shown.applications.len() as u64;
        findings.extend(projections::check(&history, &shown, &rules));
        if let Some(store) = against.documents {
            documents::check(unit, &office, store, counts, findings).await?;
        }
    }
    letters::check_registers(unit, registers, findings).await?;
    roots::check(unit, &key, &said.roots, &against.published, counts, findings).await?;
    Ok(report)
}
