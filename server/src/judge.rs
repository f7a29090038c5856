//! Does an application fit the card it was filed under? The office has checked every answer; the
//! centre checks what it must be able to rely on, and never at the price of losing an entry.

use pishkhan_domain::applicant::{Gender, Identity};
use pishkhan_domain::application::Evidence;
use pishkhan_domain::field_error::FieldError;
use pishkhan_domain::form::Answer;
use pishkhan_domain::service_card::{Condition, FieldKind, ServiceCard};

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
    let known = |key: &String| card.fields.iter().any(|field| field.key == **key);
    if let Some(key) = content.form.keys().find(|key| !known(key)) {
        return Err(FieldError::new(format!("form.{key}"), "field.unknown"));
    }
    for field in &card.fields {
        let path = || format!("form.{}", field.key);
        match (content.form.get(&field.key), &field.kind) {
            (None, _) if field.required && holds(field.when.as_ref(), content) => {
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
    for document in &content.documents {
        let path = format!("documents.{}", document.code);
        match card.documents.iter().find(|asked| asked.code == document.code) {
            None => return Err(FieldError::new(path, "document.unknown")),
            Some(asked) if asked.copy_needed && document.evidence == Evidence::Seen => {
                return Err(FieldError::new(path, "document.copy_needed"));
            }
            Some(_) => {}
        }
    }
    let missing = card.documents.iter().find(|asked| {
        asked.required
            && holds(asked.when.as_ref(), content)
            && !content.documents.iter().any(|document| document.code == asked.code)
    });
    missing.map_or(Ok(()), |asked| {
        Err(FieldError::new(format!("documents.{}", asked.code), "document.required"))
    })
}

fn holds(condition: Option<&Condition>, content: &Content) -> bool {
    let Some(condition) = condition else { return true };
    let value = match condition.field.as_str() {
        "applicant.gender" => content.applicant.gender.map(|gender| match gender {
            Gender::Female => "female".to_owned(),
            Gender::Male => "male".to_owned(),
        }),
        "applicant.without_papers" => {
            let without = matches!(content.applicant.identity, Identity::WithoutPapers { .. });
            Some(without.to_string())
        }
        key => content.form.get(key).and_then(|answer| match answer {
            Answer::Flag(flag) => Some(flag.to_string()),
            Answer::Integer(number) => Some(number.to_string()),
            Answer::Text(text) => Some(text.clone()),
            Answer::Rows(_) => None,
        }),
    };
    value.is_some_and(|value| condition.any_of.contains(&value))
}
