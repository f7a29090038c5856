/** Which questions and papers are asked for with the answers so far. */
import { toLatinDigits } from "../format/digits";
import type {
  ApplicationEntry,
  Condition,
  DocumentRequirement,
  Field,
  ServiceCard,
} from "../ipc/generated";

/** A condition looks at the form, or at `applicant.gender` and `applicant.without_papers`. */
export function holds(condition: Condition | null, entry: ApplicationEntry): boolean {
  if (!condition) return true;
  const { field, any_of } = condition;
  const value = field.startsWith("applicant.")
    ? entry.applicant[field.slice("applicant.".length) as "gender" | "without_papers"]
    : entry.form[field];
  return (
    value !== null && value !== undefined && any_of.includes(toLatinDigits(String(value)).trim())
  );
}

export function fieldsAsked(card: ServiceCard, entry: ApplicationEntry): Field[] {
  const asked = new Set<string>();
  return card.fields.filter((field) => {
    const source = field.when?.field;
    // A question hangs on an answer that is itself asked: what is hidden decides nothing.
    const hidden =
      source !== undefined &&
      !source.startsWith("applicant.") &&
      card.fields.some((other) => other.key === source) &&
      !asked.has(source);
    const is = !hidden && holds(field.when, entry);
    if (is) asked.add(field.key);
    return is;
  });
}

/** Questions of one row: a condition there looks at the row first, then at the form. */
export function rowFieldsAsked(
  fields: Field[],
  row: Record<string, unknown>,
  entry: ApplicationEntry,
): Field[] {
  const asked = new Set<string>();
  return fields.filter((field) => {
    const source = field.when?.field ?? "";
    const beside = asked.has(source) && row[source] !== undefined;
    const scope = beside ? { ...entry, form: { ...entry.form, [source]: row[source] } } : entry;
    const is = holds(field.when, scope);
    if (is) asked.add(field.key);
    return is;
  });
}

export function documentsAsked(card: ServiceCard, entry: ApplicationEntry): DocumentRequirement[] {
  return card.documents.filter((document) => holds(document.when, entry));
}

/** Is a member of the card an assumption, as a JSON pointer says? */
export function assumed(card: ServiceCard, pointer: string): boolean {
  return card.assumptions.some((item) => pointer === item || pointer.startsWith(`${item}/`));
}
