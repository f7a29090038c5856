//! Drafts: autosaved, of the office, and made from a returned application to mend it.

use pishkhan_domain::applicant::ApplicantEntry;
use pishkhan_domain::entry::{applicant_entry, form_entry};
use pishkhan_domain::ids::ApplicationId;
use pishkhan_domain::lifecycle::Act;
use pishkhan_domain::national_id;
use pishkhan_ipc::application::ApplicationRequest;
use pishkhan_ipc::draft::{
    ApplicantFindRequest, ApplicationEntry, Draft, DraftRequest, DraftSaveRequest,
};
use pishkhan_ipc::error::IpcError;
use pishkhan_store::DraftContent;

use crate::counter::{Counter, Desk};
use crate::error::CounterError;

/// Longest draft, in bytes of JSON: a megabyte of letters pasted into several fields by accident is
/// kept until somebody takes it out again; and nothing that fills a disk.
const MAX_DRAFT_BYTES: usize = 16 * 1024 * 1024;

impl Counter {
    /// `draft_save`: durable when it returns.
    ///
    /// # Errors
    /// `entry.too_large`, `session.locked`, `disk.full`.
    pub fn draft_save(&self, request: &DraftSaveRequest) -> Result<Draft, IpcError> {
        self.at_desk(|desk| {
            let content = content(&request.entry, request.mends)?;
            let (operator, now_ms) = (desk.operator, desk.now_ms);
            let saved = desk.store.save_draft(request.id, &content, operator, now_ms)?;
            desk.draft(saved)
        })
    }

    /// `draft_list`, the last touched first.
    ///
    /// # Errors
    /// `session.locked`.
    pub fn draft_list(&self) -> Result<Vec<Draft>, IpcError> {
        self.at_desk(|desk| {
            desk.store.drafts()?.into_iter().map(|draft| desk.draft(draft)).collect()
        })
    }

    /// `draft_get`.
    ///
    /// # Errors
    /// `draft.not_found`, `session.locked`.
    pub fn draft_get(&self, request: &DraftRequest) -> Result<Draft, IpcError> {
        self.at_desk(|desk| desk.draft(desk.store.draft(request.id)?))
    }

    /// `draft_discard`; nothing happens when there is none.
    ///
    /// # Errors
    /// `session.locked`.
    pub fn draft_discard(&self, request: &DraftRequest) -> Result<(), IpcError> {
        self.at_desk(|desk| Ok(desk.store.discard_draft(request.id)?))
    }

    /// `draft_mend`: the draft that mends a returned application, begun from what was filed, or
    /// the one begun before.
    ///
    /// # Errors
    /// `application.not_found`, `application.act_not_allowed`, `session.locked`, `disk.full`.
    pub fn draft_mend(&self, request: &ApplicationRequest) -> Result<Draft, IpcError> {
        self.at_desk(|desk| {
            desk.may(request.id, Act::Resubmit)?;
            let drafts = desk.store.drafts()?;
            let begun = drafts.into_iter().find(|draft| draft.content.mends == Some(request.id));
            if let Some(draft) = begun {
                return desk.draft(draft);
            }
            let content = content(&desk.typed_again(request.id)?, Some(request.id))?;
            let (operator, now_ms) = (desk.operator, desk.now_ms);
            let saved = desk.store.save_draft(None, &content, operator, now_ms)?;
            desk.draft(saved)
        })
    }

    /// `applicant_find`: a person who was here before; none when the id is not one.
    ///
    /// # Errors
    /// `session.locked`.
    pub fn applicant_find(
        &self,
        request: &ApplicantFindRequest,
    ) -> Result<Option<ApplicantEntry>, IpcError> {
        self.at_desk(|desk| {
            let Ok(national_id) = national_id::parse(&request.national_id) else {
                return Ok(None);
            };
            let known = desk.store.find_applicant_by_national_id(&national_id)?;
            Ok(known.as_ref().map(applicant_entry))
        })
    }
}

impl Desk<'_> {
    fn draft(&self, draft: pishkhan_store::Draft) -> Result<Draft, CounterError> {
        let entry = serde_json::from_value(draft.content.entry)
            .map_err(|error| CounterError::Internal(format!("a draft: {error}")))?;
        Ok(Draft {
            id: draft.id,
            entry,
            mends: draft.content.mends,
            operator_name: self.store.operator_name(draft.operator)?,
            saved_at: draft.saved_at,
        })
    }

    /// What would have been typed to file what now stands.
    fn typed_again(&self, id: ApplicationId) -> Result<ApplicationEntry, CounterError> {
        let application = self.store.application(id, self.now_ms)?;
        let published = self.published(&application.row)?;
        Ok(ApplicationEntry {
            service: Some(application.row.service),
            card_version: Some(application.row.card_version),
            applicant: applicant_entry(&application.applicant),
            form: form_entry(&application.form, &published.card),
            documents: application.documents,
            consent: application.consent,
        })
    }
}

fn content(
    entry: &ApplicationEntry,
    mends: Option<ApplicationId>,
) -> Result<DraftContent, CounterError> {
    let internal = |error: serde_json::Error| CounterError::Internal(error.to_string());
    if serde_json::to_vec(entry).map_err(internal)?.len() > MAX_DRAFT_BYTES {
        return Err(CounterError::told("entry.too_large"));
    }
    Ok(DraftContent { entry: serde_json::to_value(entry).map_err(internal)?, mends })
}
