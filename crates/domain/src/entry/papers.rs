//! The papers that were handed over, against those that the card asks for.

use std::collections::BTreeMap;

use super::conditions::documents_asked;
use crate::applicant::ApplicantEntry;
use crate::application::{AttachedDocument, Evidence};
use crate::field_error::FieldError;
use crate::form::FormEntry;
use crate::service_card::ServiceCard;

/// Most scans and seen papers of one application.
pub const MAX_DOCUMENTS: usize = 40;
/// Largest scan, in bytes, after it was scaled down.
pub const MAX_DOCUMENT_BYTES: u32 = 10 * 1024 * 1024;
/// What a scan may be.
pub const MEDIA_TYPES: [&str; 2] = ["image/jpeg", "application/pdf"];

/// Checks the papers. One requirement may have several scans (pages); a paper that is not asked
/// for with these answers may be added; one that is not required may follow later.
#[must_use]
pub fn check_documents(
    documents: &[AttachedDocument],
    card: &ServiceCard,
    form: &FormEntry,
    applicant: &ApplicantEntry,
) -> Vec<FieldError> {
    // By code, so that a paper is complained of once, however many pages it has.
    let mut faults: BTreeMap<&str, &str> = BTreeMap::new();
    for document in documents {
        if !card.documents.iter().any(|known| known.code == document.code) {
            faults.entry(&document.code).or_insert("document.unknown");
        }
        if let Some(code) = scan_fault(&document.evidence) {
            faults.entry(&document.code).or_insert(code);
        }
    }
    let asked = documents_asked(card, form, applicant);
    for wanted in card.documents.iter().filter(|wanted| asked.contains(&wanted.code)) {
        let mut given = documents.iter().filter(|document| document.code == wanted.code).peekable();
        let nothing = given.peek().is_none();
        let only_seen = given.all(|document| document.evidence == Evidence::Seen);
        if wanted.copy_needed && only_seen && (wanted.required || !nothing) {
            faults.entry(&wanted.code).or_insert("document.copy_needed");
        } else if nothing && wanted.required {
            faults.entry(&wanted.code).or_insert("document.required");
        }
    }
    let place = |code: &str| card.documents.iter().position(|known| known.code == code);
    let mut ordered: Vec<(&str, &str)> = faults.into_iter().collect();
    ordered.sort_by_key(|(document, _)| place(document).unwrap_or(usize::MAX));
    let named = ordered.into_iter().map(|(document, code)| {
        let error = FieldError::new(format!("documents.{document}"), code);
        if code == "document.too_large" { error.with("max", MAX_DOCUMENT_BYTES) } else { error }
    });
    let many = (documents.len() > MAX_DOCUMENTS)
        .then(|| FieldError::new("documents", "document.too_many").with("max", MAX_DOCUMENTS));
    named.chain(many).collect()
}

fn scan_fault(evidence: &Evidence) -> Option<&'static str> {
    match evidence {
        Evidence::Seen => None,
        Evidence::Copy { size_bytes: 0, .. } => Some("document.empty"),
        Evidence::Copy { size_bytes, .. } if *size_bytes > MAX_DOCUMENT_BYTES => {
            Some("document.too_large")
        }
        Evidence::Copy { media_type, .. } if !MEDIA_TYPES.contains(&media_type.as_str()) => {
            Some("document.wrong_type")
        }
        Evidence::Copy { .. } => None,
    }
}
