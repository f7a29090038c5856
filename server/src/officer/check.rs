//! May this be said of an application of that card?

use pishkhan_domain::ids::ApplicationId;
use pishkhan_domain::service_card::ServiceCard;
use pishkhan_protocol::feed::Note;

use super::{ActError, MAX_TEXT};
use crate::letter::LONGEST_ADDITION;
use crate::projection::OfficerAct;

pub(super) fn check(
    act: &OfficerAct,
    card: &ServiceCard,
    application: ApplicationId,
) -> Result<(), ActError> {
    let fits = |text: &str| {
        if text.chars().count() <= MAX_TEXT { Ok(()) } else { Err(ActError::TooLong) }
    };
    match act {
        OfficerAct::Accept => Ok(()),
        OfficerAct::TakeOutOfOrder { reason } | OfficerAct::HandOver { reason, .. } => {
            if reason.is_empty() {
                return Err(ActError::ReasonRequired(String::new()));
            }
            fits(reason)
        }
        OfficerAct::Note { text } => {
            // Nobody hands over by writing that he did.
            let note = Note { application, text: text.clone() };
            if text.is_empty() || note.handed_over().is_some() {
                return Err(ActError::TextRequired);
            }
            fits(text)
        }
        OfficerAct::Approve { note } => fits(note),
        OfficerAct::ApproveWithLetter { note, letter } => {
            if letter.addition.chars().count() > LONGEST_ADDITION {
                return Err(ActError::AdditionTooLong);
            }
            fits(note)
        }
        OfficerAct::Refuse { reason_code, note } => {
            if !card.refusal_reasons.iter().any(|reason| reason.code == *reason_code) {
                return Err(ActError::NotOnCard(reason_code.clone()));
            }
            fits(note)
        }
        OfficerAct::Return { defects, note } => {
            if defects.is_empty() {
                return Err(ActError::DefectRequired);
            }
            for defect in defects {
                if defect.reason.is_empty() {
                    return Err(ActError::ReasonRequired(defect.field.clone()));
                }
                if !on_card(card, &defect.field) {
                    return Err(ActError::NotOnCard(defect.field.clone()));
                }
                fits(&defect.reason)?;
            }
            fits(note)
        }
    }
}

/// Particulars of the applicant that can be returned as flawed.
pub const APPLICANT_FIELDS: [&str; 9] = [
    "identity",
    "first_name",
    "last_name",
    "father_name",
    "birth_date",
    "mobile",
    "village",
    "address",
    "postcode",
];

fn on_card(card: &ServiceCard, path: &str) -> bool {
    match path.split_once('.') {
        Some(("applicant", key)) => APPLICANT_FIELDS.contains(&key),
        Some(("form", key)) => card.fields.iter().any(|field| field.key == key),
        Some(("documents", code)) => card.documents.iter().any(|paper| paper.code == code),
        _ => false,
    }
}
