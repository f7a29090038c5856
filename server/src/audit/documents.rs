//! The documents that have arrived, read again: each file gives its name.

use std::io::ErrorKind;

use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::OfficeCode;

use super::finding::{Finding, Wrong};
use super::{AuditError, Counts};
use crate::documents::DocumentStore;
use crate::storage::{Unit, evidence};

pub(super) async fn check(
    unit: &mut dyn Unit,
    office: &OfficeCode,
    documents: &DocumentStore,
    counts: &mut Counts,
    findings: &mut Vec<Finding>,
) -> Result<(), AuditError> {
    for (name, size) in evidence::documents(unit, office).await? {
        counts.documents += 1;
        let about = |wrong| Finding::new("documents", wrong).of(office).about(&name);
        let Ok(hash) = name.parse::<ContentHash>() else {
            findings.push(about(Wrong::Unreadable));
            continue;
        };
        match documents.read(office, hash).await {
            Ok(bytes) if bytes.len() as u64 == size && ContentHash::of(&bytes) == hash => {}
            Ok(_) => findings.push(about(Wrong::DocumentChanged)),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                findings.push(about(Wrong::DocumentMissing));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
