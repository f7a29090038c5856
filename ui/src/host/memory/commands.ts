/** Every command of the contract, answered from memory. */

import { documentsAsked, fieldsAsked } from "../../entry/conditions";
import { toLatinDigits } from "../../format/digits";
import type { Changed, Commands, ServiceChoice } from "../../ipc/generated";
import { HostError } from "../host";
import { asEntry, happen, list, record } from "./applications";
import { checkEntry, workedOut } from "./check";
import { courierAnswers } from "./courier";
import { appStatus, dueOn, type MemoryOffice, newId, SAMPLE_OFFICE } from "./office";
import { receiptPicture } from "./receipt";
import { acknowledge, supportText, syncStatus } from "./sync";

type Answers = {
  [K in keyof Commands]: (
    request: Commands[K]["request"],
  ) => Commands[K]["reply"] | Promise<Commands[K]["reply"]>;
};

const refuse = (code: string, params: Record<string, string> = {}): never => {
  throw new HostError({ code, params });
};

export function answers(office: MemoryOffice, tell: (changed: Changed) => void): Answers {
  const application = (id: string) =>
    office.applications.find((view) => view.row.id === id) ?? refuse("application.not_found");
  const service = (code: string | null): ServiceChoice | null =>
    office.services.find((choice) => choice.card.code === code) ?? null;
  const draft = (id: string) => office.drafts.get(id) ?? refuse("draft.not_found");
  const checkPin = (pin: string) => {
    if (!/^\d{6,}$/.test(toLatinDigits(pin))) refuse("pin.too_short");
    return toLatinDigits(pin);
  };

  return {
    app_status: () => appStatus(office),
    device_enrol({ code, operator_name, pin }) {
      if (toLatinDigits(code).replace(/\W/g, "").length < 6) refuse("enrolment.code_invalid");
      if (!operator_name.trim()) refuse("operator.name_required");
      const operator = { id: newId(), name: operator_name.trim() };
      office.operators = [{ ...operator, pin: checkPin(pin) }];
      office.office = SAMPLE_OFFICE;
      office.operator = operator;
      return appStatus(office);
    },
    operator_add({ name, pin }) {
      if (!name.trim()) refuse("operator.name_required");
      office.operators.push({ id: newId(), name: name.trim(), pin: checkPin(pin) });
      return appStatus(office);
    },
    session_unlock({ operator, pin }) {
      if (office.wrongPins >= 5) refuse("pin.wait", { seconds: "60" });
      const found = office.operators.find((item) => item.id === operator);
      if (!found || found.pin !== toLatinDigits(pin)) {
        office.wrongPins += 1;
        return refuse("pin.wrong");
      }
      office.wrongPins = 0;
      office.operator = { id: found.id, name: found.name };
      return appStatus(office);
    },
    session_lock() {
      office.operator = null;
      return appStatus(office);
    },
    settings_get: () => ({ ...office.settings }),
    settings_set(settings) {
      office.settings = settings;
      return settings;
    },
    service_list: () => [...office.services].sort((a, b) => b.times_recorded - a.times_recorded),
    applicant_find({ national_id }) {
      const wanted = toLatinDigits(national_id).trim();
      const known = office.applications.find((view) => view.row.applicant_code === wanted);
      return wanted && known ? asEntry(known).applicant : null;
    },
    draft_save({ id, entry, mends }) {
      const saved = {
        id: id ?? newId(),
        entry,
        mends,
        operator_name: office.operator?.name ?? "",
        saved_at: Date.now(),
      };
      office.drafts.set(saved.id, saved);
      return saved;
    },
    draft_list: () => [...office.drafts.values()].sort((a, b) => b.saved_at - a.saved_at),
    draft_get: ({ id }) => draft(id),
    draft_discard({ id }) {
      office.drafts.delete(id);
      return null;
    },
    draft_mend({ id }) {
      const open = [...office.drafts.values()].find((item) => item.mends === id);
      if (open) return open;
      const view = application(id);
      const made = {
        id: newId(),
        entry: asEntry(view),
        mends: id,
        operator_name: office.operator?.name ?? "",
        saved_at: Date.now(),
      };
      office.drafts.set(made.id, made);
      return made;
    },
    entry_check({ entry }) {
      const chosen = service(entry.service)?.card ?? null;
      const code = toLatinDigits(entry.applicant.national_id).trim();
      return {
        errors: checkEntry(chosen, entry),
        due_on: chosen ? dueOn(Date.now(), chosen.deadline_working_days) : null,
        documents_asked: chosen ? documentsAsked(chosen, entry).map((item) => item.code) : [],
        fields_asked: chosen ? fieldsAsked(chosen, entry).map((item) => item.key) : [],
        computed: chosen ? workedOut(chosen, entry) : {},
        duplicates: office.applications
          .map((view) => view.row)
          .filter(
            (row) =>
              code !== "" &&
              row.applicant_code === code &&
              row.service === entry.service &&
              !["approved", "refused", "delivered", "withdrawn"].includes(row.state),
          ),
      };
    },
    document_attach({ code, file_name, bytes_base64 }) {
      const pdf = /\.pdf$/i.test(file_name);
      if (!pdf && !/\.(jpe?g|png|webp)$/i.test(file_name)) refuse("document.wrong_type");
      const hash = String(office.documents.size + 1).padStart(64, "d");
      const media_type = pdf ? "application/pdf" : "image/jpeg";
      const size_bytes = Math.floor((bytes_base64.length * 3) / 4);
      const stored = {
        document: { code, evidence: { kind: "copy" as const, hash, size_bytes, media_type } },
        preview: `data:${media_type};base64,${bytes_base64}`,
      };
      office.documents.set(hash, stored);
      return stored;
    },
    document_get: ({ hash }) => office.documents.get(hash) ?? refuse("document.not_found"),
    application_record({ draft: id, entry }) {
      const chosen = service(entry.service);
      const errors = checkEntry(chosen?.card ?? null, entry);
      if (errors.length || !chosen) return { outcome: "invalid", errors };
      if (id) office.drafts.delete(id);
      return { outcome: "recorded", application: { ...record(office, chosen, entry) } };
    },
    application_resubmit({ id, draft: mended, entry, note }) {
      const view = application(id);
      const errors = checkEntry(view.card.card, entry);
      if (errors.length) return { outcome: "invalid", errors };
      if (mended) office.drafts.delete(mended);
      view.documents = entry.documents;
      happen(office, view, "resubmitted", { text: note });
      return { outcome: "recorded", application: { ...view } };
    },
    application_withdraw({ id, reason }) {
      const view = application(id);
      happen(office, view, "withdrawn", { text: reason });
      return { ...view };
    },
    application_deliver({ id, recipient }) {
      const view = application(id);
      if (!recipient.trim()) refuse("recipient.required");
      happen(office, view, "delivered", { text: recipient });
      return { ...view };
    },
    application_note({ id, text }) {
      const view = application(id);
      if (!text.trim()) refuse("note.empty");
      happen(office, view, "note", { text });
      return { ...view };
    },
    application_get: ({ id }) => structuredClone(application(id)),
    application_list({ filter, query, limit, after }) {
      const rows = list(office, filter, query);
      const from = after ? rows.findIndex(({ id }) => id === after) + 1 : 0;
      return { rows: rows.slice(from, from + limit), more: rows.length > from + limit };
    },
    work_summary() {
      const count = (filter: Parameters<typeof list>[1]) => list(office, filter, "").length;
      return {
        today: count("today"),
        returned: count("returned"),
        to_deliver: count("to_deliver"),
        late: count("late"),
        to_print: count("to_print"),
        parked: count("parked"),
        drafts: office.drafts.size,
        notices_unread: office.notices.filter((notice) => !notice.read).length,
      };
    },
    receipt_preview({ application: id, paper }) {
      const view = application(id);
      return {
        picture: receiptPicture(view, paper ?? office.settings.paper),
        copy: view.row.copies_printed + 1,
      };
    },
    receipt_print({ application: id }) {
      const view = application(id);
      if (office.settings.printer.kind === "network") {
        return { outcome: "failed", code: "printer.unreachable", detail: "no route to host" };
      }
      view.row.copies_printed += 1;
      const copy = view.row.copies_printed;
      happen(office, view, "printed", { copy });
      return office.settings.printer.kind === "none"
        ? { outcome: "saved", copy, path: `receipts/${view.row.tracking_code}.pdf` }
        : { outcome: "printed", copy };
    },
    receipt_save({ application: id }) {
      const view = application(id);
      view.row.copies_printed += 1;
      const copy = view.row.copies_printed;
      happen(office, view, "printed", { copy });
      return { outcome: "saved", copy, path: `receipts/${view.row.tracking_code}.pdf` };
    },
    receipt_verify({ url }) {
      const view = office.applications.find((item) => url.includes(item.row.tracking_code));
      if (!view || !office.office) {
        return {
          outcome: "false",
          code: url.includes("#") ? "receipt.signature" : "receipt.malformed",
        };
      }
      return {
        outcome: "genuine",
        office_title: office.office.title,
        tracking_code: view.row.tracking_code,
        service: view.row.service,
        service_title: view.row.service_title,
        applicant_name: view.row.applicant_name,
        last_four: view.row.applicant_code.slice(-4),
        documents: view.documents.length,
        fee_rial: view.fee_rial,
        claimed_at: view.row.recorded_at,
        not_before: view.row.recorded_at - 86_400_000,
        due_on: view.row.due_on,
      };
    },
    letter_preview({ id }) {
      const view = application(id);
      if (!view.letter) refuse("letter.not_found");
      return { picture: receiptPicture(view, "a5") };
    },
    letter_print({ id }) {
      const view = application(id);
      const letter = view.letter ?? refuse("letter.not_found");
      letter.copies_printed += 1;
      const copy = letter.copies_printed;
      happen(office, view, "letter_printed", { copy });
      const { kind } = office.settings.printer;
      return kind === "system" && office.settings.paper === "a5"
        ? { outcome: "printed", copy }
        : { outcome: "saved", copy, path: `receipts/${view.row.tracking_code}-letter.pdf` };
    },
    printer_list: () => [
      { name: "Thermal-80", default: false },
      { name: "Office-A4", default: true },
    ],
    printer_test: ({ printer }) =>
      printer.kind === "system"
        ? { outcome: "printed", copy: 0 }
        : {
            outcome: "failed",
            code: printer.kind === "none" ? "printer.none" : "printer.unreachable",
            detail: "",
          },
    notice_list: () => [...office.notices],
    notice_read({ number }) {
      office.notices = office.notices.map((notice) =>
        notice.number === number ? { ...notice, read: true } : notice,
      );
      tell("notices");
      return null;
    },
    sync_status: () => syncStatus(office),
    sync_now() {
      if (office.line === "up") acknowledge(office);
      tell("sync");
      return null;
    },
    support_text: () => supportText(office),
    ...courierAnswers(office, tell),
  };
}
