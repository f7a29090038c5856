/** The receipt as it would be printed, on either paper. Looking at it counts no copy. */
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { useCommand } from "../../host/use-host";
import type { Paper } from "../../ipc/generated";
import { Button } from "../../parts/button";
import { ErrorMessage } from "../../parts/message";
import { Sheet } from "../../parts/sheet";
import style from "./dialog.module.css";

export function ReceiptDialog({ application, onClose }: { application: string; onClose(): void }) {
  const { i18n } = useLingui();
  const settings = useCommand("settings_get", null).data;
  const [chosen, setChosen] = useState<Paper>();
  const paper = chosen ?? settings?.paper ?? "a5";
  const preview = useCommand("receipt_preview", { application, paper }, { enabled: !!settings });
  const tab = (value: Paper, label: string) => (
    <Button
      hook={`receipt.paper.${value}`}
      kind={paper === value ? "plain" : "quiet"}
      aria-pressed={paper === value}
      onClick={() => setChosen(value)}
    >
      {label}
    </Button>
  );
  return (
    <Sheet title={i18n.t("receipt.title")} hook="receipt" open onClose={onClose}>
      <div className={style.tabs}>
        {tab("a5", i18n.t("paper.a5"))}
        {tab("thermal80", i18n.t("paper.thermal80"))}
        {(preview.data?.copy ?? 1) > 1 && (
          <span>{i18n.t("receipt.next_copy", { number: preview.data?.copy ?? 1 })}</span>
        )}
      </div>
      <ErrorMessage error={preview.error} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it */}
      <section className={style.paper} tabIndex={0} aria-label={i18n.t("receipt.title")}>
        {preview.data && (
          <img
            data-testid="receipt.picture"
            src={preview.data.picture}
            alt={i18n.t("receipt.title")}
          />
        )}
      </section>
      <div className={style.actions}>
        <Button hook="receipt.close" kind="primary" keys="Esc" onClick={onClose}>
          {i18n.t("dialog.close")}
        </Button>
      </div>
    </Sheet>
  );
}
