import { describe, expect, it } from "vitest";
import { fold, matches } from "./fold";

describe("folding", () => {
  it("makes one text of all spellings", () => {
    expect(fold("علي رضا كريمي")).toBe(fold("علی رضا کریمی"));
    expect(fold("آقای مُحَمَّد")).toBe(fold("اقای محمد"));
    expect(fold("شمارهٔ ۱۲٣")).toBe(fold("شماره 123"));
  });
  it("finds a word with a half-space, a space or neither", () => {
    for (const query of ["گل‌محمد", "گل محمد", "گلمحمد"]) {
      expect(matches("گل‌محمد ریگی", query)).toBe(true);
    }
  });
  it("wants every word of the query", () => {
    expect(matches("ثبت ولادت سازمان ثبت احوال", "احوال ولادت")).toBe(true);
    expect(matches("ثبت ولادت سازمان ثبت احوال", "ولادت برق")).toBe(false);
  });
});
