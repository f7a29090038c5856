//! Documents that had arrived and are not to be had any more: found when somebody opens one or when
//! all are checked, marked, and from then on asked for again ([`crate::exchange`]).
//!
//! Invariants: a document is marked only when its damaged file is out of the way, so that whoever
//! sends it again is not told that it is here. One that has come again meanwhile stays.

use std::io;

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::OfficeCode;

use crate::documents::{DocumentStore, Flaw};
use crate::storage::{SharedStorage, StorageError, audit_log, documents};

/// Documents looked up at once.
const PAGE: u32 = 500;
/// So many may be lost before anybody asks whether it is the right folder,
const FEW: u64 = 20;
/// or one of so many.
const SHARE: u64 = 10;

/// Why the documents were not checked to the end.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The database.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The disk, when what it says is of no single document.
    #[error("the folder of documents cannot be read")]
    Disk(#[from] io::Error),
    /// Offices would send all of them again, over lines that take weeks for it. Nothing was marked.
    #[error("{lost} of {looked_at} documents are missing or damaged: is this the right folder?")]
    Many {
        /// How many.
        lost: u64,
        /// Of how many.
        looked_at: u64,
    },
}

/// A document as it was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// Its bytes.
    Whole(Vec<u8>),
    /// It has not arrived yet.
    OnItsWay,
    /// It had arrived, and is asked for again.
    Lost,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Documents that had arrived.
    pub looked_at: u64,
    /// Those that are not to be had, and are marked now.
    pub lost: Vec<(OfficeCode, ContentHash, Flaw)>,
}

/// Opens a document of an office.
///
/// # Errors
/// [`CheckError`].
pub async fn open(
    storage: &SharedStorage,
    store: &DocumentStore,
    (office, hash): (&OfficeCode, ContentHash),
    now: i64,
) -> Result<Opened, CheckError> {
    let mut unit = storage.read().await?;
    let known = documents::find(unit.as_mut(), office, hash).await?;
    drop(unit);
    let Some(known) = known else { return Ok(Opened::OnItsWay) };
    let Some(received_at) = known.received_at else {
        return Ok(known.lost_at.map_or(Opened::OnItsWay, |_| Opened::Lost));
    };
    match store.read_sound(office, hash).await? {
        Ok(bytes) => Ok(Opened::Whole(bytes)),
        Err(_) => {
            give_up(storage, store, (office, hash, received_at), now).await?;
            Ok(Opened::Lost)
        }
    }
}

/// Reads every document that has arrived, and marks those that are missing or damaged. Many are
/// marked only if that is meant.
///
/// # Errors
/// [`CheckError`].
pub async fn check(
    storage: &SharedStorage,
    store: &DocumentStore,
    many_too: bool,
    now: i64,
) -> Result<Checked, CheckError> {
    let mut flawed = Vec::new();
    let mut checked = Checked::default();
    let mut last = (OfficeCode::from(""), None);
    loop {
        let mut unit = storage.read().await?;
        let page = documents::received_after(unit.as_mut(), (&last.0, last.1), PAGE).await?;
        drop(unit);
        let Some((office, document)) = page.last() else { break };
        last = (office.clone(), Some(document.hash));
        for (office, document) in page {
            checked.looked_at += 1;
            let found = match store.flaw(&office, document.hash).await {
                // Here it is known whose folder this is, and many are not marked unasked.
                Err(error) if error.kind() == io::ErrorKind::NotFound => Some(Flaw::Missing),
                found => found?,
            };
            if found.is_some() {
                flawed.extend(document.received_at.map(|at| (office, document.hash, at)));
            }
        }
    }
    let lost = flawed.len() as u64;
    if lost > FEW && lost > checked.looked_at / SHARE && !many_too {
        return Err(CheckError::Many { lost, looked_at: checked.looked_at });
    }
    for (office, hash, received_at) in flawed {
        if let Some(flaw) = give_up(storage, store, (&office, hash, received_at), now).await? {
            checked.lost.push((office, hash, flaw));
        }
    }
    Ok(checked)
}

/// Puts what is there of a document aside and marks it; nothing, if it has come again. Says what
/// was wrong with it.
async fn give_up(
    storage: &SharedStorage,
    store: &DocumentStore,
    (office, hash, received_at): (&OfficeCode, ContentHash, i64),
    now: i64,
) -> Result<Option<Flaw>, CheckError> {
    let Some(_writer) = store.write(office, hash).await? else { return Ok(None) };
    let Some(flaw) = store.flaw(office, hash).await? else { return Ok(None) };
    store.put_aside(office, hash).await?;
    let mut unit = storage.begin().await?;
    if !documents::mark_lost(unit.as_mut(), office, hash, received_at, now).await? {
        return Ok(None);
    }
    let subject = format!("{office}/{hash}");
    audit_log::record_order(unit.as_mut(), "document.lost", &subject, now).await?;
    unit.commit().await?;
    tracing::error!(%office, %hash, ?flaw, "a document is lost, and asked for again");
    Ok(Some(flaw))
}
