import { describe, expect, it } from "vitest";
import { SAMPLE_CARD } from "../host/memory/sample-card";
import {
  EMPTY_ENTRY,
  isEmpty,
  underCard,
  valueAt,
  withCopy,
  withoutCopy,
  withSeen,
  withValue,
} from "./entry";

const copy = (hash: string) => ({
  code: "photo",
  evidence: { kind: "copy" as const, hash, size_bytes: 1, media_type: "image/jpeg" },
});

describe("an entry", () => {
  it("is read and written by the paths of its faults, rows included", () => {
    const entry = withValue(EMPTY_ENTRY, "form.relatives.1.name", "زهرا");
    expect(valueAt(entry, "form.relatives.1.name")).toBe("زهرا");
    expect(valueAt(entry, "form.relatives.0")).toEqual({});
    expect(valueAt(entry, "form.nothing.0.here")).toBeUndefined();
    expect(EMPTY_ENTRY.form).toEqual({});
  });

  it("is empty until something worth keeping is typed", () => {
    expect(isEmpty(EMPTY_ENTRY)).toBe(true);
    expect(isEmpty(withValue(EMPTY_ENTRY, "form.reason", ""))).toBe(true);
    expect(isEmpty(withValue(EMPTY_ENTRY, "applicant.first_name", "گل"))).toBe(false);
    expect(isEmpty(withValue(EMPTY_ENTRY, "applicant.without_papers", true))).toBe(false);
  });

  it("keeps several pages of a paper, the same page once", () => {
    const two = withCopy(withCopy(withCopy(EMPTY_ENTRY, copy("a")), copy("b")), copy("a"));
    expect(two.documents).toHaveLength(2);
    expect(withoutCopy(two, "photo", "a").documents).toEqual([copy("b")]);
  });

  it("drops the mark of a seen paper when a scan comes, and takes it off again", () => {
    const seen = withSeen(EMPTY_ENTRY, "photo", true);
    expect(withCopy(seen, copy("a")).documents).toEqual([copy("a")]);
    expect(withSeen(seen, "photo", false).documents).toEqual([]);
  });

  it("goes under another card without answers that it does not ask", () => {
    const entry = withValue(withValue(EMPTY_ENTRY, "form.reason", "x"), "form.gone", "y");
    const moved = underCard(withCopy(entry, copy("a")), "v", SAMPLE_CARD);
    expect(moved.form).toEqual({ reason: "x" });
    expect(moved.documents).toEqual([copy("a")]);
    expect(moved.card_version).toBe("v");
  });
});
