// Written by pishkhan-ipc. Do not edit.
export type { AcceptedApplicants } from "./AcceptedApplicants";
export type { Act } from "./Act";
export type { Activity } from "./Activity";
export type { Agency } from "./Agency";
export type { AgencyCode } from "./AgencyCode";
export type { Answer } from "./Answer";
export type { AppStatus } from "./AppStatus";
export type { Applicant } from "./Applicant";
export type { ApplicantEntry } from "./ApplicantEntry";
export type { ApplicantFindRequest } from "./ApplicantFindRequest";
export type { ApplicationEntry } from "./ApplicationEntry";
export type { ApplicationId } from "./ApplicationId";
export type { ApplicationList } from "./ApplicationList";
export type { ApplicationRequest } from "./ApplicationRequest";
export type { ApplicationRow } from "./ApplicationRow";
export type { ApplicationView } from "./ApplicationView";
export type { AttachedDocument } from "./AttachedDocument";
export type { Bilingual } from "./Bilingual";
export type { CentreAnswer } from "./CentreAnswer";
export type { Changed } from "./Changed";
export type { ChoiceOption } from "./ChoiceOption";
export type { Command } from "./Command";
export type { Commands } from "./Commands";
export type { Computed } from "./Computed";
export type { Condition } from "./Condition";
export type { ContentHash } from "./ContentHash";
export type { CourierExport } from "./CourierExport";
export type { CourierExportRequest } from "./CourierExportRequest";
export type { CourierFile } from "./CourierFile";
export type { CourierImport } from "./CourierImport";
export type { CourierImportRequest } from "./CourierImportRequest";
export type { CourierPlace } from "./CourierPlace";
export type { CourierRead } from "./CourierRead";
export type { Defect } from "./Defect";
export type { DeliverRequest } from "./DeliverRequest";
export type { DeviceNumber } from "./DeviceNumber";
export type { DocumentAttachRequest } from "./DocumentAttachRequest";
export type { DocumentGetRequest } from "./DocumentGetRequest";
export type { DocumentRequirement } from "./DocumentRequirement";
export type { Draft } from "./Draft";
export type { DraftId } from "./DraftId";
export type { DraftRequest } from "./DraftRequest";
export type { DraftSaveRequest } from "./DraftSaveRequest";
export type { EnrolRequest } from "./EnrolRequest";
export type { EntryCheck } from "./EntryCheck";
export type { EntryCheckRequest } from "./EntryCheckRequest";
export type { Evidence } from "./Evidence";
export type { ExchangeProgress } from "./ExchangeProgress";
export type { Fee } from "./Fee";
export type { Field } from "./Field";
export type { FieldError } from "./FieldError";
export type { Gender } from "./Gender";
export type { Identity } from "./Identity";
export type { IpcError } from "./IpcError";
export type { LetterPreview } from "./LetterPreview";
export type { LetterView } from "./LetterView";
export type { ListFilter } from "./ListFilter";
export type { ListRequest } from "./ListRequest";
export type { NoteRequest } from "./NoteRequest";
export type { NoticeReadRequest } from "./NoticeReadRequest";
export type { Office } from "./Office";
export type { OfficeCode } from "./OfficeCode";
export type { OfficeNotice } from "./OfficeNotice";
export type { Operator } from "./Operator";
export type { OperatorAddRequest } from "./OperatorAddRequest";
export type { OperatorId } from "./OperatorId";
export type { Paper } from "./Paper";
export type { ParkedEntry } from "./ParkedEntry";
export type { PrintOutcome } from "./PrintOutcome";
export type { Printer } from "./Printer";
export type { ProvisionalKey } from "./ProvisionalKey";
export type { PublishedCard } from "./PublishedCard";
export type { Reason } from "./Reason";
export type { ReceiptPreview } from "./ReceiptPreview";
export type { ReceiptRequest } from "./ReceiptRequest";
export type { ReceiptVerdict } from "./ReceiptVerdict";
export type { ReceiptVerifyRequest } from "./ReceiptVerifyRequest";
export type { RecordOutcome } from "./RecordOutcome";
export type { RecordRequest } from "./RecordRequest";
export type { ResubmitRequest } from "./ResubmitRequest";
export type { Road } from "./Road";
export type { ServiceCard } from "./ServiceCard";
export type { ServiceChoice } from "./ServiceChoice";
export type { ServiceCode } from "./ServiceCode";
export type { Settings } from "./Settings";
export type { Stage } from "./Stage";
export type { State } from "./State";
export type { StoredDocument } from "./StoredDocument";
export type { SyncStatus } from "./SyncStatus";
export type { SystemPrinter } from "./SystemPrinter";
export type { TimelineItem } from "./TimelineItem";
export type { UnlockRequest } from "./UnlockRequest";
export type { UploadProgress } from "./UploadProgress";
export type { WithdrawRequest } from "./WithdrawRequest";
export type { Witness } from "./Witness";
export type { WitnessEntry } from "./WitnessEntry";
export type { Word } from "./Word";
export type { WorkSummary } from "./WorkSummary";

export const COMMAND_NAMES = [
  "app_status",
  "device_enrol",
  "operator_add",
  "session_unlock",
  "session_lock",
  "settings_get",
  "settings_set",
  "service_list",
  "applicant_find",
  "draft_save",
  "draft_list",
  "draft_get",
  "draft_discard",
  "draft_mend",
  "entry_check",
  "document_attach",
  "document_get",
  "application_record",
  "application_resubmit",
  "application_withdraw",
  "application_deliver",
  "application_note",
  "application_get",
  "application_list",
  "work_summary",
  "receipt_preview",
  "receipt_print",
  "receipt_save",
  "receipt_verify",
  "letter_preview",
  "letter_print",
  "printer_list",
  "printer_test",
  "notice_list",
  "notice_read",
  "sync_status",
  "sync_now",
  "support_text",
  "courier_places",
  "courier_export",
  "courier_import",
  "courier_files",
] as const;

export const CODES = [
  "application.not_found",
  "application.act_not_allowed",
  "centre.refused",
  "centre.unreachable",
  "courier.no_file",
  "courier.no_folder",
  "courier.no_room",
  "courier.not_verified",
  "courier.not_writable",
  "disk.failed",
  "disk.full",
  "document.not_found",
  "document.too_large",
  "document.unreadable",
  "document.wrong_type",
  "draft.not_found",
  "enrolment.code_invalid",
  "enrolment.already_done",
  "entry.too_large",
  "internal.failed",
  "letter.not_found",
  "note.empty",
  "operator.name_required",
  "pin.too_short",
  "pin.wrong",
  "pin.wait",
  "recipient.required",
  "service.unknown",
  "session.locked",
  "settings.invalid",
  "store.corrupt",
  "store.in_use",
  "store.too_new",
] as const;

export const COURIER_CODES = [
  "courier.taken",
  "courier.taken_before",
  "courier.cut",
  "courier.arrived_cut",
  "courier.gap",
  "courier.news_missing",
  "courier.outdated",
  "courier.of_another",
  "courier.for_the_centre",
  "courier.damaged",
  "courier.not_one",
  "courier.not_of_the_centre",
  "courier.too_new",
  "courier.unreadable",
  "device.fork",
  "device.log_damaged",
  "device.revoked",
  "device.stale_copy",
  "protocol.unsupported",
] as const;

export const FIELD_ERROR_CODES = [
  "applicant.legal_entity_not_accepted",
  "applicant.two_identities",
  "applicant.without_papers_not_accepted",
  "choice.unknown",
  "consent.required",
  "date.format",
  "date.future",
  "date.no_such_day",
  "date.too_old",
  "date.year",
  "document.copy_needed",
  "document.empty",
  "document.required",
  "document.too_large",
  "document.too_many",
  "document.unknown",
  "document.wrong_type",
  "field.required",
  "field.type",
  "field.unknown",
  "iban.characters",
  "iban.check_digits",
  "iban.country",
  "iban.length",
  "legal_entity_id.all_equal",
  "legal_entity_id.characters",
  "legal_entity_id.check_digit",
  "legal_entity_id.length",
  "mobile.characters",
  "mobile.length",
  "mobile.prefix",
  "name.characters",
  "national_id.all_equal",
  "national_id.characters",
  "national_id.check_digit",
  "national_id.length",
  "number.format",
  "number.too_large",
  "number.too_many_decimals",
  "number.too_small",
  "point.format",
  "point.outside_iran",
  "postcode.all_equal",
  "postcode.characters",
  "postcode.leading_zero",
  "postcode.length",
  "rows.too_few",
  "rows.too_many",
  "telephone.area_code",
  "telephone.characters",
  "telephone.length",
  "text.control_characters",
  "text.too_long",
  "witness.repeated",
  "witness.required",
] as const;
