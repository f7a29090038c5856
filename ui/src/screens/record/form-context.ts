/** What every field of the form needs: its value, its fault, and what happens when it is left. */
import { createContext, useContext } from "react";
import type { ApplicationEntry } from "../../ipc/generated";
import type { FieldFrame } from "../../parts/field";

export interface FormContext {
  entry: ApplicationEntry;
  /** What the judge worked out from the answers, by the key of its question. */
  computed: Record<string, number>;
  edit(edit: (entry: ApplicationEntry) => ApplicationEntry): void;
  set(path: string, value: unknown): void;
  text(path: string): string;
  leave(path: string): void;
  /** Label and options of a field together with its present fault and defect. */
  frame(path: string, label: string, options?: Partial<FieldFrame>): FieldFrame;
  /** Value and changes of a text field; of a code, its digits are shown in the window's language
   * once it is left. */
  bind(
    path: string,
    code?: "code",
  ): {
    value: string;
    onChange(value: string): void;
    onLeave(): void;
  };
}

export const EntryFormContext = createContext<FormContext | null>(null);

export function useEntryForm(): FormContext {
  const form = useContext(EntryFormContext);
  if (!form) throw new Error("no entry form around this component");
  return form;
}
