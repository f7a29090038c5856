/** What waits, what is being sent, what is parked and why, and what the centre said last. */
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { useAge } from "../format/age";
import { useFormat } from "../format/format";
import { useAct, useCommand } from "../host/use-host";
import { sentence } from "../i18n/sentences";
import type { Activity, SyncStatus } from "../ipc/generated";
import { Button } from "../parts/button";
import { Message } from "../parts/message";
import { Sheet } from "../parts/sheet";
import { useNavigation } from "./place";
import style from "./sync-line.module.css";

const ACTIVITY: Record<Activity, { id: string }> = {
  idle: /*i18n*/ { id: "sync.activity.idle" },
  probing: /*i18n*/ { id: "sync.activity.probing" },
  exchanging: /*i18n*/ { id: "sync.activity.exchanging" },
  uploading: /*i18n*/ { id: "sync.activity.uploading" },
  waiting: /*i18n*/ { id: "sync.activity.waiting" },
  stopped: /*i18n*/ { id: "sync.activity.stopped" },
};

interface Props {
  status: SyncStatus;
  open: boolean;
  onClose(): void;
}

export function SyncSheet({ status, open, onClose }: Props) {
  const { i18n } = useLingui();
  const format = useFormat();
  const age = useAge();
  // Asked ahead: the clipboard may be written in the click itself only.
  const support = useCommand("support_text", null, { enabled: open }).data;
  const { go } = useNavigation();
  const now = useAct("sync_now", ["sync"]);
  const [copied, setCopied] = useState(false);
  const { upload, last_answer: answer, next_try_at } = status;
  const wait =
    next_try_at === null ? 0 : Math.max(0, Math.round((next_try_at - Date.now()) / 1000));

  const copy = async () => {
    if (support === undefined) return;
    await navigator.clipboard.writeText(support);
    setCopied(true);
  };

  return (
    <Sheet title={i18n.t("sync.title")} hook="sync.sheet" open={open} onClose={onClose} side>
      <dl className={style.facts}>
        <dt>{i18n.t("word.recorded")}</dt>
        <dd>{i18n.t("sync.sheet_recorded", { count: status.recorded })}</dd>
        <dt>{i18n.t("sync.sheet_waiting")}</dt>
        <dd>
          {status.waiting === 0 &&
          status.other_entries_waiting === 0 &&
          status.documents_waiting === 0
            ? i18n.t("sync.nothing_waits")
            : i18n.t("sync.sheet_waiting_value", {
                applications: status.waiting,
                entries: status.other_entries_waiting,
                documents: status.documents_waiting,
                bytes: format.bytes(status.document_bytes_waiting),
              })}
          {status.oldest_waiting_at !== null && (
            <> {i18n.t("sync.oldest", { age: age(status.oldest_waiting_at) })}</>
          )}
        </dd>
        <dt>{i18n.t("sync.now_doing")}</dt>
        <dd>
          {i18n._(ACTIVITY[status.activity])}
          {upload && (
            <>
              {" "}
              <progress
                className={style.progress}
                value={upload.sent_bytes}
                max={Math.max(1, upload.total_bytes)}
                aria-label={i18n.t("sync.activity.uploading")}
              />{" "}
              {i18n.t("sync.progress", {
                sent: format.bytes(upload.sent_bytes),
                total: format.bytes(upload.total_bytes),
              })}
            </>
          )}
        </dd>
        <dt>{i18n.t("word.received")}</dt>
        <dd>
          {status.received_at === null
            ? i18n.t("sync.never")
            : format.dayAndTime(status.received_at)}
        </dd>
        <dt>{i18n.t("sync.last_contact")}</dt>
        <dd>
          {status.last_contact_at === null
            ? i18n.t("sync.never")
            : format.dayAndTime(status.last_contact_at)}
        </dd>
        <dt>{i18n.t("sync.next_try")}</dt>
        <dd data-testid="sync.next_try">
          {next_try_at === null
            ? i18n.t("sync.no_next_try")
            : i18n.t("sync.next_try_value", { time: format.time(next_try_at), seconds: wait })}
        </dd>
      </dl>
      {answer && (
        <Message
          tone={answer.code === "centre.ok" ? "good" : "wait"}
          hook="sync.answer"
          data-code={answer.code}
        >
          {sentence(format.language, answer.code, answer.params)}{" "}
          <span>({format.moment(answer.at)})</span>
        </Message>
      )}
      {status.parked.length > 0 && (
        <section>
          <h2>{i18n.t("sync.parked_title")}</h2>
          <ul className={style.parked}>
            {status.parked.map((entry) => (
              <li
                key={`${entry.tracking_code}${entry.error.field}`}
                data-testid={`sync.parked.${entry.tracking_code}`}
              >
                <span>
                  <bdi>{entry.applicant_name}</bdi>{" "}
                  <span className="code">{format.trackingCode(entry.tracking_code)}</span>
                  <br />
                  {sentence(format.language, entry.error.code, entry.error.params)}
                </span>
                {entry.application && (
                  <Button
                    onClick={() => {
                      onClose();
                      go({ name: "application", id: entry.application ?? "" });
                    }}
                  >
                    {i18n.t("sync.parked_open")}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
      <div className={style.actions}>
        <Button hook="sync.copy" onClick={copy}>
          {copied ? i18n.t("sync.copied") : i18n.t("sync.copy")}
        </Button>
        <Button hook="sync.close" onClick={onClose} keys="Esc">
          {i18n.t("dialog.close")}
        </Button>
        <Button
          hook="sync.now"
          kind="primary"
          onClick={() => now.mutate(null)}
          disabled={now.isPending}
        >
          {i18n.t("sync.now")}
        </Button>
      </div>
    </Sheet>
  );
}
