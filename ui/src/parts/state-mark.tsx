/** Where an application stands, and how far it is known to have come: word and shape, never colour alone. */
import { useLingui } from "@lingui/react";
import type { State, Word } from "../ipc/generated";
import { Mark, type Tone } from "./mark";

export const STATES: Record<State, { id: string; tone: Tone; sign: string }> = {
  draft: { .../*i18n*/ { id: "state.draft" }, tone: "plain", sign: "✎" },
  recorded: { .../*i18n*/ { id: "word.recorded" }, tone: "plain", sign: "●" },
  received: { .../*i18n*/ { id: "word.received" }, tone: "good", sign: "✓" },
  accepted: { .../*i18n*/ { id: "word.accepted" }, tone: "good", sign: "✓✓" },
  returned: { .../*i18n*/ { id: "state.returned" }, tone: "wait", sign: "↩" },
  resubmitted: { .../*i18n*/ { id: "state.resubmitted" }, tone: "plain", sign: "↻" },
  approved: { .../*i18n*/ { id: "state.approved" }, tone: "good", sign: "★" },
  refused: { .../*i18n*/ { id: "state.refused" }, tone: "bad", sign: "✕" },
  delivered: { .../*i18n*/ { id: "state.delivered" }, tone: "plain", sign: "⌂" },
  withdrawn: { .../*i18n*/ { id: "state.withdrawn" }, tone: "plain", sign: "–" },
};

export const WORDS: Record<Word, { id: string }> = {
  recorded: /*i18n*/ { id: "word.recorded" },
  received: /*i18n*/ { id: "word.received" },
  accepted: /*i18n*/ { id: "word.accepted" },
};

export function StateMark({ state, hook }: { state: State; hook?: string }) {
  const { i18n } = useLingui();
  const { id, tone, sign } = STATES[state];
  return (
    <Mark tone={tone} sign={sign} data-testid={hook} data-state={state}>
      {i18n._(id)}
    </Mark>
  );
}

const ORDER: Word[] = ["recorded", "received", "accepted"];

/** The three words in a row; those reached are filled. */
export function ThreeWords({ word, hook }: { word: Word; hook?: string }) {
  const { i18n } = useLingui();
  const reached = ORDER.indexOf(word);
  return (
    <span data-testid={hook} data-word={word}>
      {ORDER.map((item, index) => (
        <span key={item}>
          {index > 0 && <span aria-hidden="true"> ← </span>}
          <Mark tone={index <= reached ? "good" : "plain"} sign={index <= reached ? "●" : "○"}>
            {i18n._(WORDS[item])}
          </Mark>
        </span>
      ))}
    </span>
  );
}
