/** Is a receipt genuine? The scanner types the address of its QR; no line is needed. */
import { useLingui } from "@lingui/react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useFormat } from "../format/format";
import { useAct } from "../host/use-host";
import { sentence } from "../i18n/sentences";
import type { ReceiptVerdict } from "../ipc/generated";
import { Button } from "../parts/button";
import { ErrorMessage, Message } from "../parts/message";
import { Page } from "../parts/page";
import { TextField } from "../parts/text-field";
import style from "./verify.module.css";

export function VerifyScreen() {
  const { i18n } = useLingui();
  const [url, setUrl] = useState("");
  const form = useRef<HTMLFormElement>(null);
  const verify = useAct("receipt_verify");
  useEffect(() => form.current?.querySelector("textarea")?.focus(), []);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (url.trim()) verify.mutate({ url: url.trim() });
  };
  return (
    <Page hook="screen.verify" title={i18n.t("nav.verify")}>
      <form
        ref={form}
        className={style.form}
        onSubmit={submit}
        onKeyDown={(event) => event.key === "Enter" && submit(event)}
      >
        <TextField
          frame={{ path: "verify.url", label: i18n.t("verify.url"), help: i18n.t("verify.help") }}
          code
          multiline
          value={url}
          onChange={setUrl}
        />
        <div className={style.bar}>
          <Button hook="verify.submit" type="submit" kind="primary" keys="Enter">
            {i18n.t("verify.submit")}
          </Button>
        </div>
      </form>
      <ErrorMessage error={verify.error} />
      {verify.data && <Verdict verdict={verify.data} />}
    </Page>
  );
}

function Verdict({ verdict }: { verdict: ReceiptVerdict }) {
  const { i18n } = useLingui();
  const format = useFormat();
  if (verdict.outcome === "false") {
    return (
      <Message tone="bad" hook="verify.result" data-outcome="false" data-code={verdict.code}>
        {sentence(format.language, verdict.code)}
      </Message>
    );
  }
  const facts: [string, string, boolean?][] = [
    [i18n.t("success.code"), format.trackingCode(verdict.tracking_code), true],
    [i18n.t("fact.applicant"), verdict.applicant_name],
    [i18n.t("verify.last_four"), format.digits(verdict.last_four), true],
    [
      i18n.t("fact.service"),
      verdict.service_title ? format.pick(verdict.service_title) : verdict.service,
    ],
    [i18n.t("verify.office"), verdict.office_title],
    [i18n.t("verify.documents"), format.count(verdict.documents)],
    [i18n.t("card.fee"), format.rial(verdict.fee_rial)],
    [i18n.t("verify.claimed_at"), format.dayAndTime(verdict.claimed_at)],
    [
      i18n.t("verify.not_before"),
      verdict.not_before === null
        ? i18n.t("verify.not_before_unknown")
        : format.dayAndTime(verdict.not_before),
    ],
    [i18n.t("review.due"), format.isoDay(verdict.due_on)],
  ];
  return (
    <>
      <Message tone="good" hook="verify.result" data-outcome="genuine">
        {i18n.t("verify.genuine")}
      </Message>
      <dl className={style.facts}>
        {facts.map(([label, value, code]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{code ? <span className="code">{value}</span> : value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
