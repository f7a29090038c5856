/** An office in the middle of its work, for pictures: one application in every state. */
import { EMPTY_APPLICANT } from "../../entry/entry";
import type { ApplicationEntry, Field, ServiceChoice } from "../../ipc/generated";
import { happen, record } from "./applications";
import { type MemoryOffice, newId, SAMPLE_OFFICE } from "./office";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const PEOPLE: [string, string, string][] = [
  ["مریم", "بلوچ نمونه", "0076229645"],
  ["عبدالله", "ریگی نمونه", "1583250689"],
  ["زهرا", "نارویی نمونه", "0200203241"],
  ["یوسف", "شه‌بخش نمونه", "0067749828"],
];

function answer(field: Field): unknown {
  switch (field.type) {
    case "integer":
    case "decimal":
      return String(Math.max(field.min, Math.min(field.max, 4)));
    case "money":
      return "1200000";
    case "date":
      return "1404/06/20";
    case "choice":
      return field.options[0]?.value;
    case "flag":
      return true;
    case "national_id":
      return "0200203241";
    case "mobile":
    case "telephone":
      return "09150000000";
    case "postcode":
      return "9816713541";
    case "point":
      return "29.4963, 60.8629";
    case "repeat":
      return [Object.fromEntries(field.fields.map((inner) => [inner.key, answer(inner)]))];
    default:
      return "نمونه";
  }
}

export function sampleEntry(service: ServiceChoice, person: number): ApplicationEntry {
  const [first_name, last_name, national_id] = PEOPLE[person % PEOPLE.length] ?? ["", "", ""];
  return {
    service: service.card.code,
    card_version: service.version,
    applicant: {
      ...EMPTY_APPLICANT,
      national_id,
      first_name,
      last_name,
      father_name: "محمد",
      birth_date: "1370/05/12",
      gender: person % 2 ? "male" : "female",
      mobile: "09150000000",
      village: "روستای نمونه",
    },
    form: Object.fromEntries(service.card.fields.map((field) => [field.key, answer(field)])),
    documents: service.card.documents.map(({ code }) => ({ code, evidence: { kind: "seen" } })),
    consent: true,
  };
}

export function fillWithSamples(office: MemoryOffice): void {
  const operator = { id: newId(), name: "کاربر نمونه" };
  office.office = SAMPLE_OFFICE;
  office.operators = [{ ...operator, pin: "123456" }];
  office.operator = operator;
  const now = Date.now();
  const service = (index: number) =>
    office.services[index % office.services.length] as ServiceChoice;
  const file = (index: number, days: number) =>
    record(office, service(index), sampleEntry(service(index), index), now - days * DAY);

  const late = file(0, 90);
  happen(office, late, "received", { at: now - 87 * DAY });
  happen(office, late, "accepted", { at: now - 80 * DAY });
  late.row.copies_printed = 1;

  const returned = file(1, 12);
  happen(office, returned, "printed", { at: now - 12 * DAY + HOUR, copy: 1 });
  happen(office, returned, "received", { at: now - 9 * DAY });
  happen(office, returned, "accepted", { at: now - 7 * DAY });
  const paper = returned.card.card.documents[0]?.code ?? "photo";
  happen(office, returned, "returned", {
    at: now - 2 * DAY,
    text: "مدرک خوانا نیست.",
    defects: [
      { field: `documents.${paper}`, reason: "تصویر خوانا نیست؛ دوباره تهیه شود." },
      { field: "applicant.mobile", reason: "شماره پاسخ نمی‌دهد." },
    ],
  });
  returned.row.copies_printed = 1;

  const approved = file(2, 20);
  happen(office, approved, "received", { at: now - 19 * DAY });
  happen(office, approved, "accepted", { at: now - 17 * DAY });
  happen(office, approved, "approved", { at: now - DAY });
  approved.row.copies_printed = 2;
  approved.letter = {
    number: "1405/127",
    issued_on: new Date(now - DAY).toISOString().slice(0, 10),
    agency: approved.card.card.agency.title.fa,
    subject: `گواهی ${approved.row.service_title.fa}`,
    copies_printed: 0,
  };

  const received = file(3, 1);
  happen(office, received, "received", { at: now - 3 * HOUR });
  received.row.copies_printed = 1;

  const parked = file(4, 3);
  happen(office, parked, "received", { at: now - 3 * HOUR });
  parked.row.copies_printed = 1;
  const asked = parked.card.card.fields.findLast((field) => field.required);
  const fault = { field: `form.${asked?.key}`, code: "choice.unknown", params: {} };
  happen(office, parked, "parked", { at: now - 3 * HOUR, place: "centre", by: "", error: fault });

  file(5, 0);
  file(6, 0).row.copies_printed = 1;
  office.drafts.set(newId(), {
    id: newId(),
    entry: { ...sampleEntry(service(1), 2), documents: [], consent: false },
    mends: null,
    operator_name: operator.name,
    saved_at: now - 40 * 60_000,
  });
  const [key, draft] = [...office.drafts][0] ?? [];
  if (key && draft) {
    office.drafts.delete(key);
    office.drafts.set(draft.id, draft);
  }
  office.receivedAt = now - 3 * HOUR;
  office.lastContactAt = now - 3 * HOUR;
  office.lastRoad = "line";
  office.notices = [
    {
      number: 1,
      title: "تعطیلی رسمی",
      text: "روز شنبه تعطیل رسمی است و در مهلت‌ها به حساب نمی‌آید.",
      at: now - DAY,
      read: false,
    },
  ];
  office.operator = null;
}
