/** One page that looks like the receipt. Enter records. */
import { useLingui } from "@lingui/react";
import { useEffect, useRef, useState } from "react";
import { documentsAsked } from "../../entry/conditions";
import type { DeskState } from "../../entry/desk";
import { ignoreHeldEnter } from "../../entry/enter";
import { useFormat } from "../../format/format";
import { ActionBar } from "../../frame/action-bar";
import { useNavigation } from "../../frame/place";
import { asHostError, type HostError } from "../../host/host";
import { useHost, useRefresh } from "../../host/use-host";
import type { ApplicationView, FieldError, ServiceChoice } from "../../ipc/generated";
import { Button } from "../../parts/button";
import { ErrorMessage } from "../../parts/message";
import { Sign } from "../../parts/sign";
import { TextField } from "../../parts/text-field";
import { useTypedFacts } from "./facts";
import style from "./review.module.css";
import { type Printing, printReceipt } from "./success";
import { useCheck } from "./use-check";

const NONE: ServiceChoice[] = [];

interface Props {
  state: DeskState;
  service: ServiceChoice;
  onBack(jump?: string): void;
  onInvalid(errors: FieldError[]): void;
  onRecorded(application: ApplicationView, printing: Promise<Printing>): void;
}

export function ReviewPage({ state, service, onBack, onInvalid, onRecorded }: Props) {
  const { i18n } = useLingui();
  const format = useFormat();
  const host = useHost();
  const refresh = useRefresh();
  const { desk } = useNavigation();
  const confirm = useRef<HTMLButtonElement>(null);
  const page = useRef<HTMLDivElement>(null);
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<HostError | null>(null);
  const { entry, mends } = state;
  const { card } = service;
  const check = useCheck(entry, NONE);
  const facts = useTypedFacts(card, entry, check?.computed ?? {});
  const papers = documentsAsked(card, entry);

  useEffect(() => {
    if (mends) document.getElementById("review.note")?.focus();
    else confirm.current?.focus({ preventScroll: true });
    page.current?.closest("main")?.scrollTo(0, 0);
  }, [mends]);

  const record = async () => {
    if (busy) return;
    setBusy(true);
    setError(null);
    try {
      if (!(await desk.flush())) return;
      const { draft, entry: typed } = desk.snapshot();
      const outcome = mends
        ? await host.call("application_resubmit", {
            id: mends,
            draft,
            entry: typed,
            note: note.trim(),
          })
        : await host.call("application_record", { draft, entry: typed });
      if (outcome.outcome === "invalid") return onInvalid(outcome.errors);
      // On the disk: only now may the desk forget it, and the printer be asked.
      desk.clear();
      refresh("applications");
      onRecorded(outcome.application, printReceipt(host, outcome.application.row.id));
    } catch (thrown) {
      setError(asHostError(thrown));
    } finally {
      setBusy(false);
    }
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape goes back from anywhere on it
    <div
      ref={page}
      className={style.page}
      tabIndex={-1}
      data-testid="screen.review"
      onKeyDown={(event) => {
        if (event.key === "Escape") onBack();
        ignoreHeldEnter(event);
        // A click on the paper takes the focus from the button; Enter means it all the same.
        if (event.key === "Enter" && event.target === page.current && !event.repeat) void record();
      }}
    >
      <h1>{i18n.t("review.title")}</h1>
      <article className={style.paper}>
        <header className={style.head}>
          <div>
            <h2 className={style.service}>{format.pick(card.title)}</h2>
            <p>{format.pick(card.agency.title)}</p>
          </div>
          <div className={style.due}>
            <span>{i18n.t("review.due")}</span>
            <strong>{check?.due_on ? format.isoDay(check.due_on) : "…"}</strong>
          </div>
        </header>
        <dl className={style.facts}>
          {facts.map((fact) => (
            <div key={fact.path}>
              <dt>{fact.label}</dt>
              <dd className={fact.code ? "code" : undefined}>{fact.value}</dd>
            </div>
          ))}
          <div>
            <dt>{i18n.t("card.fee")}</dt>
            <dd>{card.fee.rial === 0 ? i18n.t("card.free") : format.rial(card.fee.rial)}</dd>
          </div>
        </dl>
        <h3 className={style.papersTitle}>{i18n.t("review.papers")}</h3>
        <ul className={style.papers}>
          {papers.map((paper) => {
            const given = entry.documents.find((item) => item.code === paper.code);
            return (
              <li key={paper.code}>
                <Sign name={given ? "check" : "ring"} /> {format.pick(paper.title)}{" "}
                <span className={style.soft}>
                  {!given
                    ? i18n.t("review.paper_follows")
                    : given.evidence.kind === "seen"
                      ? i18n.t("review.paper_seen")
                      : i18n.t("review.paper_copy")}
                </span>
              </li>
            );
          })}
        </ul>
        {mends && (
          <TextField
            frame={{
              path: "review.note",
              label: i18n.t("review.note"),
              optional: true,
            }}
            value={note}
            onChange={setNote}
          />
        )}
      </article>
      <ErrorMessage error={error} hook="review.error" />
      <ActionBar hint={i18n.t("review.promise")}>
        <Button hook="review.back" keys="Esc" onClick={() => onBack()}>
          {i18n.t("review.back")}
        </Button>
        <Button
          ref={confirm}
          hook="record.confirm"
          kind="primary"
          keys="Enter"
          onClick={record}
          disabled={busy}
        >
          {mends ? i18n.t("review.confirm_mend") : i18n.t("review.confirm")}
        </Button>
      </ActionBar>
    </div>
  );
}
