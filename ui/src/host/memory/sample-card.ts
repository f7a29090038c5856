/** A card with every kind of question, so that tests need no catalogue. */
import type { ServiceCard } from "../../ipc/generated";

const t = (fa: string, en: string) => ({ fa, en });
const question = { help: null, required: true, when: null };

export const SAMPLE_CARD: ServiceCard = {
  code: "sample-service",
  official_id: null,
  title: t("خدمت نمونه با همهٔ پرسش‌ها", "Sample service with every question"),
  everyday_names: ["نمونه", "آزمایشی"],
  agency: { code: "sample-agency", title: t("دستگاه نمونه", "Sample agency") },
  legal_basis: null,
  audience: t("همه", "Everybody"),
  accepts: { without_papers: true, legal_entity: false },
  documents: [
    {
      code: "id-booklet",
      title: t("شناسنامه", "Identity booklet"),
      required: true,
      copy_needed: false,
      when: { field: "applicant.without_papers", any_of: ["false"] },
    },
    {
      code: "photo",
      title: t("عکس", "Photograph"),
      required: false,
      copy_needed: true,
      when: null,
    },
  ],
  fields: [
    {
      ...question,
      key: "reason",
      label: t("علت", "Reason"),
      type: "text",
      max_length: 200,
      multiline: false,
    },
    {
      ...question,
      key: "kind",
      label: t("نوع", "Kind"),
      type: "choice",
      options: [
        { value: "new", label: t("تازه", "New") },
        { value: "renewal", label: t("تمدید", "Renewal") },
      ],
    },
    {
      ...question,
      key: "old_number",
      label: t("شمارهٔ پیشین", "Old number"),
      when: { field: "kind", any_of: ["renewal"] },
      type: "integer",
      min: 1,
      max: 99999,
      unit: null,
    },
    {
      ...question,
      required: false,
      key: "since",
      label: t("از تاریخ", "Since"),
      type: "date",
      not_future: true,
    },
    { ...question, required: false, key: "urgent", label: t("فوری است؟", "Urgent?"), type: "flag" },
    {
      ...question,
      key: "relatives",
      label: t("بستگان", "Relatives"),
      type: "repeat",
      min: 1,
      max: 3,
      fields: [
        {
          ...question,
          key: "name",
          label: t("نام", "Name"),
          type: "text",
          max_length: 100,
          multiline: false,
        },
      ],
    },
  ],
  fee: { rial: 250_000, note: null },
  deadline_working_days: 10,
  visits_before: 3,
  refusal_reasons: [{ code: "incomplete", title: t("مدارک کامل نیست.", "Papers are incomplete.") }],
  assumptions: ["/fee", "/deadline_working_days", "/documents"],
  sources: [],
};
