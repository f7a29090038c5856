/** The agency's letter that came with its approval: what it is, and printing it. */
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { useFormat } from "../../format/format";
import { useCommand, useHost, useRefresh } from "../../host/use-host";
import type { LetterView, PrintOutcome } from "../../ipc/generated";
import { Button } from "../../parts/button";
import { ErrorMessage } from "../../parts/message";
import { PrintMessage } from "../../parts/print-message";
import { Sheet } from "../../parts/sheet";
import { outcomeOf } from "../record/success";
import style from "./application.module.css";
import dialog from "./dialog.module.css";

interface Props {
  application: string;
  letter: LetterView;
}

export function Letter({ application, letter }: Props) {
  const { i18n } = useLingui();
  const format = useFormat();
  const host = useHost();
  const refresh = useRefresh();
  const [seen, setSeen] = useState(false);
  const [outcome, setOutcome] = useState<{ done: PrintOutcome | null } | null>(null);
  const print = async () => {
    setOutcome({ done: null });
    setOutcome({ done: await outcomeOf(host.call("letter_print", { id: application })) });
    refresh("applications");
  };
  return (
    <section className={style.letter} aria-label={i18n.t("letter.title")} data-testid="app.letter">
      <div>
        <h2>{i18n.t("letter.title")}</h2>
        <p>
          <bdi>{letter.subject}</bdi>
        </p>
        <p className={style.soft}>
          <bdi>{letter.agency}</bdi> · {i18n.t("letter.number")}{" "}
          <span className="ltr" data-testid="app.letter.number" data-number={letter.number}>
            {format.digits(letter.number)}
          </span>{" "}
          · {format.isoDay(letter.issued_on)}
          {letter.copies_printed > 0 && (
            <> · {i18n.t("letter.printed", { number: letter.copies_printed })}</>
          )}
        </p>
      </div>
      <div className={style.letterActions}>
        <Button
          hook="app.letter.print"
          kind={letter.copies_printed === 0 ? "primary" : "plain"}
          onClick={print}
        >
          {letter.copies_printed === 0 ? i18n.t("letter.print") : i18n.t("letter.reprint")}
        </Button>
        <Button hook="app.letter.see" onClick={() => setSeen(true)}>
          {i18n.t("letter.see")}
        </Button>
      </div>
      {outcome && (
        <div className={style.letterOutcome}>
          <PrintMessage hook="app.letter.outcome" paper="letter" outcome={outcome.done} />
        </div>
      )}
      {seen && <LetterDialog application={application} onClose={() => setSeen(false)} />}
    </section>
  );
}

/** The letter as it is printed. */
function LetterDialog({ application, onClose }: { application: string; onClose(): void }) {
  const { i18n } = useLingui();
  const preview = useCommand("letter_preview", { id: application });
  const title = i18n.t("letter.title");
  return (
    <Sheet title={title} hook="letter" open onClose={onClose}>
      <ErrorMessage error={preview.error} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it */}
      <section className={dialog.paper} tabIndex={0} aria-label={title}>
        {preview.data && (
          <img data-testid="letter.picture" src={preview.data.picture} alt={title} />
        )}
      </section>
      <div className={dialog.actions}>
        <Button hook="letter.close" kind="primary" keys="Esc" onClick={onClose}>
          {i18n.t("dialog.close")}
        </Button>
      </div>
    </Sheet>
  );
}
