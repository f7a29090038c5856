//! What an office files: record, mend and send again, withdraw, hand over, note.
//!
//! Invariant: one use case is one transaction, and what is wrong with the input changes nothing.

use pishkhan_domain::ids::{ApplicationId, DraftId};
use pishkhan_domain::lifecycle::{Act, Party, apply};
use pishkhan_domain::persian_text;
use pishkhan_ipc::application::{
    ApplicationView, DeliverRequest, NoteRequest, RecordOutcome, RecordRequest, ResubmitRequest,
    WithdrawRequest,
};
use pishkhan_ipc::error::IpcError;
use pishkhan_protocol::body::{
    ApplicationDelivered, ApplicationRecorded, ApplicationResubmitted, ApplicationWithdrawn,
    EventBody, NoteAdded,
};
use pishkhan_store::Along;

use crate::counter::{Counter, Desk};
use crate::entry::Fileable;
use crate::error::CounterError;

/// Most characters of a note or a reason.
const MAX_NOTE: usize = 2_000;

impl Counter {
    /// `application_record`: ثبت در دفتر. When this returns `Recorded`, the application is on this
    /// disk, committed with fsync, and its draft is gone in the same transaction.
    ///
    /// # Errors
    /// `session.locked`, `disk.full`, `entry.too_large`, `store.corrupt`.
    pub fn application_record(&self, request: &RecordRequest) -> Result<RecordOutcome, IpcError> {
        self.at_desk(|desk| {
            let Fileable { published, checked } = match desk.check_entry(&request.entry)? {
                Ok(fileable) => fileable,
                Err(errors) => return Ok(RecordOutcome::Invalid { errors }),
            };
            let documents = match desk.stored_documents(&checked.documents)? {
                Ok(documents) => documents,
                Err(errors) => return Ok(RecordOutcome::Invalid { errors }),
            };
            let recorded = ApplicationRecorded {
                service: published.card.code.clone(),
                card_version: published.version,
                applicant: checked.applicant,
                form: checked.form,
                documents,
                fee_rial: published.card.fee.rial,
                due_on: desk.due_on(&published.card)?,
                consent: request.entry.consent,
                code_attempt: 0,
            };
            let body = EventBody::ApplicationRecorded(Box::new(recorded));
            let events = desk.append(body, request.draft)?;
            let id = ApplicationId::from(events.rest.id);
            Ok(RecordOutcome::Recorded { application: Box::new(desk.view(id)?) })
        })
    }

    /// `application_resubmit`: a returned application, mended.
    ///
    /// # Errors
    /// `application.not_found`, `application.act_not_allowed`, and as
    /// [`Counter::application_record`].
    pub fn application_resubmit(
        &self,
        request: &ResubmitRequest,
    ) -> Result<RecordOutcome, IpcError> {
        self.at_desk(|desk| {
            let row = desk.may(request.id, Act::Resubmit)?;
            // It keeps the version it was filed under, whatever the draft says.
            let mut entry = request.entry.clone();
            entry.service = Some(row.service);
            entry.card_version = Some(row.card_version);
            let checked = match desk.check_entry(&entry)? {
                Ok(fileable) => fileable.checked,
                Err(errors) => return Ok(RecordOutcome::Invalid { errors }),
            };
            let documents = match desk.stored_documents(&checked.documents)? {
                Ok(documents) => documents,
                Err(errors) => return Ok(RecordOutcome::Invalid { errors }),
            };
            let resubmitted = ApplicationResubmitted {
                application: request.id,
                applicant: checked.applicant,
                form: checked.form,
                documents,
                note: note(&request.note)?,
            };
            let body = EventBody::ApplicationResubmitted(Box::new(resubmitted));
            desk.append(body, request.draft)?;
            Ok(RecordOutcome::Recorded { application: Box::new(desk.view(request.id)?) })
        })
    }

    /// `application_withdraw`.
    ///
    /// # Errors
    /// `session.locked`, `application.not_found`, `application.act_not_allowed`, `disk.full`.
    pub fn application_withdraw(
        &self,
        request: &WithdrawRequest,
    ) -> Result<ApplicationView, IpcError> {
        self.at_desk(|desk| {
            desk.may(request.id, Act::Withdraw)?;
            let reason = note(&request.reason)?;
            let withdrawn = ApplicationWithdrawn { application: request.id, reason };
            desk.append(EventBody::ApplicationWithdrawn(withdrawn), None)?;
            desk.view(request.id)
        })
    }

    /// `application_deliver`: the result was handed over.
    ///
    /// # Errors
    /// `recipient.required`, and as [`Counter::application_withdraw`].
    pub fn application_deliver(
        &self,
        request: &DeliverRequest,
    ) -> Result<ApplicationView, IpcError> {
        self.at_desk(|desk| {
            desk.may(request.id, Act::Deliver)?;
            let recipient = note(&request.recipient)?;
            if recipient.is_empty() {
                return Err(CounterError::told("recipient.required"));
            }
            let delivered = ApplicationDelivered { application: request.id, recipient };
            desk.append(EventBody::ApplicationDelivered(delivered), None)?;
            desk.view(request.id)
        })
    }

    /// `application_note`: a note for the agency; allowed in every state.
    ///
    /// # Errors
    /// `note.empty`, `session.locked`, `application.not_found`, `disk.full`.
    pub fn application_note(&self, request: &NoteRequest) -> Result<ApplicationView, IpcError> {
        self.at_desk(|desk| {
            desk.store.row(request.id, desk.now_ms)?;
            let text = note(&request.text)?;
            if text.is_empty() {
                return Err(CounterError::told("note.empty"));
            }
            let note = NoteAdded { application: request.id, text };
            desk.append(EventBody::NoteAdded(note), None)?;
            desk.view(request.id)
        })
    }
}

impl Desk<'_> {
    /// The application's line, if the office may do this to it now.
    pub(crate) fn may(
        &self,
        id: ApplicationId,
        act: Act,
    ) -> Result<pishkhan_store::ApplicationRow, CounterError> {
        let row = self.store.row(id, self.now_ms)?;
        // What the centre parked is mended although no officer returned it.
        if act != Act::Resubmit || !row.content_parked {
            apply(row.state, act, Party::Office)?;
        }
        Ok(row)
    }

    pub(crate) fn append(
        &mut self,
        body: EventBody,
        draft: Option<DraftId>,
    ) -> Result<pishkhan_protocol::event::Event, CounterError> {
        let along: Vec<Along> = draft.into_iter().map(Along::DiscardDraft).collect();
        let mut events = self.store.append(self.operator, self.now_ms, vec![body], &along)?;
        events.pop().ok_or_else(|| CounterError::Internal("nothing was appended".to_owned()))
    }
}

/// A text of the operator, cleaned. Invisible characters are refused as too large is: neither can
/// be typed by accident.
fn note(typed: &str) -> Result<String, CounterError> {
    match persian_text::clean_lines(typed) {
        Ok(text) if text.chars().count() <= MAX_NOTE => Ok(text),
        _ => Err(CounterError::told("entry.too_large")),
    }
}
