//! The list of commands. Each is a function of the office's use cases and, in the window, a
//! typed call; nothing else crosses the border.

use pishkhan_domain::applicant::ApplicantEntry;
use ts_rs::TS;

use crate::application::{
    ApplicationList, ApplicationRequest, ApplicationView, DeliverRequest, ListRequest, NoteRequest,
    NoticeReadRequest, OfficeNotice, RecordOutcome, RecordRequest, ResubmitRequest, ServiceChoice,
    WithdrawRequest, WorkSummary,
};
use crate::courier::{
    CourierExport, CourierExportRequest, CourierFile, CourierImport, CourierImportRequest,
    CourierPlace,
};
use crate::draft::{
    ApplicantFindRequest, DocumentAttachRequest, DocumentGetRequest, Draft, DraftRequest,
    DraftSaveRequest, EntryCheck, EntryCheckRequest, StoredDocument,
};
use crate::receipt::{
    LetterPreview, PrintOutcome, ReceiptPreview, ReceiptRequest, ReceiptVerdict,
    ReceiptVerifyRequest, SystemPrinter,
};
use crate::session::{AppStatus, EnrolRequest, OperatorAddRequest, UnlockRequest};
use crate::settings::Settings;
use crate::sync::SyncStatus;

macro_rules! commands {
    ($($name:ident: $request:ty => $reply:ty),* $(,)?) => {
        /// Name, request and reply of every command: `Commands["draft_save"]["request"]`.
        #[derive(TS)]
        #[expect(dead_code, reason = "only its TypeScript is used")]
        pub struct Commands {
            $($name: Command<$request, $reply>,)*
        }

        /// The names, in the order of the list.
        pub const COMMAND_NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}

/// Request and reply of a command; `null` where there is none.
#[derive(TS)]
#[expect(dead_code, reason = "only its TypeScript is used")]
pub struct Command<Request, Reply> {
    request: Request,
    reply: Reply,
}

commands! {
    app_status: () => AppStatus,
    device_enrol: EnrolRequest => AppStatus,
    operator_add: OperatorAddRequest => AppStatus,
    session_unlock: UnlockRequest => AppStatus,
    session_lock: () => AppStatus,
    settings_get: () => Settings,
    settings_set: Settings => Settings,
    service_list: () => Vec<ServiceChoice>,
    applicant_find: ApplicantFindRequest => Option<ApplicantEntry>,
    draft_save: DraftSaveRequest => Draft,
    draft_list: () => Vec<Draft>,
    draft_get: DraftRequest => Draft,
    draft_discard: DraftRequest => (),
    draft_mend: ApplicationRequest => Draft,
    entry_check: EntryCheckRequest => EntryCheck,
    document_attach: DocumentAttachRequest => StoredDocument,
    document_get: DocumentGetRequest => StoredDocument,
    application_record: RecordRequest => RecordOutcome,
    application_resubmit: ResubmitRequest => RecordOutcome,
    application_withdraw: WithdrawRequest => ApplicationView,
    application_deliver: DeliverRequest => ApplicationView,
    application_note: NoteRequest => ApplicationView,
    application_get: ApplicationRequest => ApplicationView,
    application_list: ListRequest => ApplicationList,
    work_summary: () => WorkSummary,
    receipt_preview: ReceiptRequest => ReceiptPreview,
    receipt_print: ReceiptRequest => PrintOutcome,
    receipt_save: ReceiptRequest => PrintOutcome,
    receipt_verify: ReceiptVerifyRequest => ReceiptVerdict,
    letter_preview: ApplicationRequest => LetterPreview,
    letter_print: ApplicationRequest => PrintOutcome,
    printer_list: () => Vec<SystemPrinter>,
    printer_test: Settings => PrintOutcome,
    notice_list: () => Vec<OfficeNotice>,
    notice_read: NoticeReadRequest => (),
    sync_status: () => SyncStatus,
    sync_now: () => (),
    support_text: () => String,
    courier_places: () => Vec<CourierPlace>,
    courier_export: CourierExportRequest => CourierExport,
    courier_import: CourierImportRequest => CourierImport,
    courier_files: () => Vec<CourierFile>,
}

/// What the window is told without asking; the name of each event is `changed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    /// Applications, drafts or counts.
    Applications,
    /// State of synchronisation.
    Sync,
    /// Notices.
    Notices,
    /// Catalogue.
    Services,
    /// Locked, unlocked, enrolled.
    Session,
}
