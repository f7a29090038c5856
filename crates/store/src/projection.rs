//! Projections: what the screens read, computed from log and feed.
//!
//! Invariant: an application's row is always computed from its whole history, whether one act came
//! or everything is computed anew; so both ways give the same.

mod acts;
mod counts;
mod feed_item;
mod rebuild;

use pishkhan_domain::applicant::{Applicant, Identity as ApplicantIdentity};
use pishkhan_domain::application::{AttachedDocument, Evidence};
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::ids::ApplicationId;
use pishkhan_domain::tracking_code::TrackingCode;
use pishkhan_protocol::body::{ApplicationRecorded, EventBody};
use pishkhan_protocol::event::Core;
use rusqlite::{Connection, OptionalExtension, named_params};

use crate::error::StoreError;
use crate::history::{OrderedAct, OwnAct, Standing, standing};
use crate::numbers::{from_sql, to_sql};
use crate::{catalogue, search};

pub(crate) use acts::history;
use feed_item::project_parked;
pub(crate) use feed_item::{subject_of, take_feed_item};
pub(crate) use rebuild::rebuild;

/// Version of the rules in this file and in `history`; raise it when they change, and every store
/// computes its projections anew when it is next opened.
pub(crate) const VERSION: i64 = 1;

/// The application that an event is about, given the event's own id.
pub(crate) fn application_of(body: &EventBody, event: ApplicationId) -> Option<ApplicationId> {
    match body {
        EventBody::ApplicationRecorded(_) => Some(event),
        other => named_by(other),
    }
}

/// The application, recorded before, that an event names.
pub(crate) fn named_by(body: &EventBody) -> Option<ApplicationId> {
    match body {
        EventBody::ApplicationResubmitted(body) => Some(body.application),
        EventBody::ApplicationWithdrawn(body) => Some(body.application),
        EventBody::ApplicationDelivered(body) => Some(body.application),
        EventBody::ReceiptPrinted(body) => Some(body.application),
        EventBody::NoteAdded(body) => Some(body.application),
        EventBody::LetterPrinted(body) => Some(body.application),
        EventBody::ApplicationRecorded(_) | EventBody::OperatorEnrolled(_) => None,
    }
}

/// The papers that an event names.
pub(crate) fn copies_named(body: &EventBody) -> Vec<ContentHash> {
    let documents: &[AttachedDocument] = match body {
        EventBody::ApplicationRecorded(body) => &body.documents,
        EventBody::ApplicationResubmitted(body) => &body.documents,
        _ => &[],
    };
    let copy = |document: &AttachedDocument| match document.evidence {
        Evidence::Copy { hash, .. } => Some(hash),
        Evidence::Seen => None,
    };
    documents.iter().filter_map(copy).collect()
}

/// Takes a new event of the log into the projections.
pub(crate) fn take_event(
    connection: &Connection,
    seq: u64,
    application: Option<ApplicationId>,
    body: &EventBody,
) -> Result<(), StoreError> {
    if let EventBody::OperatorEnrolled(enrolled) = body {
        let sql = "INSERT INTO operators (id, name) VALUES (:id, :name) \
                   ON CONFLICT (id) DO UPDATE SET name = excluded.name";
        let id = &enrolled.operator.as_bytes()[..];
        connection.execute(sql, named_params! { ":id": id, ":name": enrolled.name })?;
    }
    let Some(application) = application else { return Ok(()) };
    for hash in copies_named(body) {
        let sql = "INSERT INTO document_uses (hash, seq, application) \
                   VALUES (:hash, :seq, :application) ON CONFLICT (hash, seq) DO NOTHING";
        let application = &application.as_bytes()[..];
        let uses =
            named_params! { ":hash": hash.0, ":seq": to_sql(seq), ":application": application };
        connection.prepare_cached(sql)?.execute(uses)?;
    }
    project(connection, application)
}

/// Computes the row of an application from its history. Does nothing for an application that this
/// device has not recorded.
pub(crate) fn project(
    connection: &Connection,
    application: ApplicationId,
) -> Result<(), StoreError> {
    let (own, feed) = history(connection, application)?;
    let Some((recorded_seq, recorded)) = own.iter().find_map(recorded_in) else { return Ok(()) };
    let recorded = recorded.clone();
    let recorded_at = own.iter().find(|act| act.seq == recorded_seq).map_or(0, |act| act.at);
    let standing = standing(own, feed);
    let content = content(&standing).unwrap_or(&recorded.applicant).clone();
    let code = tracking_code(connection, recorded_seq)?;
    let known = known_content_seq(connection, recorded_seq)?;
    let before = counts::before(connection, recorded_seq)?;

    connection.prepare_cached(include_str!("projection/application.sql"))?.execute(
        named_params! {
            ":seq": to_sql(recorded_seq),
            ":id": &application.as_bytes()[..],
            ":tracking_code": to_sql(code.as_u64()),
            ":service": recorded.service.0,
            ":card_version": recorded.card_version.0,
            ":applicant_name": content.full_name(),
            ":applicant_code": applicant_code(&content),
            ":recorded_at": recorded_at,
            ":due_on": recorded.due_on,
            ":state": standing.state.name(),
            ":state_seq": to_sql(standing.state_seq),
            ":content_seq": to_sql(standing.content_seq),
            ":accepted": standing.accepted,
            ":defects": defects_to_bytes(&standing.defects),
            ":copies_printed": standing.copies_printed,
            ":parked": !standing.parked.is_empty(),
        },
    )?;
    let now = counts::Place {
        state: standing.state,
        due_on: recorded.due_on.clone(),
        printed: standing.copies_printed > 0,
        parked: !standing.parked.is_empty(),
        accepted: standing.accepted,
    };
    counts::move_over(connection, before.as_ref(), &now)?;
    project_parked(connection, application, &standing)?;
    if known.is_none() {
        let sql = "INSERT INTO service_counts (service, recorded) VALUES (:service, 1) \
                   ON CONFLICT (service) DO UPDATE SET recorded = recorded + 1";
        connection
            .prepare_cached(sql)?
            .execute(named_params! { ":service": recorded.service.0 })?;
    }
    if known != Some(standing.content_seq) {
        let card = catalogue::card_in(connection, recorded.card_version)?;
        let card = card.as_ref().map(|published| &published.card);
        let words = search::words(&content, code, &recorded.service.0, card);
        index(connection, recorded_seq, known.is_some(), &words)?;
    }
    Ok(())
}

/// National or legal id, or nothing.
pub(crate) fn applicant_code(applicant: &Applicant) -> &str {
    match &applicant.identity {
        ApplicantIdentity::NationalId { national_id } => national_id,
        ApplicantIdentity::LegalEntity { legal_entity_id } => legal_entity_id,
        ApplicantIdentity::WithoutPapers { .. } => "",
    }
}

fn recorded_in(act: &OwnAct) -> Option<(u64, &ApplicationRecorded)> {
    match &act.body {
        EventBody::ApplicationRecorded(recorded) => Some((act.seq, recorded)),
        _ => None,
    }
}

fn content(standing: &Standing) -> Option<&Applicant> {
    standing.acts.iter().find_map(|(act, _)| match act {
        OrderedAct::Own(act) if act.seq == standing.content_seq => match &act.body {
            EventBody::ApplicationRecorded(body) => Some(&body.applicant),
            EventBody::ApplicationResubmitted(body) => Some(&body.applicant),
            _ => None,
        },
        _ => None,
    })
}

fn tracking_code(connection: &Connection, seq: u64) -> Result<TrackingCode, StoreError> {
    let sql = "SELECT core FROM events WHERE seq = :seq";
    let core: Vec<u8> = connection
        .prepare_cached(sql)?
        .query_row(named_params! { ":seq": to_sql(seq) }, |row| row.get("core"))?;
    Core::from_bytes(&core)
        .ok()
        .and_then(|core| core.tracking_code)
        .and_then(|code| TrackingCode::from_u64(code).ok())
        .ok_or_else(|| StoreError::corrupt(format!("the tracking code of event {seq}")))
}

fn known_content_seq(connection: &Connection, seq: u64) -> Result<Option<u64>, StoreError> {
    let sql = "SELECT content_seq FROM applications WHERE seq = :seq";
    let known = connection
        .prepare_cached(sql)?
        .query_row(named_params! { ":seq": to_sql(seq) }, |row| row.get("content_seq"))
        .optional()?;
    Ok(known.map(from_sql))
}

fn index(connection: &Connection, seq: u64, known: bool, words: &str) -> Result<(), StoreError> {
    if known {
        connection
            .prepare_cached("DELETE FROM application_words WHERE rowid = :seq")?
            .execute(named_params! { ":seq": to_sql(seq) })?;
    }
    connection
        .prepare_cached("INSERT INTO application_words (rowid, words) VALUES (:seq, :words)")?
        .execute(named_params! { ":seq": to_sql(seq), ":words": words })?;
    Ok(())
}

fn defects_to_bytes(defects: &[pishkhan_domain::application::Defect]) -> Vec<u8> {
    if defects.is_empty() {
        return Vec::new();
    }
    // Writing to a Vec cannot fail, and the type encodes without condition.
    minicbor::to_vec(defects).unwrap_or_default()
}

/// Defects as the row keeps them.
pub(crate) fn defects_from_bytes(bytes: &[u8]) -> Vec<pishkhan_domain::application::Defect> {
    minicbor::decode(bytes).unwrap_or_default()
}
