//! Every command of the contract, each a call of the counter's method of the same name.

use std::sync::Arc;

use pishkhan_counter::Counter;
use pishkhan_domain::applicant::ApplicantEntry;
use pishkhan_ipc::application::{
    ApplicationList, ApplicationRequest, ApplicationView, DeliverRequest, ListRequest, NoteRequest,
    NoticeReadRequest, OfficeNotice, RecordOutcome, RecordRequest, ResubmitRequest, ServiceChoice,
    WithdrawRequest, WorkSummary,
};
use pishkhan_ipc::command::Changed;
use pishkhan_ipc::courier::{
    CourierExport, CourierExportRequest, CourierFile, CourierImport, CourierImportRequest,
    CourierPlace,
};
use pishkhan_ipc::draft::{
    ApplicantFindRequest, DocumentAttachRequest, DocumentGetRequest, Draft, DraftRequest,
    DraftSaveRequest, EntryCheck, EntryCheckRequest, StoredDocument,
};
use pishkhan_ipc::error::IpcError;
use pishkhan_ipc::receipt::{
    LetterPreview, PrintOutcome, ReceiptPreview, ReceiptRequest, ReceiptVerdict,
    ReceiptVerifyRequest, SystemPrinter,
};
use pishkhan_ipc::session::{AppStatus, EnrolRequest, OperatorAddRequest, UnlockRequest};
use pishkhan_ipc::settings::Settings;
use pishkhan_ipc::sync::SyncStatus;
use tauri::ipc::Invoke;
use tauri::{AppHandle, Manager as _, State};

use crate::desk::{Desk, blocking};
use crate::{drives, enrolment, telling};

type Reply<T> = Result<T, IpcError>;
type TheDesk<'a> = State<'a, Arc<Desk>>;

/// Calls the counter, then tells what has changed.
async fn at_counter<T: Send + 'static>(
    app: AppHandle,
    changes: &[Changed],
    work: impl FnOnce(&Counter) -> Reply<T> + Send + 'static,
) -> Reply<T> {
    let desk = Arc::clone(&app.state::<Arc<Desk>>());
    let counter = desk.counter()?;
    let reply = blocking(move || work(&counter)).await?;
    if changes.contains(&Changed::Applications) {
        desk.wake_sync();
    }
    telling::tell(&app, changes);
    Ok(reply)
}

macro_rules! counter_commands {
    ($($name:ident($($request:ty)?) -> $reply:ty $(, changes $($change:ident)+)?;)*) => {
        $(counter_commands!(@one $name($($request)?) -> $reply, [$($(Changed::$change),+)?]);)*
    };
    (@one $name:ident() -> $reply:ty, [$($change:expr),*]) => {
        #[tauri::command]
        pub(crate) async fn $name(app: AppHandle) -> Reply<$reply> {
            at_counter(app, &[$($change),*], Counter::$name).await
        }
    };
    (@one $name:ident($request:ty) -> $reply:ty, [$($change:expr),*]) => {
        #[tauri::command]
        pub(crate) async fn $name(app: AppHandle, request: $request) -> Reply<$reply> {
            at_counter(app, &[$($change),*], move |counter| counter.$name(&request)).await
        }
    };
}

counter_commands! {
    app_status() -> AppStatus;
    operator_add(OperatorAddRequest) -> AppStatus, changes Session Sync;
    session_lock() -> AppStatus, changes Session;
    settings_get() -> Settings;
    service_list() -> Vec<ServiceChoice>;
    applicant_find(ApplicantFindRequest) -> Option<ApplicantEntry>;
    draft_save(DraftSaveRequest) -> Draft;
    draft_list() -> Vec<Draft>;
    draft_get(DraftRequest) -> Draft;
    draft_discard(DraftRequest) -> ();
    draft_mend(ApplicationRequest) -> Draft;
    entry_check(EntryCheckRequest) -> EntryCheck;
    document_attach(DocumentAttachRequest) -> StoredDocument;
    document_get(DocumentGetRequest) -> StoredDocument;
    application_record(RecordRequest) -> RecordOutcome, changes Applications Sync;
    application_resubmit(ResubmitRequest) -> RecordOutcome, changes Applications Sync;
    application_withdraw(WithdrawRequest) -> ApplicationView, changes Applications Sync;
    application_deliver(DeliverRequest) -> ApplicationView, changes Applications Sync;
    application_note(NoteRequest) -> ApplicationView, changes Applications Sync;
    application_get(ApplicationRequest) -> ApplicationView;
    application_list(ListRequest) -> ApplicationList;
    work_summary() -> WorkSummary;
    receipt_preview(ReceiptRequest) -> ReceiptPreview;
    receipt_print(ReceiptRequest) -> PrintOutcome, changes Applications Sync;
    receipt_save(ReceiptRequest) -> PrintOutcome, changes Applications Sync;
    receipt_verify(ReceiptVerifyRequest) -> ReceiptVerdict;
    letter_preview(ApplicationRequest) -> LetterPreview;
    letter_print(ApplicationRequest) -> PrintOutcome, changes Applications Sync;
    printer_list() -> Vec<SystemPrinter>;
    printer_test(Settings) -> PrintOutcome;
    notice_list() -> Vec<OfficeNotice>;
    notice_read(NoticeReadRequest) -> (), changes Notices;
    courier_export(CourierExportRequest) -> CourierExport, changes Sync;
    courier_import(CourierImportRequest) -> CourierImport, changes Applications Sync Notices Services;
    courier_files() -> Vec<CourierFile>;
}

#[tauri::command]
pub(crate) async fn device_enrol(
    app: AppHandle,
    desk: TheDesk<'_>,
    request: EnrolRequest,
) -> Reply<AppStatus> {
    let status = enrolment::device_enrol(&desk, request).await?;
    desk.start_sync();
    telling::tell(&app, &[Changed::Session, Changed::Sync]);
    Ok(status)
}

#[tauri::command]
pub(crate) async fn session_unlock(
    app: AppHandle,
    desk: TheDesk<'_>,
    request: UnlockRequest,
) -> Reply<AppStatus> {
    let counter = desk.counter()?;
    let status = blocking(move || counter.session_unlock(&request)).await?;
    desk.start_sync();
    telling::tell(&app, &[Changed::Session, Changed::Sync]);
    Ok(status)
}

#[tauri::command]
pub(crate) async fn settings_set(desk: TheDesk<'_>, request: Settings) -> Reply<Settings> {
    let counter = desk.counter()?;
    let (before, kept) = blocking(move || {
        let before = counter.settings_get()?;
        Ok((before, counter.settings_set(&request)?))
    })
    .await?;
    if before.hub_url != kept.hub_url {
        desk.restart_sync().await;
    }
    Ok(kept)
}

#[tauri::command]
pub(crate) async fn sync_status(app: AppHandle, desk: TheDesk<'_>) -> Reply<SyncStatus> {
    let now = desk.sync_activity();
    at_counter(app, &[], move |counter| counter.sync_status(&now)).await
}

#[tauri::command]
pub(crate) async fn sync_now(desk: TheDesk<'_>) -> Reply<()> {
    desk.sync_now();
    Ok(())
}

#[tauri::command]
pub(crate) async fn support_text(app: AppHandle, desk: TheDesk<'_>) -> Reply<String> {
    let now = desk.sync_activity();
    at_counter(app, &[], move |counter| counter.support_text(&now)).await
}

#[tauri::command]
pub(crate) async fn courier_places() -> Reply<Vec<CourierPlace>> {
    blocking(|| Ok(drives::places())).await
}

macro_rules! registered {
    ($($name:ident),* $(,)?) => {
        /// Answers the window's calls.
        pub(crate) fn handler() -> impl Fn(Invoke) -> bool + Send + Sync + 'static {
            tauri::generate_handler![$($name),*]
        }

        #[cfg(test)]
        const REGISTERED: &[&str] = &[$(stringify!($name)),*];
    };
}

registered![
    app_status,
    device_enrol,
    operator_add,
    session_unlock,
    session_lock,
    settings_get,
    settings_set,
    service_list,
    applicant_find,
    draft_save,
    draft_list,
    draft_get,
    draft_discard,
    draft_mend,
    entry_check,
    document_attach,
    document_get,
    application_record,
    application_resubmit,
    application_withdraw,
    application_deliver,
    application_note,
    application_get,
    application_list,
    work_summary,
    receipt_preview,
    receipt_print,
    receipt_save,
    receipt_verify,
    letter_preview,
    letter_print,
    printer_list,
    printer_test,
    notice_list,
    notice_read,
    sync_status,
    sync_now,
    support_text,
    courier_places,
    courier_export,
    courier_import,
    courier_files,
];

#[cfg(test)]
mod tests {
    use pishkhan_ipc::command::COMMAND_NAMES;

    use super::REGISTERED;

    #[test]
    fn every_command_of_the_contract_is_registered_and_no_other() {
        assert_eq!(REGISTERED, COMMAND_NAMES);
    }
}
