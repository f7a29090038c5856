/** What was typed, as lines of label and value: for the page that looks like the receipt. */
import { useLingui } from "@lingui/react";
import { fieldsAsked } from "../../entry/conditions";
import { useFormat } from "../../format/format";
import type { ApplicationEntry, Field, ServiceCard } from "../../ipc/generated";

export interface Fact {
  path: string;
  label: string;
  value: string;
  code?: boolean;
}

export function useAnswerText(): (field: Field, value: unknown) => string {
  const { i18n } = useLingui();
  const format = useFormat();
  const text = (field: Field, value: unknown): string => {
    if (value === undefined || value === null || value === "") return "";
    switch (field.type) {
      case "choice": {
        const option = field.options.find((item) => item.value === value);
        return option ? format.pick(option.label) : String(value);
      }
      case "flag":
        return value === true || value === "true" ? i18n.t("answer.yes") : i18n.t("answer.no");
      case "money":
        return `${typeof value === "number" ? format.count(value) : format.digits(String(value))} ${i18n.t("unit.rial")}`;
      case "date":
        return /^\d{4}-\d\d-\d\d$/.test(String(value)) && !/^1[34]/.test(String(value))
          ? format.isoDay(String(value))
          : format.digits(String(value));
      case "integer":
      case "decimal":
        return `${format.digits(String(value))} ${field.unit ? format.pick(field.unit) : ""}`.trim();
      case "repeat":
        return Array.isArray(value)
          ? value
              .map((row: Record<string, unknown>) =>
                field.fields
                  .map((inner) => text(inner, row[inner.key]))
                  .filter(Boolean)
                  .join(" · "),
              )
              .filter(Boolean)
              .join(format.language === "fa" ? "؛ " : "; ")
          : "";
      default:
        return format.digits(String(value));
    }
  };
  return text;
}

/** Is the answer a code, to be set left to right? */
export function isCode(field: Field): boolean {
  return !["text", "choice", "flag", "date", "money", "integer", "decimal", "repeat"].includes(
    field.type,
  );
}

export function useTypedFacts(
  card: ServiceCard,
  entry: ApplicationEntry,
  computed: Record<string, number>,
): Fact[] {
  const { i18n } = useLingui();
  const format = useFormat();
  const answerText = useAnswerText();
  const { applicant } = entry;
  const genders = { female: i18n.t("gender.female"), male: i18n.t("gender.male") };
  const facts: Fact[] = [
    {
      path: "name",
      label: i18n.t("fact.applicant"),
      value: `${applicant.first_name} ${applicant.last_name}`.trim(),
    },
    {
      path: "identity",
      label: applicant.legal_entity_id ? i18n.t("who.legal_entity_id") : i18n.t("who.national_id"),
      value: applicant.without_papers
        ? i18n.t("who.kind_without_papers")
        : format.digits(applicant.legal_entity_id || applicant.national_id),
      code: !applicant.without_papers,
    },
    { path: "father_name", label: i18n.t("who.father_name"), value: applicant.father_name },
    {
      path: "birth_date",
      label: i18n.t("who.birth_date"),
      value: format.digits(applicant.birth_date),
      code: true,
    },
    {
      path: "gender",
      label: i18n.t("who.gender"),
      value: applicant.gender ? genders[applicant.gender] : "",
    },
    {
      path: "mobile",
      label: i18n.t("who.mobile"),
      value: format.digits(applicant.mobile),
      code: true,
    },
    { path: "village", label: i18n.t("who.village"), value: applicant.village },
    { path: "address", label: i18n.t("who.address"), value: format.digits(applicant.address) },
    {
      path: "postcode",
      label: i18n.t("who.postcode"),
      value: format.digits(applicant.postcode),
      code: true,
    },
    {
      path: "witnesses",
      label: i18n.t("who.witnesses"),
      value: applicant.without_papers
        ? applicant.witnesses
            .map((row) => `${row.name} (${format.digits(row.national_id)})`)
            .join(format.language === "fa" ? "، " : ", ")
        : "",
    },
    ...fieldsAsked(card, entry).map((field) => ({
      path: `form.${field.key}`,
      label: format.pick(field.label),
      value: answerText(field, field.computed ? computed[field.key] : entry.form[field.key]),
      code: isCode(field),
    })),
  ];
  return facts.filter((fact) => fact.value !== "");
}
