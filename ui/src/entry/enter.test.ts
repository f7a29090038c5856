// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from "vitest";
import { entersOn, focusField, focusPath, nextField } from "./enter";

beforeEach(() => {
  Element.prototype.scrollIntoView = () => {};
  document.body.innerHTML = `
    <div data-field="applicant.national_id"><input id="a" type="text" /></div>
    <div data-aside><fieldset data-field="applicant.kind"><input id="k" type="radio" /></fieldset></div>
    <fieldset data-field="applicant.gender">
      <input id="f" type="radio" name="g" /><input id="m" type="radio" name="g" checked />
    </fieldset>
    <div data-field="form.rows.0.name"><input id="r" type="text" /></div>
    <div data-field="form.note"><textarea id="t"></textarea></div>`;
});
const by = (id: string) => document.getElementById(id) as HTMLElement;

describe("Enter", () => {
  it("goes on in the order of the page and leaves out what is aside", () => {
    expect(nextField(document, by("a"))?.getAttribute("data-field")).toBe("applicant.gender");
    expect(nextField(document, by("k"))?.getAttribute("data-field")).toBe("applicant.gender");
    expect(nextField(document, by("t"))).toBeNull();
  });
  it("lands on the chosen radio of a group", () => {
    focusField(nextField(document, by("a")) as Element);
    expect(document.activeElement).toBe(by("m"));
  });
  it("jumps to a fault, also to one of a whole group or of another name", () => {
    expect(focusPath(document, "form.rows")).toBe(true);
    expect(document.activeElement).toBe(by("r"));
    expect(focusPath(document, "applicant.without_papers")).toBe(true);
    expect(document.activeElement).toBe(by("k"));
    expect(focusPath(document, "form.nowhere")).toBe(false);
  });
  it("makes a new line with Shift in a long text", () => {
    expect(entersOn(by("t"), false)).toBe(true);
    expect(entersOn(by("t"), true)).toBe(false);
  });
});
