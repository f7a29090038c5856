//! Applications as lists and pages show them.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use pishkhan_domain::catalogue::PublishedCard;
use pishkhan_domain::content_hash::ContentHash;
use pishkhan_domain::field_error::FieldError;
use pishkhan_domain::ids::ApplicationId;
use pishkhan_domain::lifecycle::{Act, Party, State, allowed};
use pishkhan_domain::service_card::Bilingual;
use pishkhan_domain::tracking_code::TrackingCode;
use pishkhan_ipc::application::{
    ApplicationList, ApplicationRequest, ApplicationRow, ApplicationView, ListFilter, ListRequest,
    TimelineItem, Word, WorkSummary,
};
use pishkhan_ipc::error::IpcError;
use pishkhan_store::{self as store, Happening, TimelineEntry};

use crate::counter::{Counter, Desk};
use crate::error::CounterError;
use crate::letter::letter_view;

const MOST_ROWS: u32 = 200;

impl Counter {
    /// `application_get`.
    ///
    /// # Errors
    /// `application.not_found`, `session.locked`.
    pub fn application_get(
        &self,
        request: &ApplicationRequest,
    ) -> Result<ApplicationView, IpcError> {
        self.at_desk(|desk| desk.view(request.id))
    }

    /// `application_list`.
    ///
    /// # Errors
    /// `session.locked`.
    pub fn application_list(&self, request: &ListRequest) -> Result<ApplicationList, IpcError> {
        self.at_desk(|desk| {
            let limit = request.limit.clamp(1, MOST_ROWS);
            // A whole tracking code, however it is grouped, means one application and no other.
            let query = TrackingCode::parse(&request.query)
                .map_or_else(|_| request.query.clone(), |code| code.to_string());
            let mut found = desk.store.applications(
                filter(request.filter),
                &query,
                limit + 1,
                request.after,
                desk.now_ms,
            )?;
            let more = found.len() > limit as usize;
            found.truncate(limit as usize);
            Ok(ApplicationList { rows: desk.rows(found)?, more })
        })
    }

    /// `work_summary`.
    ///
    /// # Errors
    /// `session.locked`.
    pub fn work_summary(&self) -> Result<WorkSummary, IpcError> {
        self.at_desk(|desk| {
            let counts = desk.store.work_counts(desk.now_ms)?;
            Ok(WorkSummary {
                today: counts.today,
                returned: counts.returned,
                to_deliver: counts.to_deliver,
                late: counts.late,
                to_print: counts.to_print,
                parked: counts.parked,
                drafts: counts.drafts,
                notices_unread: counts.notices_unread,
            })
        })
    }
}

impl Desk<'_> {
    /// An application in full.
    pub(crate) fn view(&self, id: ApplicationId) -> Result<ApplicationView, CounterError> {
        let application = self.store.application(id, self.now_ms)?;
        let published = self.published(&application.row)?;
        let timeline = self.store.timeline(id)?;
        let letter = store::letter_of(&timeline).map(letter_view);
        let handed_to = timeline.iter().rev().find_map(|entry| handed_to(&entry.what));
        let (state, defects) = (application.row.state, application.row.defects.clone());
        let mends = application.row.content_parked && state != State::Returned;
        let faults = if application.row.parked { self.faults(id)? } else { Vec::new() };
        Ok(ApplicationView {
            row: row(application.row, &published.card.title),
            applicant: application.applicant,
            form: application.form,
            documents: application.documents,
            fee_rial: application.fee_rial,
            letter,
            timeline: timeline.into_iter().map(|entry| timeline_item(entry, &published)).collect(),
            handed_to: handed_to.filter(|title| *title != published.card.agency.title.fa),
            card: published,
            defects,
            faults,
            // Recording is over, and receiving is the centre's.
            allowed: allowed(state, Party::Office)
                .into_iter()
                .filter(|act| *act != Act::Record)
                .chain(mends.then_some(Act::Resubmit))
                .collect(),
        })
    }

    /// Why entries of an application are parked.
    fn faults(&self, id: ApplicationId) -> Result<Vec<FieldError>, CounterError> {
        let parked = self.parked_for_themselves()?.into_iter();
        let of_this = |entry: &store::ParkedEntry| {
            entry.application.as_ref().is_some_and(|application| application.id == id)
        };
        Ok(parked.filter(of_this).map(|entry| entry.error).collect())
    }

    /// Lines with the titles of their services.
    pub(crate) fn rows(
        &self,
        rows: Vec<store::ApplicationRow>,
    ) -> Result<Vec<ApplicationRow>, CounterError> {
        let mut titles: BTreeMap<ContentHash, Bilingual> = BTreeMap::new();
        let mut shown = Vec::with_capacity(rows.len());
        for found in rows {
            let title = match titles.entry(found.card_version) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(self.published(&found)?.card.title),
            };
            shown.push(row(found, title));
        }
        Ok(shown)
    }

    /// The card that an application was filed under; every version is kept.
    pub(crate) fn published(
        &self,
        row: &store::ApplicationRow,
    ) -> Result<PublishedCard, CounterError> {
        self.store.card(row.card_version)?.ok_or_else(|| {
            CounterError::Internal(format!("card {} of {} is gone", row.card_version, row.id))
        })
    }
}

pub(crate) fn row(row: store::ApplicationRow, title: &Bilingual) -> ApplicationRow {
    let word = match (row.received, row.accepted) {
        (false, _) => Word::Recorded,
        (true, false) => Word::Received,
        (true, true) => Word::Accepted,
    };
    ApplicationRow {
        id: row.id,
        tracking_code: row.tracking_code.to_string(),
        service: row.service,
        service_title: title.clone(),
        applicant_name: row.applicant_name,
        applicant_code: row.applicant_code,
        state: row.state,
        word,
        recorded_at: row.recorded_at,
        due_on: row.due_on,
        late: row.late,
        copies_printed: row.copies_printed,
        documents_waiting: row.documents_waiting,
        parked: row.parked,
    }
}

/// The agency that a note says the application was handed over to.
fn handed_to(what: &Happening) -> Option<String> {
    match what {
        Happening::HandedOver { title, .. } if !title.is_empty() => Some(title.clone()),
        _ => None,
    }
}

fn timeline_item(entry: TimelineEntry, published: &PublishedCard) -> TimelineItem {
    let mut item = TimelineItem {
        kind: String::new(),
        at: entry.at,
        by: entry.by,
        place: String::new(),
        text: String::new(),
        defects: Vec::new(),
        error: None,
        applied: entry.applied,
        copy: None,
    };
    let (kind, place) = match entry.what {
        Happening::Recorded => ("recorded", "office"),
        Happening::Received => ("received", "centre"),
        Happening::Resubmitted { note } => {
            item.text = note;
            ("resubmitted", "office")
        }
        Happening::Withdrawn { reason } => {
            item.text = reason;
            ("withdrawn", "office")
        }
        Happening::Delivered { recipient } => {
            item.text = recipient;
            ("delivered", "office")
        }
        Happening::Printed { copy } => {
            item.copy = Some(copy);
            ("printed", "office")
        }
        Happening::LetterPrinted { copy } => {
            item.copy = Some(copy);
            ("letter_printed", "office")
        }
        Happening::Noted { text } => {
            item.text = text;
            ("note", "office")
        }
        Happening::Accepted => ("accepted", "agency"),
        Happening::Returned { defects, note } => {
            (item.defects, item.text) = (defects, note);
            ("returned", "agency")
        }
        Happening::Approved { note, .. } => {
            item.text = note;
            ("approved", "agency")
        }
        Happening::Refused { reason_code, note } => {
            item.text = refusal(&reason_code, note, published);
            ("refused", "agency")
        }
        Happening::AgencyNote { text } | Happening::HandedOver { text, .. } => {
            item.text = text;
            ("note", "agency")
        }
        Happening::Parked { error } => {
            item.error = Some(error);
            ("parked", "centre")
        }
    };
    item.kind = kind.to_owned();
    item.place = place.to_owned();
    item
}

/// The lawful reason as the card words it, then the officer's word.
fn refusal(code: &str, note: String, published: &PublishedCard) -> String {
    let reasons = &published.card.refusal_reasons;
    let reason = reasons.iter().find(|reason| reason.code == code);
    let reason = reason.map_or(code, |reason| reason.title.fa.as_str());
    if note.is_empty() { reason.to_owned() } else { format!("{reason}\n{note}") }
}

fn filter(filter: ListFilter) -> store::ListFilter {
    match filter {
        ListFilter::All => store::ListFilter::All,
        ListFilter::Today => store::ListFilter::Today,
        ListFilter::Waiting => store::ListFilter::Waiting,
        ListFilter::Returned => store::ListFilter::Returned,
        ListFilter::ToDeliver => store::ListFilter::ToDeliver,
        ListFilter::Late => store::ListFilter::Late,
        ListFilter::ToPrint => store::ListFilter::ToPrint,
        ListFilter::Parked => store::ListFilter::Parked,
    }
}
