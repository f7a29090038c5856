//! What may be done with an application now, and what there is to choose from.

use pishkhan_domain::application::Defect;
use pishkhan_domain::lifecycle::{Act, Party, State as ApplicationState, allowed};
use pishkhan_domain::service_card::ServiceCard;

use crate::access::Role;
use crate::facts;
use crate::officer::APPLICANT_FIELDS;
use crate::storage::applications::Application;
use crate::storage::queue::OPEN;

/// What may be done now, by this reader.
pub struct May {
    /// Take up.
    pub accept: bool,
    /// Approve.
    pub approve: bool,
    /// Return.
    pub give_back: bool,
    /// Refuse.
    pub refuse: bool,
    /// Give to another agency.
    pub hand_over: bool,
    /// Say something to the office.
    pub note: bool,
}

impl May {
    /// What a role may do with an application in a state. The head reads and does not decide.
    #[must_use]
    pub fn of(role: Role, state: ApplicationState) -> Self {
        let acts = matches!(role, Role::Officer | Role::Supervisor);
        let allowed = if acts { allowed(state, Party::Agency) } else { Vec::new() };
        let may = |act| allowed.contains(&act);
        Self {
            accept: may(Act::Accept),
            approve: may(Act::Approve),
            give_back: may(Act::Return),
            refuse: may(Act::Refuse),
            hand_over: acts && OPEN.contains(&state),
            note: acts,
        }
    }
}

/// Something that can be named as flawed.
pub struct FlawChoice {
    /// Path, as in defects.
    pub path: String,
    /// What it is.
    pub label: String,
    /// Was it marked?
    pub checked: bool,
    /// What was typed.
    pub reason: String,
}

/// A lawful reason of the card.
pub struct RefusalReason {
    /// Code.
    pub code: String,
    /// Sentence.
    pub title: String,
}

/// Those of a card.
#[must_use]
pub fn refusal_reasons(card: &ServiceCard) -> Vec<RefusalReason> {
    let reasons = card.refusal_reasons.iter();
    reasons
        .map(|reason| RefusalReason { code: reason.code.clone(), title: reason.title.fa.clone() })
        .collect()
}

/// Papers, questions and particulars that were asked for; `typed` are marked.
#[must_use]
pub fn choices(card: &ServiceCard, application: &Application, typed: &[Defect]) -> Vec<FlawChoice> {
    let applicant = APPLICANT_FIELDS.iter().map(|key| {
        (format!("applicant.{key}"), format!("متقاضی: {}", facts::applicant_label(key)))
    });
    let asked = card
        .fields
        .iter()
        .filter(|field| field.when.is_none() || application.content.form.contains_key(&field.key));
    let form = asked.map(|field| (format!("form.{}", field.key), field.label.fa.clone()));
    let papers = card
        .documents
        .iter()
        .map(|paper| (format!("documents.{}", paper.code), format!("مدرک: {}", paper.title.fa)));
    papers
        .chain(form)
        .chain(applicant)
        .map(|(path, label)| {
            let typed = typed.iter().find(|defect| defect.field == path);
            FlawChoice {
                checked: typed.is_some(),
                reason: typed.map_or_else(String::new, |defect| defect.reason.clone()),
                path,
                label,
            }
        })
        .collect()
}
