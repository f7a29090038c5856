//! From what the operator typed to what is filed: every field checked, every fault named.
//!
//! Invariant: what passes holds only fields that the card asks with these answers, each normalised
//! and within its rules; all faults are told at once, each under the path of its field.
//!
//! Paths: `applicant.national_id`, `applicant.witnesses.0.name`, `form.child_name`,
//! `form.relatives.2.national_id` (rows count from 0), `documents.id-card`, `consent`.

mod answers;
mod applicants;
mod codes;
mod computed;
mod conditions;
mod numbers;
mod papers;
mod typed_again;

use jiff::civil::Date;

use crate::applicant::{Applicant, ApplicantEntry};
use crate::application::AttachedDocument;
use crate::field_error::FieldError;
use crate::form::{Form, FormEntry};
use crate::ids::ProvisionalKey;
use crate::service_card::ServiceCard;

pub use answers::check_form;
pub use applicants::{MAX_NAME, MAX_WITNESSES, check_applicant};
pub use codes::FIELD_ERROR_CODES;
pub use computed::computed_answers;
pub use conditions::{documents_asked, fields_asked};
pub use papers::{MAX_DOCUMENT_BYTES, MAX_DOCUMENTS, MEDIA_TYPES, check_documents};
pub use typed_again::{applicant_entry, form_entry};

/// Most characters of any text.
pub const MAX_TEXT: usize = 4_000;

/// An application as typed, borrowed from wherever it stands.
#[derive(Clone, Copy, Debug)]
pub struct TypedApplication<'a> {
    /// Applicant.
    pub applicant: &'a ApplicantEntry,
    /// Answers.
    pub form: &'a FormEntry,
    /// Papers.
    pub documents: &'a [AttachedDocument],
    /// Did the applicant consent to the processing of the data?
    pub consent: bool,
}

/// What a checked application files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedApplication {
    /// Applicant.
    pub applicant: Applicant,
    /// Answers.
    pub form: Form,
    /// Papers.
    pub documents: Vec<AttachedDocument>,
}

/// Checks everything at once. `today` is the day in Tehran; `new_key` names a person without papers
/// who was not here before.
///
/// # Errors
/// Every fault, in the order of the form.
pub fn check_application(
    typed: TypedApplication<'_>,
    card: &ServiceCard,
    today: Date,
    new_key: ProvisionalKey,
) -> Result<CheckedApplication, Vec<FieldError>> {
    let applicant = check_applicant(typed.applicant, card, today, new_key);
    let form = check_form(typed.form, card, typed.applicant, today);
    let mut errors = check_documents(typed.documents, card, typed.form, typed.applicant);
    if !typed.consent {
        errors.push(FieldError::new("consent", "consent.required"));
    }
    match (applicant, form) {
        (Ok(applicant), Ok(form)) if errors.is_empty() => {
            Ok(CheckedApplication { applicant, form, documents: typed.documents.to_vec() })
        }
        (applicant, form) => {
            let mut all = applicant.err().unwrap_or_default();
            all.extend(form.err().unwrap_or_default());
            all.append(&mut errors);
            Err(all)
        }
    }
}

#[cfg(test)]
mod tests;
