//! Checking what was typed against the card, by the domain's rules and what this office knows.

use std::collections::BTreeMap;

use pishkhan_domain::application::{AttachedDocument, Evidence};
use pishkhan_domain::catalogue::PublishedCard;
use pishkhan_domain::entry::{
    CheckedApplication, TypedApplication, check_application, computed_answers, documents_asked,
    fields_asked,
};
use pishkhan_domain::field_error::FieldError;
use pishkhan_domain::ids::ProvisionalKey;
use pishkhan_domain::{legal_entity_id, national_id};
use pishkhan_ipc::draft::{ApplicationEntry, EntryCheck, EntryCheckRequest};
use pishkhan_ipc::error::IpcError;
use pishkhan_store::StoreError;
use uuid::Uuid;

use crate::counter::{Counter, Desk};
use crate::error::CounterError;

/// An entry that may be filed, and the card it was checked by.
pub(crate) struct Fileable {
    pub(crate) published: PublishedCard,
    pub(crate) checked: CheckedApplication,
}

impl Counter {
    /// `entry_check`: everything that stands against recording, and what follows from the answers.
    ///
    /// # Errors
    /// `session.locked`.
    pub fn entry_check(&self, request: &EntryCheckRequest) -> Result<EntryCheck, IpcError> {
        let entry = &request.entry;
        self.at_desk(|desk| {
            let errors = desk.check_entry(entry)?.err().unwrap_or_default();
            let Some(PublishedCard { card, .. }) = desk.card_of(entry)? else {
                return Ok(EntryCheck {
                    errors,
                    due_on: None,
                    documents_asked: Vec::new(),
                    fields_asked: Vec::new(),
                    computed: BTreeMap::new(),
                    duplicates: Vec::new(),
                });
            };
            let code = applicant_code(entry).unwrap_or_default();
            let duplicates = match code.as_str() {
                "" => Vec::new(),
                code => desk.store.open_duplicates(code, &card.code, desk.now_ms)?,
            };
            Ok(EntryCheck {
                errors,
                due_on: Some(desk.due_on(&card)?),
                documents_asked: documents_asked(&card, &entry.form, &entry.applicant),
                fields_asked: fields_asked(&card, &entry.form, &entry.applicant),
                computed: computed_answers(&card, &entry.form, &entry.applicant, desk.today()),
                duplicates: desk.rows(duplicates)?,
            })
        })
    }
}

impl Desk<'_> {
    /// What may be filed, or every fault of it.
    pub(crate) fn check_entry(
        &self,
        entry: &ApplicationEntry,
    ) -> Result<Result<Fileable, Vec<FieldError>>, CounterError> {
        let Some(published) = self.card_of(entry)? else {
            let code = if entry.service.is_some() { "service.unknown" } else { "field.required" };
            return Ok(Err(vec![FieldError::new("service", code)]));
        };
        let typed = TypedApplication {
            applicant: &entry.applicant,
            form: &entry.form,
            documents: &entry.documents,
            consent: entry.consent,
        };
        let new_key = ProvisionalKey(Uuid::now_v7());
        let checked = check_application(typed, &published.card, self.today(), new_key);
        Ok(checked.map(|checked| Fileable { published, checked }))
    }

    /// The papers as they lie in the store. Size and type are what is there, not what was said;
    /// a copy that is not there is a fault of its field.
    pub(crate) fn stored_documents(
        &self,
        documents: &[AttachedDocument],
    ) -> Result<Result<Vec<AttachedDocument>, Vec<FieldError>>, CounterError> {
        let (mut stored, mut errors) = (Vec::new(), Vec::new());
        for document in documents {
            let Evidence::Copy { hash, .. } = document.evidence else {
                stored.push(document.clone());
                continue;
            };
            match self.store.document(hash) {
                Ok((bytes, media_type)) => {
                    let size_bytes = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
                    let evidence = Evidence::Copy { hash, size_bytes, media_type };
                    stored.push(AttachedDocument { code: document.code.clone(), evidence });
                }
                Err(StoreError::NotFound { .. }) => {
                    let field = format!("documents.{}", document.code);
                    errors.push(FieldError::new(field, "document.not_found"));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(if errors.is_empty() { Ok(stored) } else { Err(errors) })
    }
}

/// National or legal id in Latin digits, when it is one.
fn applicant_code(entry: &ApplicationEntry) -> Option<String> {
    let applicant = &entry.applicant;
    national_id::parse(&applicant.national_id)
        .or_else(|_| legal_entity_id::parse(&applicant.legal_entity_id))
        .ok()
}
