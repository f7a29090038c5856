/** An application as it is typed: empty at first, everything may be missing or wrong. */
import type {
  ApplicantEntry,
  ApplicationEntry,
  AttachedDocument,
  ServiceCard,
} from "../ipc/generated";

export const EMPTY_APPLICANT: ApplicantEntry = {
  national_id: "",
  legal_entity_id: "",
  without_papers: false,
  provisional_key: null,
  first_name: "",
  last_name: "",
  father_name: "",
  birth_date: "",
  gender: null,
  mobile: "",
  village: "",
  address: "",
  postcode: "",
  witnesses: [],
};

export const EMPTY_ENTRY: ApplicationEntry = {
  service: null,
  card_version: null,
  applicant: EMPTY_APPLICANT,
  form: {},
  documents: [],
  consent: false,
};

/** Nothing worth keeping: such an entry makes no draft. */
export function isEmpty(entry: ApplicationEntry): boolean {
  return JSON.stringify(withoutBlanks(entry)) === JSON.stringify(withoutBlanks(EMPTY_ENTRY));
}

function withoutBlanks(entry: ApplicationEntry): ApplicationEntry {
  const witnesses = entry.applicant.witnesses.filter((row) => row.name || row.national_id);
  const form = Object.fromEntries(
    Object.entries(entry.form).filter(([, value]) => value !== "" && value !== null),
  );
  return { ...entry, applicant: { ...entry.applicant, witnesses }, form };
}

/** The value at `form.witnesses.2.name`, or `undefined`. */
export function valueAt(entry: ApplicationEntry, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (value, key) =>
        typeof value === "object" && value !== null
          ? (value as Record<string, unknown>)[key]
          : undefined,
      entry,
    );
}

/** The entry with the value at a path replaced; rows that are missing on the way are made. */
export function withValue(entry: ApplicationEntry, path: string, value: unknown): ApplicationEntry {
  return replaced(entry, path.split("."), value) as ApplicationEntry;
}

function replaced(target: unknown, keys: string[], value: unknown): unknown {
  const [key, ...rest] = keys;
  if (key === undefined) return value;
  if (/^\d+$/.test(key)) {
    const rows = Array.isArray(target) ? [...target] : [];
    const index = Number(key);
    while (rows.length <= index) rows.push({});
    rows[index] = replaced(rows[index], rest, value);
    return rows;
  }
  const object = typeof target === "object" && target !== null ? target : {};
  return { ...object, [key]: replaced((object as Record<string, unknown>)[key], rest, value) };
}

/** A paper marked as seen, or not: its scans are kept beside when there are any. */
export function withSeen(entry: ApplicationEntry, code: string, seen: boolean): ApplicationEntry {
  const others = entry.documents.filter(
    (item) => item.code !== code || item.evidence.kind !== "seen",
  );
  const mark: AttachedDocument = { code, evidence: { kind: "seen" } };
  return { ...entry, documents: seen ? [...others, mark] : others };
}

/** One more scan of a paper; a paper may have several pages. The same page twice is one. */
export function withCopy(entry: ApplicationEntry, copy: AttachedDocument): ApplicationEntry {
  const hash = hashOf(copy);
  const others = entry.documents.filter(
    (item) => item.code !== copy.code || (item.evidence.kind !== "seen" && hashOf(item) !== hash),
  );
  return { ...entry, documents: [...others, copy] };
}

export function withoutCopy(entry: ApplicationEntry, code: string, hash: string): ApplicationEntry {
  const documents = entry.documents.filter((item) => item.code !== code || hashOf(item) !== hash);
  return { ...entry, documents };
}

function hashOf(document: AttachedDocument): string {
  return document.evidence.kind === "copy" ? document.evidence.hash : "";
}

/** The entry under another card: answers to questions that it does not ask would be faults. */
export function underCard(
  entry: ApplicationEntry,
  version: string,
  card: ServiceCard,
  form: Record<string, unknown> = entry.form,
): ApplicationEntry {
  const asked = new Set(card.fields.map((field) => field.key));
  const papers = new Set(card.documents.map((document) => document.code));
  return {
    ...entry,
    service: card.code,
    card_version: version,
    form: Object.fromEntries(Object.entries(form).filter(([key]) => asked.has(key))),
    documents: entry.documents.filter((document) => papers.has(document.code)),
  };
}

/** As an operator would type it: kept numbers begin with +98, dialled ones with 0. */
export function asTyped(applicant: ApplicantEntry): ApplicantEntry {
  return { ...applicant, mobile: applicant.mobile.replace(/^\+98/, "0") };
}

export type ApplicantKind = "national_id" | "without_papers" | "legal_entity";

export function applicantKind(applicant: ApplicantEntry, chosen?: ApplicantKind): ApplicantKind {
  if (applicant.without_papers) return "without_papers";
  if (applicant.legal_entity_id) return "legal_entity";
  return chosen === "legal_entity" && !applicant.national_id ? "legal_entity" : "national_id";
}
