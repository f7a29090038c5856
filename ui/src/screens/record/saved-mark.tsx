/** Is what was typed on the disk? */
import { useLingui } from "@lingui/react";
import type { DeskState } from "../../entry/desk";
import type { SaveState } from "../../entry/draft-keeper";
import { Sign } from "../../parts/sign";
import style from "./record.module.css";

const WORDS: Record<SaveState, { id: string }> = {
  empty: /*i18n*/ { id: "draft.empty" },
  typing: /*i18n*/ { id: "draft.typing" },
  saved: /*i18n*/ { id: "draft.saved" },
  failed: /*i18n*/ { id: "draft.failed" },
};

export function SavedMark({ state }: { state: DeskState }) {
  const { i18n } = useLingui();
  return (
    <span
      className={state.saving === "failed" ? style.failed : style.saved}
      data-testid="record.saved"
      data-state={state.saving}
      data-draft={state.draft ?? ""}
      role={state.saving === "failed" ? "alert" : undefined}
    >
      {state.saving === "failed" && <Sign name="alert" />}
      {state.saving === "saved" && <Sign name="check" />} {i18n._(WORDS[state.saving])}
    </span>
  );
}
