/**
 * An office in the browser, with behaviour: enrolment, PIN, cards of the catalogue, drafts, the
 * states of synchronisation. For tests and pictures only; it forgets everything at a reload.
 */
import type { Changed } from "../../ipc/generated";
import type { Host, Reply } from "../host";
import { publishedServices } from "./catalogue";
import { answers } from "./commands";
import { type MemoryOffice, newOffice } from "./office";
import { fillWithSamples } from "./samples";

export interface MemoryHost extends Host {
  /** For tests: the office behind it. */
  office: MemoryOffice;
}

/** `fresh` is not enrolled; `office` is in the middle of its work; `online` has a line too. */
export function memoryHost(kind: string): MemoryHost {
  const office = newOffice(publishedServices());
  if (kind === "office" || kind === "online") fillWithSamples(office);
  if (kind === "online") office.line = "up";
  const listeners = new Set<(changed: Changed) => void>();
  const commands = answers(office, (changed) => {
    for (const listener of listeners) listener(changed);
  });
  return {
    office,
    async call(name, request) {
      const answer = commands[name] as (asked: typeof request) => unknown;
      return structuredClone(await answer(request)) as Reply<typeof name>;
    },
    onChanged(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
