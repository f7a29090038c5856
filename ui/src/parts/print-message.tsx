/** What became of a receipt: printed, saved, or the printer's trouble. */
import { useLingui } from "@lingui/react";
import { useFormat } from "../format/format";
import { sentence } from "../i18n/sentences";
import type { PrintOutcome } from "../ipc/generated";
import { Message } from "./message";

export function PrintMessage({ hook, outcome }: { hook: string; outcome: PrintOutcome | null }) {
  const { i18n } = useLingui();
  const format = useFormat();
  if (!outcome) {
    return (
      <Message tone="plain" hook={hook} data-outcome="pending">
        {i18n.t("print.pending")}
      </Message>
    );
  }
  const copy = (number: number) => (number > 1 ? ` ${i18n.t("print.copy", { number })}` : "");
  if (outcome.outcome === "printed") {
    return (
      <Message tone="good" hook={hook} data-outcome="printed">
        {i18n.t("print.printed")}
        {copy(outcome.copy)}
      </Message>
    );
  }
  if (outcome.outcome === "saved") {
    return (
      <Message tone="good" hook={hook} data-outcome="saved" data-path={outcome.path}>
        {i18n.t("print.saved")} <span className="ltr">{format.path(outcome.path)}</span>
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
