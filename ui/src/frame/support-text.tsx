/** What support needs, shown before it is copied: the operator sees that no citizen is in it. */
import { useLingui } from "@lingui/react";
import { useEffect, useRef, useState } from "react";
import { useCommand } from "../host/use-host";
import { Button } from "../parts/button";
import { ErrorMessage, Message } from "../parts/message";
import style from "./sync-sheet.module.css";

export function SupportText({ onBack }: { onBack(): void }) {
  const { i18n } = useLingui();
  const text = useCommand("support_text", null);
  const area = useRef<HTMLTextAreaElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const [copied, setCopied] = useState<boolean | null>(null);

  const ready = text.data !== undefined;
  useEffect(() => {
    if (ready) button.current?.focus();
  }, [ready]);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text.data ?? "");
      setCopied(true);
    } catch {
      // Ctrl+C still works on what is marked.
      area.current?.select();
      setCopied(false);
    }
  };

  return (
    <>
      <p>{i18n.t("support.lead")}</p>
      <ErrorMessage error={text.error} />
      <textarea
        ref={area}
        id="support.text"
        data-testid="support.text"
        className={style.support}
        aria-label={i18n.t("support.title")}
        readOnly
        rows={16}
        value={text.data ?? ""}
      />
      {copied !== null && (
        <Message tone={copied ? "good" : "wait"} hook="support.copied">
          {copied ? i18n.t("support.copied") : i18n.t("support.copy_by_hand")}
        </Message>
      )}
      <div className={style.actions}>
        <Button hook="support.back" onClick={onBack}>
          {i18n.t("app.back")}
        </Button>
        <Button
          hook="support.copy"
          kind="primary"
          ref={button}
          keys="Enter"
          onClick={copy}
          disabled={!ready}
        >
          {i18n.t("support.copy")}
        </Button>
      </div>
    </>
  );
}
