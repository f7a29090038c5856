/**
 * Enter goes on to the next field; in the last one it goes on to the review. Fields are marked with
 * `data-field`, in the order of the page.
 */
const FOCUSABLE =
  "input:not([disabled]):not([type=hidden]), select:not([disabled]), textarea:not([disabled]), button:not([disabled])";

/** Puts the focus on the control that stands for a field. */
export function focusField(field: Element, block: ScrollLogicalPosition = "nearest"): boolean {
  const control =
    field.querySelector<HTMLElement>("input[type=radio]:checked") ??
    field.querySelector<HTMLElement>("[data-primary]") ??
    (field.matches(FOCUSABLE)
      ? (field as HTMLElement)
      : field.querySelector<HTMLElement>(FOCUSABLE));
  if (!control) return false;
  control.focus();
  control.scrollIntoView({ block });
  // An empty one has nothing to mark, and the web view would scroll back to it a moment later.
  if (control instanceof HTMLInputElement && control.type === "text" && control.value) {
    control.select();
  }
  return true;
}

/** Faults whose control goes by another name. */
const STANDS_AT: Record<string, string> = {
  "applicant.without_papers": "applicant.kind",
  "applicant.identity": "applicant.kind",
};

/** Has the form a place for it, so that an operator can mend it? */
export function isOnForm(path: string): boolean {
  return ["applicant", "form", "documents", "consent"].includes(path.split(".")[0] ?? "");
}

export function focusPath(root: ParentNode, named: string): boolean {
  const path = STANDS_AT[named] ?? named;
  const fields = [...root.querySelectorAll("[data-field]")];
  // An error of a whole group stands at its first field.
  const field =
    fields.find((item) => item.getAttribute("data-field") === path) ??
    fields.find((item) => item.getAttribute("data-field")?.startsWith(`${path}.`));
  return field !== undefined && focusField(field, "center");
}

/** The field after the one that holds `from`, those aside left out; `null` behind the last. */
export function nextField(root: ParentNode, from: Element): Element | null {
  const fields = [...root.querySelectorAll("[data-field]")];
  const here = fields.findIndex((field) => field.contains(from));
  if (here < 0) return null;
  return fields.slice(here + 1).find((field) => !field.closest("[data-aside]")) ?? null;
}

/** Does Enter mean "go on" here? Not where a control has its own use for it. */
export function entersOn(target: EventTarget | null, shift: boolean): boolean {
  if (target instanceof HTMLTextAreaElement) return !shift;
  if (target instanceof HTMLInputElement) return target.type !== "file" && target.type !== "submit";
  return target instanceof HTMLSelectElement;
}

/** An Enter that is held down went on to this page; it must not confirm it unread. */
export function ignoreHeldEnter(event: {
  key: string;
  nativeEvent: KeyboardEvent;
  preventDefault(): void;
}): void {
  if (event.key === "Enter" && event.nativeEvent.repeat) event.preventDefault();
}
