/** What waits, what is being sent, what is parked and why, and what the centre said last. */
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { isOnForm } from "../entry/enter";
import { isAhead } from "../format/age";
import { useFormat } from "../format/format";
import { useAct } from "../host/use-host";
import { sentence } from "../i18n/sentences";
import type { CentreAnswer, ParkedEntry, SyncStatus } from "../ipc/generated";
import { Button } from "../parts/button";
import { Message } from "../parts/message";
import { Sheet } from "../parts/sheet";
import { CourierHint } from "./courier-hint";
import { useNavigation } from "./place";
import { clockWentBack } from "./silence";
import { SupportText } from "./support-text";
import { SyncFacts } from "./sync-facts";
import style from "./sync-sheet.module.css";

interface Props {
  status: SyncStatus;
  open: boolean;
  onClose(): void;
}

export function SyncSheet({ status, open, onClose }: Props) {
  const { i18n } = useLingui();
  const { go } = useNavigation();
  const now = useAct("sync_now", ["sync"]);
  const [support, setSupport] = useState(false);
  const close = () => {
    setSupport(false);
    onClose();
  };
  if (support) {
    return (
      <Sheet title={i18n.t("support.title")} hook="support.sheet" open={open} onClose={close} side>
        <SupportText onBack={() => setSupport(false)} />
      </Sheet>
    );
  }
  return (
    <Sheet title={i18n.t("sync.title")} hook="sync.sheet" open={open} onClose={close} side>
      <SyncFacts status={status} />
      {clockWentBack(status) && (
        <Message tone="bad" hook="sync.clock_back">
          {i18n.t("sync.clock_back")}
        </Message>
      )}
      {status.last_answer && <Answered answer={status.last_answer} />}
      <CourierHint status={status} onGo={close} />
      {status.parked.length > 0 && <Parked entries={status.parked} onGo={close} />}
      <div className={style.actions}>
        <Button hook="sync.copy" onClick={() => setSupport(true)}>
          {i18n.t("sync.copy")}
        </Button>
        <Button
          hook="sync.courier"
          onClick={() => {
            close();
            go({ name: "courier" });
          }}
        >
          {i18n.t("nav.courier")}
        </Button>
        <Button hook="sync.close" onClick={close} keys="Esc">
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

/** The centre's word with its time: what was so then, and no claim about now. */
function Answered({ answer }: { answer: CentreAnswer }) {
  const { i18n } = useLingui();
  const format = useFormat();
  const time = isAhead(answer.at) ? format.dayAndTime(answer.at) : format.moment(answer.at);
  return (
    <Message
      tone={answer.code === "centre.ok" ? "good" : "wait"}
      hook="sync.answer"
      data-code={answer.code}
    >
      {sentence(format.language, answer.code, answer.params)}{" "}
      <span>{i18n.t("sync.answer_at", { time })}</span>
    </Message>
  );
}

function Parked({ entries, onGo }: { entries: ParkedEntry[]; onGo(): void }) {
  const { i18n } = useLingui();
  const format = useFormat();
  const { go } = useNavigation();
  return (
    <section>
      <h2>{i18n.t("sync.parked_title")}</h2>
      <ul className={style.parked}>
        {entries.map((entry) => {
          const { application, error } = entry;
          const mend = entry.mendable && isOnForm(error.field);
          return (
            <li
              key={`${entry.tracking_code} ${error.field} ${error.code}`}
              data-testid={`sync.parked.${entry.tracking_code}`}
              data-code={error.code}
            >
              <span>
                <bdi>{entry.applicant_name}</bdi>{" "}
                <span className="code">{format.trackingCode(entry.tracking_code)}</span>
                <br />
                {sentence(format.language, error.code, error.params)}
              </span>
              {application && (
                <Button
                  hook={`sync.parked.${entry.tracking_code}.open`}
                  onClick={() => {
                    onGo();
                    go(
                      mend
                        ? { name: "record", mend: application }
                        : { name: "application", id: application },
                    );
                  }}
                >
                  {mend ? i18n.t("sync.parked_mend") : i18n.t("sync.parked_open")}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
