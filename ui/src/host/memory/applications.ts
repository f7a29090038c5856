/** Recording, moving on and listing applications in memory. */
import { fieldsAsked } from "../../entry/conditions";
import { toLatinDigits } from "../../format/digits";
import { isoDayOf, parseJalali, shortDay, startOfIsoDay, tehranDay } from "../../format/jalali";
import type {
  Act,
  Answer,
  Applicant,
  ApplicationEntry,
  ApplicationRow,
  ApplicationView,
  ListFilter,
  ServiceChoice,
  State,
  TimelineItem,
} from "../../ipc/generated";
import { matches } from "../../text/fold";
import { dueOn, type MemoryOffice, mintTrackingCode, newId } from "./office";

const isoOf = (typed: string) => {
  const date = parseJalali(typed);
  return date ? isoDayOf(date.toDate("UTC").getTime()) : null;
};

function checkedApplicant({ applicant: typed }: ApplicationEntry): Applicant {
  return {
    identity: typed.without_papers
      ? { kind: "without_papers", provisional_key: typed.provisional_key ?? newId() }
      : typed.legal_entity_id
        ? { kind: "legal_entity", legal_entity_id: toLatinDigits(typed.legal_entity_id) }
        : { kind: "national_id", national_id: toLatinDigits(typed.national_id) },
    first_name: typed.first_name.trim(),
    last_name: typed.last_name.trim(),
    father_name: typed.father_name.trim(),
    birth_date: isoOf(typed.birth_date),
    gender: typed.gender,
    mobile: typed.mobile ? toLatinDigits(typed.mobile).replace(/^0/, "+98") : null,
    village: typed.village.trim(),
    address: typed.address.trim(),
    postcode: typed.postcode ? toLatinDigits(typed.postcode) : null,
    witnesses: typed.without_papers ? typed.witnesses : [],
  };
}

function checkedForm(service: ServiceChoice, entry: ApplicationEntry): Record<string, Answer> {
  const answers: Record<string, Answer> = {};
  for (const field of fieldsAsked(service.card, entry)) {
    const value = entry.form[field.key];
    if (value === undefined || value === null || value === "") continue;
    if (field.type === "integer" || field.type === "money") {
      answers[field.key] = Number(toLatinDigits(String(value)).replace(/[٬,]/g, ""));
    } else if (field.type === "date") {
      answers[field.key] = isoOf(String(value)) ?? "";
    } else {
      answers[field.key] = value as Answer;
    }
  }
  return answers;
}

export function record(
  office: MemoryOffice,
  service: ServiceChoice,
  entry: ApplicationEntry,
  at = Date.now(),
): ApplicationView {
  const applicant = checkedApplicant(entry);
  const identity = applicant.identity;
  const row: ApplicationRow = {
    id: newId(),
    tracking_code: mintTrackingCode(office.office?.device ?? 1, Math.floor(Math.random() * 1e7)),
    service: service.card.code,
    service_title: service.card.title,
    applicant_name: `${applicant.first_name} ${applicant.last_name}`.trim(),
    applicant_code:
      identity.kind === "national_id"
        ? identity.national_id
        : identity.kind === "legal_entity"
          ? identity.legal_entity_id
          : "",
    state: "recorded",
    word: "recorded",
    recorded_at: at,
    due_on: dueOn(at, service.card.deadline_working_days),
    late: false,
    copies_printed: 0,
    documents_waiting: entry.documents.filter((item) => item.evidence.kind === "copy").length,
    parked: false,
  };
  const view: ApplicationView = {
    row,
    applicant,
    form: checkedForm(service, entry),
    documents: entry.documents,
    card: { version: service.version, card: service.card },
    handed_to: null,
    fee_rial: service.card.fee.rial,
    letter: null,
    timeline: [],
    defects: [],
    faults: [],
    allowed: [],
  };
  happen(office, view, "recorded", { at });
  office.applications.unshift(view);
  service.times_recorded += 1;
  return view;
}

const PLACES: Record<string, string> = { received: "centre" };
const BY_AGENCY = ["accepted", "returned", "approved", "refused"];
const STATES: State[] = [
  "recorded",
  "received",
  "accepted",
  "returned",
  "resubmitted",
  "approved",
  "refused",
  "delivered",
  "withdrawn",
];

/** One more line in the history, and the state that follows from it. */
export function happen(
  office: MemoryOffice,
  view: ApplicationView,
  kind: string,
  item: Partial<TimelineItem> = {},
): void {
  const byAgency = BY_AGENCY.includes(kind);
  view.timeline.push({
    kind,
    at: Date.now(),
    by: byAgency ? "کارشناس نمونه" : kind === "received" ? "" : (office.operator?.name ?? ""),
    place: PLACES[kind] ?? (byAgency ? "agency" : "office"),
    text: "",
    defects: [],
    error: null,
    applied: true,
    copy: null,
    ...item,
  });
  const state = STATES.find((known) => known === kind);
  if (state && !(kind === "received" && view.row.state !== "recorded")) view.row.state = state;
  if (kind === "received" && view.row.word === "recorded") view.row.word = "received";
  if (kind === "accepted") view.row.word = "accepted";
  view.defects = view.row.state === "returned" ? (item.defects ?? view.defects) : [];
  if (kind === "parked" && item.error) view.faults = [item.error];
  if (kind === "resubmitted") view.faults = [];
  view.row.parked = view.faults.length > 0;
  view.allowed = allowed(view.row.state);
  if (view.row.parked) view.allowed.push("resubmit");
  view.row.late =
    !["approved", "refused", "delivered", "withdrawn"].includes(view.row.state) &&
    view.row.due_on < isoDayOf(Date.now());
}

function allowed(state: State): Act[] {
  if (state === "returned") return ["resubmit", "withdraw"];
  if (state === "approved" || state === "refused") return ["deliver"];
  return state === "delivered" || state === "withdrawn" ? [] : ["withdraw"];
}

export function isWaiting(view: ApplicationView): boolean {
  return !view.timeline.some((item) => item.kind === "received");
}

const FILTERS: Record<ListFilter, (view: ApplicationView) => boolean> = {
  all: () => true,
  today: ({ row }) => tehranDay(row.recorded_at) === tehranDay(Date.now()),
  waiting: isWaiting,
  returned: ({ row }) => row.state === "returned",
  to_deliver: ({ row }) => row.state === "approved" || row.state === "refused",
  late: ({ row }) => row.late,
  to_print: ({ row }) => row.copies_printed === 0,
  parked: ({ row }) => row.parked,
};

export function list(office: MemoryOffice, filter: ListFilter, query: string): ApplicationRow[] {
  return office.applications
    .filter(FILTERS[filter])
    .filter(({ row, applicant }) => {
      const text = [
        row.applicant_name,
        applicant.father_name,
        applicant.village,
        row.applicant_code,
        applicant.mobile?.replace("+98", "0") ?? "",
        row.tracking_code,
        row.service_title.fa,
        row.service_title.en,
      ].join(" ");
      return matches(text, query.replace(/(\d)\s+(?=\d)/g, "$1"));
    })
    .map(({ row }) => ({ ...row }));
}

/** What was filed, as it would be typed again. */
export function asEntry(view: ApplicationView): ApplicationEntry {
  const { applicant, card, form, documents } = view;
  const { identity } = applicant;
  return {
    service: card.card.code,
    card_version: card.version,
    applicant: {
      national_id: identity.kind === "national_id" ? identity.national_id : "",
      legal_entity_id: identity.kind === "legal_entity" ? identity.legal_entity_id : "",
      without_papers: identity.kind === "without_papers",
      provisional_key: identity.kind === "without_papers" ? identity.provisional_key : null,
      first_name: applicant.first_name,
      last_name: applicant.last_name,
      father_name: applicant.father_name,
      birth_date: applicant.birth_date ? shortDay(startOfIsoDay(applicant.birth_date)) : "",
      gender: applicant.gender,
      mobile: applicant.mobile?.replace("+98", "0") ?? "",
      village: applicant.village,
      address: applicant.address,
      postcode: applicant.postcode ?? "",
      witnesses: applicant.witnesses,
    },
    form: { ...form },
    documents,
    consent: true,
  };
}
