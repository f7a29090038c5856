/** One application: the facts as filed, its history, its clock, and what may be done now. */
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { isOnForm } from "../../entry/enter";
import { useFormat } from "../../format/format";
import { useNavigation } from "../../frame/place";
import { useCommand, useHost, useRefresh } from "../../host/use-host";
import { sentence } from "../../i18n/sentences";
import type { ApplicationView, PrintOutcome } from "../../ipc/generated";
import { Button } from "../../parts/button";
import { Mark } from "../../parts/mark";
import { ErrorMessage, Message } from "../../parts/message";
import { PrintMessage } from "../../parts/print-message";
import { StateMark, ThreeWords } from "../../parts/state-mark";
import { useFieldName } from "../record/field-names";
import { printReceipt } from "../record/success";
import { ActDialog, type DialogKind } from "./act-dialog";
import style from "./application.module.css";
import { Clock } from "./clock";
import { FiledFacts } from "./filed-facts";
import { Letter } from "./letter";
import { ReceiptDialog } from "./receipt-dialog";
import { Timeline } from "./timeline";

export function ApplicationScreen({ id }: { id: string }) {
  const view = useCommand("application_get", { id });
  if (view.error) return <ErrorMessage error={view.error} />;
  return view.data ? <ApplicationPage view={view.data} /> : null;
}

function ApplicationPage({ view }: { view: ApplicationView }) {
  const { i18n } = useLingui();
  const format = useFormat();
  const host = useHost();
  const refresh = useRefresh();
  const { go, back } = useNavigation();
  const nameOf = useFieldName(view.card.card);
  const [dialog, setDialog] = useState<DialogKind | null>(null);
  const [preview, setPreview] = useState(false);
  const [printing, setPrinting] = useState<{ outcome: PrintOutcome | null } | null>(null);
  const { row, allowed, defects, faults } = view;

  const print = async (save: boolean) => {
    setPrinting({ outcome: null });
    setPrinting({ outcome: await printReceipt(host, row.id, save) });
    refresh("applications");
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape goes back from anywhere on it
    <div
      className={style.page}
      data-testid="screen.application"
      onKeyDown={(event) => event.key === "Escape" && !event.defaultPrevented && back()}
    >
      <header className={style.head}>
        <div>
          <h1>
            <bdi>{row.applicant_name}</bdi>
          </h1>
          <p>
            {format.pick(row.service_title)} ·{" "}
            <span data-testid="app.agency">
              {view.handed_to ?? format.pick(view.card.card.agency.title)}
            </span>
          </p>
        </div>
        <div className={style.codeBox}>
          <span className={style.soft}>{i18n.t("success.code")}</span>
          <strong
            className={`code ${style.code}`}
            data-testid="app.code"
            data-code={row.tracking_code}
          >
            {format.trackingCode(row.tracking_code)}
          </strong>
        </div>
        <div className={style.states}>
          <div className={style.marks}>
            <StateMark state={row.state} hook="app.state" />
            {row.late && (
              <Mark tone="bad" sign="alert">
                {i18n.t("list.late")}
              </Mark>
            )}
          </div>
          <ThreeWords word={row.word} hook="app.word" />
        </div>
      </header>
      <div className={style.actions}>
        {allowed.includes("resubmit") && (
          <Button
            hook="app.mend"
            kind="primary"
            onClick={() => go({ name: "record", mend: row.id })}
          >
            {i18n.t("app.mend")}
          </Button>
        )}
        {allowed.includes("deliver") && (
          <Button hook="app.deliver" kind="primary" onClick={() => setDialog("deliver")}>
            {i18n.t("app.deliver")}
          </Button>
        )}
        <Button hook="app.print" onClick={() => print(false)}>
          {row.copies_printed === 0 ? i18n.t("app.print") : i18n.t("app.reprint")}
        </Button>
        <Button hook="app.save_pdf" onClick={() => print(true)}>
          {i18n.t("print.save_pdf")}
        </Button>
        <Button hook="app.preview" onClick={() => setPreview(true)}>
          {i18n.t("app.preview")}
        </Button>
        <Button hook="app.note" onClick={() => setDialog("note")}>
          {i18n.t("app.note")}
        </Button>
        {allowed.includes("withdraw") && (
          <Button hook="app.withdraw" kind="danger" onClick={() => setDialog("withdraw")}>
            {i18n.t("app.withdraw")}
          </Button>
        )}
        <Button hook="app.back" kind="quiet" keys="Esc" onClick={back}>
          {i18n.t("app.back")}
        </Button>
      </div>
      {printing && <PrintMessage hook="app.print_outcome" outcome={printing.outcome} />}
      {view.letter && <Letter application={row.id} letter={view.letter} />}
      {faults.length > 0 && (
        <Message tone="bad" hook="app.faults">
          {i18n.t("record.parked")}
          <ul>
            {faults.map((fault) => (
              <li key={`${fault.field} ${fault.code}`}>
                {isOnForm(fault.field) && <strong>{nameOf(fault.field)}: </strong>}
                {sentence(format.language, fault.code, fault.params)}
              </li>
            ))}
          </ul>
        </Message>
      )}
      {defects.length > 0 && (
        <Message tone="wait" hook="app.defects">
          {i18n.t("record.returned")}
          <ul>
            {defects.map((defect) => (
              <li key={defect.field}>
                <strong>{nameOf(defect.field)}:</strong> <bdi>{defect.reason}</bdi>
              </li>
            ))}
          </ul>
        </Message>
      )}
      <div className={style.columns}>
        <FiledFacts view={view} />
        <div className={style.side}>
          <Clock view={view} />
          <Timeline view={view} />
        </div>
      </div>
      <ActDialog kind={dialog} view={view} onClose={() => setDialog(null)} />
      {preview && <ReceiptDialog application={row.id} onClose={() => setPreview(false)} />}
    </div>
  );
}
