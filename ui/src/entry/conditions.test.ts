import { describe, expect, it } from "vitest";
import { SAMPLE_CARD } from "../host/memory/sample-card";
import { assumed, documentsAsked, fieldsAsked, rowFieldsAsked } from "./conditions";
import { EMPTY_ENTRY, withValue } from "./entry";

const keys = (entry: typeof EMPTY_ENTRY) => fieldsAsked(SAMPLE_CARD, entry).map((f) => f.key);

describe("conditions", () => {
  it("asks a question only when the answer before it says so", () => {
    expect(keys(EMPTY_ENTRY)).not.toContain("old_number");
    expect(keys(withValue(EMPTY_ENTRY, "form.kind", "renewal"))).toContain("old_number");
  });

  it("lets an answer that is not asked any more decide nothing", () => {
    const card = structuredClone(SAMPLE_CARD);
    card.fields.push({
      key: "hangs_on_old_number",
      label: { fa: "", en: "" },
      help: null,
      required: true,
      when: { field: "old_number", any_of: ["7"] },
      type: "flag",
    });
    const renewal = withValue(EMPTY_ENTRY, "form.kind", "renewal");
    const answered = withValue(renewal, "form.old_number", "۷");
    const asked = (entry: typeof EMPTY_ENTRY) => fieldsAsked(card, entry).map((f) => f.key);
    expect(asked(answered)).toContain("hangs_on_old_number");
    expect(asked(withValue(answered, "form.kind", "new"))).not.toContain("hangs_on_old_number");
  });

  it("asks papers by the applicant's particulars", () => {
    const codes = (without: boolean) =>
      documentsAsked(SAMPLE_CARD, withValue(EMPTY_ENTRY, "applicant.without_papers", without)).map(
        (document) => document.code,
      );
    expect(codes(false)).toEqual(["id-booklet", "photo"]);
    expect(codes(true)).toEqual(["photo"]);
  });

  it("looks at the row first, then at the form", () => {
    const question = { label: { fa: "", en: "" }, help: null, required: true } as const;
    const fields = [
      { ...question, key: "kind", when: null, type: "flag" as const },
      { ...question, key: "why", when: { field: "kind", any_of: ["true"] }, type: "flag" as const },
    ];
    const form = withValue(EMPTY_ENTRY, "form.kind", true);
    const asked = (row: Record<string, unknown>) =>
      rowFieldsAsked(fields, row, form).map((field) => field.key);
    expect(asked({ kind: true })).toEqual(["kind", "why"]);
    expect(asked({ kind: false })).toEqual(["kind"]);
  });

  it("marks a member of the card as an assumption, and what lies within it", () => {
    expect(assumed(SAMPLE_CARD, "/fee")).toBe(true);
    expect(assumed(SAMPLE_CARD, "/documents/0")).toBe(true);
    expect(assumed(SAMPLE_CARD, "/title")).toBe(false);
  });
});
