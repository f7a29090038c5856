/** Where an application stands, and how far it is known to have come: word and shape, never colour alone. */
import { useLingui } from "@lingui/react";
import type { State, Word } from "../ipc/generated";
import { Mark, type Tone } from "./mark";
import type { SignName } from "./sign";

export const STATES: Record<State, { id: string; tone: Tone; sign: SignName }> = {
  draft: { .../*i18n*/ { id: "state.draft" }, tone: "plain", sign: "pen" },
  recorded: { .../*i18n*/ { id: "word.recorded" }, tone: "plain", sign: "dot" },
  received: { .../*i18n*/ { id: "word.received" }, tone: "good", sign: "check" },
  accepted: { .../*i18n*/ { id: "word.accepted" }, tone: "good", sign: "checks" },
  returned: { .../*i18n*/ { id: "state.returned" }, tone: "wait", sign: "back" },
  resubmitted: { .../*i18n*/ { id: "state.resubmitted" }, tone: "plain", sign: "again" },
  approved: { .../*i18n*/ { id: "state.approved" }, tone: "good", sign: "star" },
  refused: { .../*i18n*/ { id: "state.refused" }, tone: "bad", sign: "cross" },
  delivered: { .../*i18n*/ { id: "state.delivered" }, tone: "plain", sign: "home" },
  withdrawn: { .../*i18n*/ { id: "state.withdrawn" }, tone: "plain", sign: "dash" },
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
          {index > 0 && <span aria-hidden="true"> › </span>}
          <Mark tone={index <= reached ? "good" : "plain"} sign={index <= reached ? "dot" : "ring"}>
            {i18n._(WORDS[item])}
          </Mark>
        </span>
      ))}
    </span>
  );
}
