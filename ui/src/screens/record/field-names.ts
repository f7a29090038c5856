/** The name of a field by its path, as it stands on the form. */
import { useLingui } from "@lingui/react";
import { useFormat } from "../../format/format";
import type { ServiceCard } from "../../ipc/generated";

const APPLICANT: Record<string, { id: string }> = {
  national_id: /*i18n*/ { id: "who.national_id" },
  legal_entity_id: /*i18n*/ { id: "who.legal_entity_id" },
  without_papers: /*i18n*/ { id: "who.kind_without_papers" },
  first_name: /*i18n*/ { id: "who.first_name" },
  last_name: /*i18n*/ { id: "who.last_name" },
  father_name: /*i18n*/ { id: "who.father_name" },
  birth_date: /*i18n*/ { id: "who.birth_date" },
  gender: /*i18n*/ { id: "who.gender" },
  mobile: /*i18n*/ { id: "who.mobile" },
  village: /*i18n*/ { id: "who.village" },
  address: /*i18n*/ { id: "who.address" },
  postcode: /*i18n*/ { id: "who.postcode" },
  witnesses: /*i18n*/ { id: "who.witnesses" },
};

export function useFieldName(card: ServiceCard): (path: string) => string {
  const { i18n } = useLingui();
  const format = useFormat();
  return (path) => {
    const [room, key = "", row, inner] = path.split(".");
    const numbered = (name: string) =>
      row === undefined ? name : `${name} ${i18n.number(Number(row) + 1)}`;
    if (room === "applicant" && APPLICANT[key]) return numbered(i18n._(APPLICANT[key]));
    if (room === "consent") return i18n.t("record.consent_name");
    if (room === "service") return i18n.t("service.title");
    if (room === "documents") {
      const document = card.documents.find((item) => item.code === key);
      return document ? format.pick(document.title) : key;
    }
    const field = card.fields.find((item) => item.key === key);
    if (!field) return key || path;
    if (field.type !== "repeat") return format.pick(field.label);
    const column = field.fields.find((item) => item.key === inner);
    return `${numbered(format.pick(field.label))}${column ? ` · ${format.pick(column.label)}` : ""}`;
  };
}
