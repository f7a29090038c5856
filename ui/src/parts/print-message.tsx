/** What became of a receipt or a letter: printed, saved, or the printer's trouble. */
import { useLingui } from "@lingui/react";
import { useFormat } from "../format/format";
import { sentence } from "../i18n/sentences";
import type { PrintOutcome } from "../ipc/generated";
import { Message } from "./message";

interface Props {
  hook: string;
  outcome: PrintOutcome | null;
  /** A letter has no duplicates: every print of it is the same paper. */
  paper?: "receipt" | "letter";
}

export function PrintMessage({ hook, outcome, paper = "receipt" }: Props) {
  const { i18n } = useLingui();
  const format = useFormat();
  if (!outcome) {
    return (
      <Message tone="plain" hook={hook} data-outcome="pending">
        {paper === "letter" ? i18n.t("print.letter_pending") : i18n.t("print.pending")}
      </Message>
    );
  }
  const copy = (number: number) =>
    paper === "receipt" && number > 1 ? ` ${i18n.t("print.copy", { number })}` : "";
  if (outcome.outcome === "printed") {
    return (
      <Message tone="good" hook={hook} data-outcome="printed">
        {paper === "letter" ? i18n.t("print.letter_printed") : i18n.t("print.printed")}
        {copy(outcome.copy)}
      </Message>
    );
  }
  if (outcome.outcome === "saved") {
    return (
      <Message tone="good" hook={hook} data-outcome="saved" data-path={outcome.path}>
        {paper === "letter" ? i18n.t("print.letter_saved") : i18n.t("print.saved")}{" "}
        <span className="ltr">{format.path(outcome.path)}</span>
        {copy(outcome.copy)}
      </Message>
    );
  }
  return (
    <Message tone="bad" hook={hook} data-outcome="failed" data-code={outcome.code}>
      {sentence(format.language, outcome.code)}
      {outcome.detail && (
        <>
          {" "}
          <span className="ltr">{outcome.detail}</span>
        </>
      )}
    </Message>
  );
}
