//! What an officer does to an application: decided and stored in one transaction, and told to the
//! office by its feed.

use pishkhan_domain::ids::{AgencyCode, ApplicationId, EventId};
use pishkhan_domain::lifecycle::{Party, State, apply};
use pishkhan_protocol::feed::{Approved, FeedBody, FeedItem, Note, Refused, Returned};
use pishkhan_protocol::letter::Letter;

use crate::centre::Centre;
use crate::projection::OfficerAct;
use crate::storage::acts::{self, ActRecord, NumberedAct, Place};
use crate::storage::applications::{self, Application};
use crate::storage::queue::{self, OPEN};
use crate::storage::staff::{self, Officer};
use crate::storage::taken_out_of_order::{self, TakenOutOfOrder};
use crate::storage::{StorageError, Unit, audit_log, feed, offices};

mod check;
pub mod letter;
pub mod take_up;

pub use self::check::APPLICANT_FIELDS;
use self::check::check;
use self::letter::Maker;

/// Longest text that an officer may write in one place, in characters.
pub const MAX_TEXT: usize = 1_000;

/// Up to how many older ones are counted for whoever takes one up out of order.
pub const MOST_OLDER: u32 = 100;

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
    /// A note without a word.
    #[error("a note says something")]
    TextRequired,
    /// Older ones of the same service wait: so many, at most [`MOST_OLDER`].
    #[error("{0} older applications wait")]
    OutOfOrder(u64),
    /// Not an agency, or this one.
    #[error("no other agency of that code")]
    NoSuchAgency,
    /// A letter that the agency does not have, or has no more in this version.
    #[error("no such letter")]
    NoSuchLetter,
    /// More was added to a letter than a page holds.
    #[error("too much was added to the letter")]
    AdditionTooLong,
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
    check(&act, card, id)?;
    let note_only = matches!(act, OfficerAct::Note { .. });
    if application.changed_at != seen && !note_only {
        return Err(ActError::NotNow(application.state));
    }
    let act = in_order(unit.as_mut(), &application, act).await?;
    let agency = match &act {
        OfficerAct::HandOver { agency, .. } => {
            Some(other_agency(unit.as_mut(), officer, agency).await?)
        }
        _ => None,
    };
    let refused = ActError::NotNow(application.state);
    match act.act() {
        Some(step) => {
            let next = apply(application.state, step, Party::Agency);
            application.state = next.map_err(|refused| ActError::NotNow(refused.state))?;
        }
        None if !note_only && !OPEN.contains(&application.state) => return Err(refused),
        None => {}
    }
    if !note_only {
        // Never the same twice, so that a page opened before is always known as such.
        application.changed_at = now.max(application.changed_at + 1);
    }
    application.act_number += 1;
    let name = audited(&act);
    if let OfficerAct::TakeOutOfOrder { reason } = &act {
        let taken = TakenOutOfOrder {
            office: office.code.clone(),
            application: id,
            taken_at: now,
            agency: application.agency.clone(),
            service: application.service.clone(),
            username: officer.username.clone(),
            reason: reason.clone(),
        };
        taken_out_of_order::record(unit.as_mut(), &taken).await?;
    }
    let letter = match &act {
        OfficerAct::ApproveWithLetter { letter, .. } => {
            let (title, url) = (&card.title.fa, centre.public_url.as_str());
            let maker = Maker { officer, service_title: title, office_title: &office.title, url };
            Some(maker.issue(unit.as_mut(), &application, letter, now).await?)
        }
        _ => None,
    };
    let mut detail = agency.as_ref().map_or_else(String::new, |(code, _)| code.0.clone());
    if let Some(letter) = &letter {
        detail = letter.reference();
    }
    let beside = Beside { handed_to: agency, letter: letter.map(Box::new) };
    let (record, body) = carry_out(&mut application, act, beside, officer, now);
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
    audit_log::record(unit.as_mut(), officer, name, &id.to_string(), &detail, now).await?;
    unit.commit().await?;
    tracing::info!(application = %id, officer = officer.username, state = ?state, "act");
    Ok(state)
}

/// Whoever takes one up while older ones of its service wait says why; where none waits, there is
/// nothing to be said.
async fn in_order(
    unit: &mut dyn Unit,
    application: &Application,
    act: OfficerAct,
) -> Result<OfficerAct, ActError> {
    let takes = matches!(act, OfficerAct::Accept | OfficerAct::TakeOutOfOrder { .. });
    if !takes || application.state != State::Received {
        return Ok(if takes { OfficerAct::Accept } else { act });
    }
    let Application { agency, service, filed_at, id, .. } = application;
    match queue::count_older(unit, agency, service, *filed_at, *id, MOST_OLDER).await? {
        0 => Ok(OfficerAct::Accept),
        older if act == OfficerAct::Accept => Err(ActError::OutOfOrder(older)),
        _ => Ok(act),
    }
}

/// Code and title of an agency that is not the officer's own.
async fn other_agency(
    unit: &mut dyn Unit,
    officer: &Officer,
    code: &AgencyCode,
) -> Result<(AgencyCode, String), ActError> {
    let known = staff::agencies(unit).await?.into_iter().find(|(known, _)| known == code);
    known.filter(|(known, _)| *known != officer.agency).ok_or(ActError::NoSuchAgency)
}

/// What the audit log calls it.
fn audited(act: &OfficerAct) -> &'static str {
    match act {
        OfficerAct::Accept => "application.accepted",
        OfficerAct::Return { .. } => "application.returned",
        OfficerAct::Approve { .. } => "application.approved",
        OfficerAct::ApproveWithLetter { .. } => "application.approved_with_letter",
        OfficerAct::Refuse { .. } => "application.refused",
        OfficerAct::TakeOutOfOrder { .. } => "application.taken_out_of_order",
        OfficerAct::Note { .. } => "application.noted",
        OfficerAct::HandOver { .. } => "application.handed_over",
    }
}

/// What some acts carry.
struct Beside {
    /// Code and title of the agency that has it from now on.
    handed_to: Option<(AgencyCode, String)>,
    letter: Option<Box<Letter>>,
}

fn carry_out(
    application: &mut Application,
    act: OfficerAct,
    beside: Beside,
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
        // The reason of the latter is kept beside the act; the office has no use for it.
        OfficerAct::Accept | OfficerAct::TakeOutOfOrder { .. } => {
            (record("accepted", ""), FeedBody::Accepted(id))
        }
        OfficerAct::Note { text } => {
            (record("note", &text), FeedBody::Note(Note { application: id, text }))
        }
        OfficerAct::HandOver { reason, agency } => {
            let (code, title) = beside.handed_to.unwrap_or_else(|| (agency.clone(), agency.0));
            let text = Note::handing_over(&code, &title, &reason);
            application.agency = code;
            let record = record("handed_over", &text);
            (record, FeedBody::Note(Note { application: id, text }))
        }
        OfficerAct::Return { defects, note } => {
            application.defects = defects.clone();
            application.note = note.clone();
            let record = ActRecord { defects: defects.clone(), ..record("returned", &note) };
            (record, FeedBody::Returned(Returned { application: id, defects, note }))
        }
        OfficerAct::Approve { note } | OfficerAct::ApproveWithLetter { note, .. } => {
            application.note = note.clone();
            let record = record("approved", &note);
            let letter = beside.letter;
            (record, FeedBody::Approved(Approved { application: id, note, letter }))
        }
        OfficerAct::Refuse { reason_code, note } => {
            application.note = note.clone();
            application.reason_code = reason_code.clone();
            let record = record("refused", &note);
            (record, FeedBody::Refused(Refused { application: id, reason_code, note }))
        }
    }
}
