//! Does an application fit the card it was filed under? The office has checked every answer; the
//! centre checks what it must be able to rely on, and never at the price of losing an entry.

use pishkhan_domain::applicant::Identity;
use pishkhan_domain::entry::{applicant_entry, check_documents, fields_asked, form_entry};
use pishkhan_domain::field_error::FieldError;
use pishkhan_domain::form::Answer;
use pishkhan_domain::service_card::{FieldKind, ServiceCard};

use crate::storage::applications::Content;

/// The first fault of an application, if there is one.
///
/// # Errors
/// The fault, in the same words as the office's own checks.
pub fn judge(card: &ServiceCard, content: &Content) -> Result<(), FieldError> {
    let accepted = match content.applicant.identity {
        Identity::NationalId { .. } => true,
        Identity::WithoutPapers { .. } => card.accepts.without_papers,
        Identity::LegalEntity { .. } => card.accepts.legal_entity,
    };
    if !accepted {
        return Err(FieldError::new("applicant.identity", "applicant.kind_not_accepted"));
    }
    judge_form(card, content)?;
    judge_documents(card, content)
}

fn judge_form(card: &ServiceCard, content: &Content) -> Result<(), FieldError> {
    let known = |key: &str| card.fields.iter().any(|field| field.key == key);
    if let Some(key) = content.form.keys().find(|key| !known(key)) {
        return Err(FieldError::new(format!("form.{key}"), "field.unknown"));
    }
    let asked =
        fields_asked(card, &form_entry(&content.form, card), &applicant_entry(&content.applicant));
    for field in &card.fields {
        let path = || format!("form.{}", field.key);
        match (content.form.get(&field.key), &field.kind) {
            (None, _) if field.required && asked.contains(&field.key) => {
                return Err(FieldError::new(path(), "field.required"));
            }
            (Some(Answer::Text(chosen)), FieldKind::Choice { options })
                if !options.iter().any(|option| option.value == *chosen) =>
            {
                return Err(FieldError::new(path(), "choice.unknown"));
            }
            _ => {}
        }
    }
    Ok(())
}

fn judge_documents(card: &ServiceCard, content: &Content) -> Result<(), FieldError> {
    let form = form_entry(&content.form, card);
    let applicant = applicant_entry(&content.applicant);
    let faults = check_documents(&content.documents, card, &form, &applicant);
    faults.into_iter().next().map_or(Ok(()), Err)
}
