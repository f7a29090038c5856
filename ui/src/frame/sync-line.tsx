/**
 * The bottom line: the three words, and nothing else about the line. A click opens the sheet. Its
 * figures come from the outbox and from acknowledgements, so they cannot be nicer than the truth.
 */
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { useAge } from "../format/age";
import { useFormat } from "../format/format";
import { useCommand } from "../host/use-host";
import { Sign } from "../parts/sign";
import { clockWentBack } from "./silence";
import style from "./sync-line.module.css";
import { SyncSheet } from "./sync-sheet";

export function SyncLine() {
  const { i18n } = useLingui();
  const format = useFormat();
  const age = useAge();
  const [open, setOpen] = useState(false);
  const status = useCommand("sync_status", null, { refetchInterval: 5000 }).data;
  if (!status) return <footer className={style.line} />;
  const { waiting, oldest_waiting_at, received_at, parked } = status;
  const others = status.other_entries_waiting + status.documents_waiting;
  return (
    <footer className={style.footer}>
      <button
        type="button"
        className={style.line}
        data-testid="sync.line"
        data-recorded={status.recorded}
        data-waiting={waiting}
        data-other-waiting={status.other_entries_waiting}
        data-documents-waiting={status.documents_waiting}
        data-received-at={received_at ?? ""}
        data-activity={status.activity}
        data-parked={parked.length}
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
      >
        <span className={style.item}>
          <Sign name="dot" /> {i18n.t("sync.recorded")}
        </span>
        <span className={`${style.item} ${waiting ? style.wait : ""}`}>
          <Sign name={waiting ? "half" : "ring"} />{" "}
          {waiting
            ? i18n.t("sync.waiting", { count: format.count(waiting) })
            : i18n.t("sync.waiting_none")}
          {waiting > 0 && oldest_waiting_at !== null && (
            <span> {i18n.t("sync.oldest", { age: age(oldest_waiting_at) })}</span>
          )}
          {waiting === 0 && others > 0 && (
            <span> {i18n.t("sync.others", { count: format.count(others) })}</span>
          )}
        </span>
        <span className={`${style.item} ${received_at ? style.good : ""}`}>
          <Sign name={received_at ? "check" : "ring"} />{" "}
          {received_at
            ? i18n.t("sync.received", { time: format.moment(received_at) })
            : i18n.t("sync.received_never")}
        </span>
        {clockWentBack(status) && (
          <span className={`${style.item} ${style.bad}`} data-testid="sync.line.clock_back">
            <Sign name="alert" /> {i18n.t("sync.clock_back_short")}
          </span>
        )}
        {parked.length > 0 && (
          <span className={`${style.item} ${style.bad}`}>
            <Sign name="alert" /> {i18n.t("sync.parked", { count: format.count(parked.length) })}
          </span>
        )}
        <span className={style.more}>{i18n.t("sync.more")}</span>
      </button>
      <SyncSheet status={status} open={open} onClose={() => setOpen(false)} />
    </footer>
  );
}
