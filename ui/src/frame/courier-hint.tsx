/** When the line has been dead for days: carry it. */
import { useLingui } from "@lingui/react";
import type { SyncStatus } from "../ipc/generated";
import { Button } from "../parts/button";
import { Message } from "../parts/message";
import { useNavigation } from "./place";
import { SILENT_DAYS, silentDays } from "./silence";
import style from "./sync-sheet.module.css";

export function CourierHint({ status, onGo }: { status: SyncStatus; onGo?(): void }) {
  const { i18n } = useLingui();
  const { go } = useNavigation();
  const days = silentDays(status);
  if (days < SILENT_DAYS) return null;
  return (
    <Message tone="wait" hook="courier.hint" data-days={String(days)}>
      <div className={style.hint}>
        {i18n.t("courier.hint", { days })}
        <Button
          hook="courier.hint_open"
          onClick={() => {
            onGo?.();
            go({ name: "courier" });
          }}
        >
          {i18n.t("nav.courier")}
        </Button>
      </div>
    </Message>
  );
}
