/**
 * Checks of an entry as the domain makes them, near enough for the screens. The domain alone is
 * the judge in the program; nothing here is used there.
 */
import { documentsAsked, fieldsAsked } from "../../entry/conditions";
import { toLatinDigits } from "../../format/digits";
import { parseJalali, today } from "../../format/jalali";
import type { ApplicationEntry, Field, FieldError, ServiceCard } from "../../ipc/generated";

const error = (field: string, code: string, params: Record<string, string> = {}): FieldError => ({
  field,
  code,
  params,
});

export function nationalIdFault(typed: string): string | null {
  const digits = toLatinDigits(typed).trim();
  if (!/^\d*$/.test(digits)) return "national_id.characters";
  if (digits.length !== 10) return "national_id.length";
  if (/^(\d)\1{9}$/.test(digits)) return "national_id.all_equal";
  const sum = [...digits.slice(0, 9)].reduce((total, d, i) => total + Number(d) * (10 - i), 0);
  const rest = sum % 11;
  const check = rest < 2 ? rest : 11 - rest;
  return check === Number(digits[9]) ? null : "national_id.check_digit";
}

export function checkEntry(card: ServiceCard | null, entry: ApplicationEntry): FieldError[] {
  const errors = checkApplicant(card, entry);
  if (!card) return [...errors, error("service", "field.required")];
  for (const field of fieldsAsked(card, entry)) {
    if (field.computed) continue;
    errors.push(...checkField(field, `form.${field.key}`, entry.form[field.key]));
  }
  for (const document of documentsAsked(card, entry)) {
    const given = entry.documents.find((item) => item.code === document.code);
    const field = `documents.${document.code}`;
    if (!given) {
      const code = document.copy_needed ? "document.copy_needed" : "document.required";
      if (document.required) errors.push(error(field, code));
    } else if (document.copy_needed && given.evidence.kind === "seen") {
      errors.push(error(field, "document.copy_needed"));
    }
  }
  if (!entry.consent) errors.push(error("consent", "consent.required"));
  return errors;
}

function checkApplicant(card: ServiceCard | null, { applicant }: ApplicationEntry): FieldError[] {
  const errors: FieldError[] = [];
  const required = (key: "first_name" | "last_name" | "village") => {
    if (!applicant[key].trim()) errors.push(error(`applicant.${key}`, "field.required"));
  };
  if (applicant.without_papers) {
    if (card && !card.accepts.without_papers) {
      errors.push(error("applicant.without_papers", "applicant.without_papers_not_accepted"));
    }
    const filled = applicant.witnesses.filter((row) => row.name || row.national_id);
    if (filled.length === 0) errors.push(error("applicant.witnesses", "witness.required"));
    applicant.witnesses.forEach((witness, index) => {
      if (!filled.includes(witness)) return;
      const path = `applicant.witnesses.${index}`;
      if (!witness.name?.trim()) errors.push(error(`${path}.name`, "field.required"));
      const fault = witness.national_id?.trim()
        ? nationalIdFault(witness.national_id)
        : "field.required";
      if (fault) errors.push(error(`${path}.national_id`, fault));
    });
  } else if (!applicant.legal_entity_id) {
    const fault = applicant.national_id.trim()
      ? nationalIdFault(applicant.national_id)
      : "field.required";
    if (fault) errors.push(error("applicant.national_id", fault));
  }
  required("first_name");
  if (!applicant.legal_entity_id) required("last_name");
  required("village");
  if (applicant.birth_date)
    errors.push(...checkDate("applicant.birth_date", applicant.birth_date, true));
  if (applicant.mobile && !/^(0|\+98|98)?9\d{9}$/.test(plain(applicant.mobile))) {
    errors.push(error("applicant.mobile", "mobile.length"));
  }
  if (applicant.postcode && plain(applicant.postcode).length !== 10) {
    errors.push(error("applicant.postcode", "postcode.length"));
  }
  return errors;
}

const plain = (text: string) => toLatinDigits(text).replace(/[\s-]/g, "");

function checkDate(path: string, typed: string, notFuture: boolean): FieldError[] {
  const date = parseJalali(typed);
  if (!date) return [error(path, "date.format")];
  const future = notFuture && date.compare(today(Date.now())) > 0;
  return future ? [error(path, "date.future")] : [];
}

function checkField(field: Field, path: string, value: unknown): FieldError[] {
  if (field.type === "repeat") {
    const rows = Array.isArray(value) ? (value as Record<string, unknown>[]) : [];
    const shown =
      rows.length < field.min ? [...rows, ...Array(field.min - rows.length).fill({})] : rows;
    return shown.flatMap((row: Record<string, unknown>, index) =>
      field.fields.flatMap((inner) =>
        checkField(inner, `${path}.${index}.${inner.key}`, row[inner.key]),
      ),
    );
  }
  const text = value === undefined || value === null ? "" : String(value).trim();
  if (text === "") return field.required ? [error(path, "field.required")] : [];
  switch (field.type) {
    case "integer":
    case "decimal": {
      const number = Number(toLatinDigits(text).replace("٫", "."));
      if (Number.isNaN(number)) return [error(path, "number.format")];
      const { min, max } = field;
      if (number < min) return [error(path, "number.too_small", { min: String(min) })];
      return number > max ? [error(path, "number.too_large", { max: String(max) })] : [];
    }
    case "date":
      return checkDate(path, text, field.not_future);
    case "national_id": {
      const fault = nationalIdFault(text);
      return fault ? [error(path, fault)] : [];
    }
    default:
      return [];
  }
}

/** Counts and sums, near enough; years are the domain's. */
export function workedOut(card: ServiceCard, entry: ApplicationEntry): Record<string, number> {
  const rows = (group: string) => {
    const given = entry.form[group];
    const filled = (row: unknown) => Object.values(row ?? {}).some((value) => value !== "");
    return (Array.isArray(given) ? given : []).filter(filled) as Record<string, unknown>[];
  };
  const known = fieldsAsked(card, entry).flatMap(({ key, computed }): [string, number][] => {
    if (computed?.by === "count") return [[key, rows(computed.group).length + computed.plus]];
    if (computed?.by !== "sum") return [];
    const amounts = rows(computed.group).map((row) =>
      Number(toLatinDigits(String(row[computed.field] ?? "")).replace(/\D/g, "")),
    );
    return [[key, amounts.reduce((sum, amount) => sum + amount, 0)]];
  });
  return Object.fromEntries(known);
}
