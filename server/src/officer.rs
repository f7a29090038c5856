//! What an officer does to an application: decided and stored in one transaction, and told to the
//! office by its feed.

use pishkhan_domain::ids::{ApplicationId, EventId};
use pishkhan_domain::lifecycle::{Party, State, apply};
use pishkhan_domain::service_card::ServiceCard;
use pishkhan_protocol::feed::{Approved, FeedBody, FeedItem, Refused, Returned};

use crate::centre::Centre;
use crate::projection::OfficerAct;
use crate::storage::acts::{self, ActRecord, NumberedAct, Place};
use crate::storage::applications::{self, Application};
use crate::storage::staff::Officer;
use crate::storage::{StorageError, audit_log, feed, offices};

/// Longest text that an officer may write in one place, in characters.
pub const MAX_TEXT: usize = 1_000;

/// Why an act was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// No such application, or another agency's: which of them is not said.
    #[error("no such application for this agency")]
    NotFound,
    /// It has moved on since the officer saw it, or this is the second click.
    #[error("not possible now: {0:?}")]
    NotNow(State),
    /// A return names no defect.
    #[error("a return names at least one defect")]
    DefectRequired,
    /// A defect has no reason.
    #[error("no reason for {0}")]
    ReasonRequired(String),
    /// Not a field or paper of the card, or not one of its reasons.
    #[error("not on the card: {0}")]
    NotOnCard(String),
    /// Too long.
    #[error("the text is too long")]
    TooLong,
    /// Try again later.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Carries out an act on the application as the officer saw it (`seen` is when its state had last
/// changed).
///
/// # Errors
/// [`ActError`]; then nothing was changed.
pub async fn act(
    centre: &Centre,
    officer: &Officer,
    id: ApplicationId,
    seen: i64,
    act: OfficerAct,
) -> Result<State, ActError> {
    let now = centre.now();
    let mut unit = centre.storage.begin().await?;
    let office = applications::office_of(unit.as_mut(), id).await?.ok_or(ActError::NotFound)?;
    let mut office = offices::lock(unit.as_mut(), &office).await?;
    let application = applications::find(unit.as_mut(), &office.code, id).await?;
    let mut application = application
        .filter(|application| application.agency == officer.agency)
        .ok_or(ActError::NotFound)?;
    let cards = centre.cards.current(unit.as_mut()).await?;
    let card = cards.card(application.card_version).ok_or(StorageError::Unreadable("card"))?;
    check(&act, card)?;
    if application.changed_at != seen {
        return Err(ActError::NotNow(application.state));
    }
    application.state = apply(application.state, act.act(), Party::Agency)
        .map_err(|refused| ActError::NotNow(refused.state))?;
    // Never the same twice, so that a page opened before is always known as such.
    application.changed_at = now.max(application.changed_at + 1);
    application.act_number += 1;
    let name = audited(&act);
    let (record, body) = carry_out(&mut application, act, officer, now);
    let numbered = NumberedAct { application: id, number: application.act_number, act: record };
    let item = FeedItem {
        id: EventId(crate::secret::uuid_at(now)),
        at_ms: now,
        by: format!("کارشناس {}", officer.agency_title),
        body,
        after_seq: application.last_seq,
    };
    let state = application.state;
    applications::upsert(unit.as_mut(), &[application]).await?;
    acts::append(unit.as_mut(), &office.code, &[numbered]).await?;
    feed::append(unit.as_mut(), &mut office, &[item]).await?;
    audit_log::record(unit.as_mut(), officer, name, &id.to_string(), "", now).await?;
    unit.commit().await?;
    tracing::info!(application = %id, officer = officer.username, state = ?state, "act");
    Ok(state)
}

/// What the audit log calls it.
fn audited(act: &OfficerAct) -> &'static str {
    match act {
        OfficerAct::Accept => "application.accepted",
        OfficerAct::Return { .. } => "application.returned",
        OfficerAct::Approve { .. } => "application.approved",
        OfficerAct::Refuse { .. } => "application.refused",
    }
}

fn check(act: &OfficerAct, card: &ServiceCard) -> Result<(), ActError> {
    let fits = |text: &str| {
        if text.chars().count() <= MAX_TEXT { Ok(()) } else { Err(ActError::TooLong) }
    };
    match act {
        OfficerAct::Accept => Ok(()),
        OfficerAct::Approve { note } => fits(note),
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

fn carry_out(
    application: &mut Application,
    act: OfficerAct,
    officer: &Officer,
    now: i64,
) -> (ActRecord, FeedBody) {
    let record = |kind: &str, text: &str| ActRecord {
        kind: kind.to_owned(),
        place: Place::Agency,
        actor: officer.display_name.clone(),
        text: text.to_owned(),
        defects: Vec::new(),
        applied: true,
        acted_at: now,
        received_at: now,
    };
    let id = application.id;
    match act {
        OfficerAct::Accept => (record("accepted", ""), FeedBody::Accepted(id)),
        OfficerAct::Return { defects, note } => {
            application.defects = defects.clone();
            application.note = note.clone();
            let record = ActRecord { defects: defects.clone(), ..record("returned", &note) };
            (record, FeedBody::Returned(Returned { application: id, defects, note }))
        }
        OfficerAct::Approve { note } => {
            application.note = note.clone();
            let record = record("approved", &note);
            (record, FeedBody::Approved(Approved { application: id, note }))
        }
        OfficerAct::Refuse { reason_code, note } => {
            application.note = note.clone();
            application.reason_code = reason_code.clone();
            let record = record("refused", &note);
            (record, FeedBody::Refused(Refused { application: id, reason_code, note }))
        }
    }
}
