/** It is recorded: the word, the code, the printer's state, and Enter for the next citizen. */
import { useLingui } from "@lingui/react";
import { useEffect, useRef, useState } from "react";
import { ignoreHeldEnter } from "../../entry/enter";
import { useFormat } from "../../format/format";
import { useNavigation } from "../../frame/place";
import { asHostError, type Host } from "../../host/host";
import { useHost } from "../../host/use-host";
import type { ApplicationView, PrintOutcome } from "../../ipc/generated";
import { Button } from "../../parts/button";
import { PrintMessage } from "../../parts/print-message";
import { Sign } from "../../parts/sign";
import style from "./success.module.css";

export type Printing = PrintOutcome;

/** Printing never fails with an error: the application is on the disk, whatever paper does. */
export async function printReceipt(
  host: Host,
  application: string,
  save = false,
): Promise<Printing> {
  return outcomeOf(
    host.call(save ? "receipt_save" : "receipt_print", { application, paper: null }),
  );
}

/** What became of a print; that it could not even be asked for is an outcome too. */
export async function outcomeOf(print: Promise<PrintOutcome>): Promise<PrintOutcome> {
  try {
    return await print;
  } catch (thrown) {
    const { code } = asHostError(thrown);
    return { outcome: "failed", code, detail: "" };
  }
}

interface Props {
  application: ApplicationView;
  printing: Promise<Printing>;
  onNext(): void;
}

export function SuccessPage({ application, printing, onNext }: Props) {
  const { i18n } = useLingui();
  const format = useFormat();
  const host = useHost();
  const { go } = useNavigation();
  const next = useRef<HTMLButtonElement>(null);
  const [outcome, setOutcome] = useState<Printing | null>(null);
  const { row } = application;

  useEffect(() => {
    let current = true;
    printing.then((result) => current && setOutcome(result));
    return () => {
      current = false;
    };
  }, [printing]);
  useEffect(() => {
    next.current?.closest("main")?.scrollTo(0, 0);
    next.current?.focus();
  }, []);

  const again = async (save: boolean) => {
    setOutcome(null);
    setOutcome(await printReceipt(host, row.id, save));
    next.current?.focus();
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a key that is held down is no answer
    <div
      className={style.page}
      data-testid="screen.success"
      onKeyDown={(event) => {
        ignoreHeldEnter(event);
        if (event.key === "Enter" && event.target === event.currentTarget && !event.repeat)
          onNext();
      }}
      tabIndex={-1}
    >
      <h1 className={style.title} data-testid="success.title">
        <Sign name="dot" /> {i18n.t("success.title")}
      </h1>
      <p className={style.lead}>
        <bdi>{row.applicant_name}</bdi> · {format.pick(row.service_title)}
      </p>
      <p className={style.label}>{i18n.t("success.code")}</p>
      <p className={`${style.code} code`} data-testid="success.code" data-code={row.tracking_code}>
        {format.trackingCode(row.tracking_code)}
      </p>
      <p className={style.due}>{i18n.t("success.due", { day: format.isoDay(row.due_on) })}</p>
      <PrintMessage hook="success.print" outcome={outcome} />
      <p className={style.note}>{i18n.t("success.note")}</p>
      <div className={style.bar}>
        <Button hook="success.open" onClick={() => go({ name: "application", id: row.id })}>
          {i18n.t("success.open")}
        </Button>
        <Button hook="success.save_pdf" onClick={() => again(true)} disabled={!outcome}>
          {i18n.t("print.save_pdf")}
        </Button>
        <Button hook="success.print_retry" onClick={() => again(false)} disabled={!outcome}>
          {outcome?.outcome === "failed" ? i18n.t("print.retry") : i18n.t("print.again")}
        </Button>
        <Button ref={next} hook="success.next" kind="primary" keys="Enter" onClick={onNext}>
          {i18n.t("success.next")}
        </Button>
      </div>
    </div>
  );
}
