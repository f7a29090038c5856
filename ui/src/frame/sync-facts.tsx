/** What is known of sending, fact by fact; no more than what is stored or being done right now. */
import { useLingui } from "@lingui/react";
import type { ReactNode } from "react";
import { isAhead, useAge } from "../format/age";
import { useFormat } from "../format/format";
import type { Activity, Road, SyncStatus } from "../ipc/generated";
import { somethingWaits } from "./silence";
import style from "./sync-sheet.module.css";

const ACTIVITY: Record<Activity, { id: string }> = {
  idle: /*i18n*/ { id: "sync.activity.idle" },
  probing: /*i18n*/ { id: "sync.activity.probing" },
  exchanging: /*i18n*/ { id: "sync.activity.exchanging" },
  posting: /*i18n*/ { id: "sync.activity.posting" },
  uploading: /*i18n*/ { id: "sync.activity.uploading" },
  waiting: /*i18n*/ { id: "sync.activity.waiting" },
  stopped: /*i18n*/ { id: "sync.activity.stopped" },
};

const ROAD: Record<Road, { id: string }> = {
  line: /*i18n*/ { id: "road.line" },
  hub: /*i18n*/ { id: "road.hub" },
  courier: /*i18n*/ { id: "road.courier" },
};

/** What a centre may order at most, with room. */
const LONGEST_WAIT_SECONDS = 7 * 3600;

/** Below this a clock is good enough for a counter. */
const CLOCK_TOLERANCE_MS = 120_000;

export function SyncFacts({ status }: { status: SyncStatus }) {
  const { i18n } = useLingui();
  const format = useFormat();
  const age = useAge();
  const { received_at, last_contact_at, last_road, clock_offset_ms } = status;
  return (
    <dl className={style.facts}>
      <Fact title={i18n.t("word.recorded")} hook="sync.recorded" count={status.recorded}>
        {i18n.t("sync.sheet_recorded", { count: status.recorded })}
      </Fact>
      <Fact title={i18n.t("word.received")} hook="sync.received" count={status.received}>
        {i18n.t("sync.sheet_count", { count: status.received })}
        {received_at !== null && (
          <> {i18n.t("sync.last_time", { time: format.moment(received_at) })}</>
        )}
      </Fact>
      <Fact title={i18n.t("word.accepted")} hook="sync.accepted" count={status.accepted}>
        {i18n.t("sync.sheet_count", { count: status.accepted })}
      </Fact>
      <Fact title={i18n.t("sync.sheet_waiting")} hook="sync.waiting">
        {somethingWaits(status)
          ? i18n.t("sync.sheet_waiting_value", {
              applications: status.waiting,
              entries: status.other_entries_waiting,
              documents: status.documents_waiting,
              bytes: format.bytes(status.document_bytes_waiting),
            })
          : i18n.t("sync.nothing_waits")}
        {status.oldest_item_at !== null && (
          <span data-testid="sync.oldest">
            {" "}
            {i18n.t("sync.oldest", { age: age(status.oldest_item_at) })}
          </span>
        )}
      </Fact>
      <Fact title={i18n.t("sync.now_doing")} hook="sync.doing">
        {i18n._(ACTIVITY[status.activity])}
        <Sending status={status} />
      </Fact>
      <Fact title={i18n.t("sync.last_contact")} hook="sync.last_contact">
        {last_contact_at === null ? (
          i18n.t("sync.never")
        ) : (
          <>
            {isAhead(last_contact_at)
              ? format.dayAndTime(last_contact_at)
              : i18n.t("sync.contact_value", {
                  time: format.dayAndTime(last_contact_at),
                  age: age(last_contact_at),
                })}
            {last_road && <span data-testid="sync.road"> {i18n._(ROAD[last_road])}</span>}
          </>
        )}
      </Fact>
      <Fact title={i18n.t("sync.next_try")} hook="sync.next_try">
        <NextTry at={status.next_try_at} />
      </Fact>
      {clock_offset_ms !== null && Math.abs(clock_offset_ms) >= CLOCK_TOLERANCE_MS && (
        <Fact title={i18n.t("sync.clock")} hook="sync.clock">
          {clock_offset_ms > 0
            ? i18n.t("sync.clock_fast", { age: age(0, clock_offset_ms) })
            : i18n.t("sync.clock_slow", { age: age(0, -clock_offset_ms) })}
        </Fact>
      )}
    </dl>
  );
}

function Fact(props: { title: string; hook: string; count?: number; children: ReactNode }) {
  return (
    <>
      <dt>{props.title}</dt>
      <dd data-testid={props.hook} data-count={props.count}>
        {props.children}
      </dd>
    </>
  );
}

/** A batch that is smaller than this has gone before anybody has read of it. */
const WORTH_TELLING_BYTES = 16_384;

/** A large batch or a paper on its way: whose, and how much of it the centre has. */
function Sending({ status: { exchange: batch, upload } }: { status: SyncStatus }) {
  const { i18n } = useLingui();
  const format = useFormat();
  const exchange = batch && batch.total_bytes >= WORTH_TELLING_BYTES ? batch : null;
  const going = upload ?? exchange;
  if (!going) return null;
  const what = upload
    ? i18n.t("sync.upload_of", {
        document: upload.document ? format.pick(upload.document) : i18n.t("sync.a_paper"),
        name: upload.applicant_name,
        code: format.trackingCode(upload.tracking_code),
      })
    : i18n.t("sync.batch_of", { count: exchange?.entries ?? 0 });
  return (
    <div data-testid="sync.sending">
      <bdi>{what}</bdi>
      <div>
        <progress
          className={style.progress}
          value={going.sent_bytes}
          max={Math.max(1, going.total_bytes)}
          aria-label={what}
        />{" "}
        {i18n.t("sync.progress", {
          sent: format.bytes(going.sent_bytes),
          total: format.bytes(going.total_bytes),
        })}
      </div>
    </div>
  );
}

function NextTry({ at }: { at: number | null }) {
  const { i18n } = useLingui();
  const format = useFormat();
  if (at === null) return i18n.t("sync.no_next_try");
  const seconds = Math.max(0, Math.round((at - Date.now()) / 1000));
  // No wait is that long: the clock was changed while this was on the way.
  if (seconds > LONGEST_WAIT_SECONDS) return i18n.t("age.unknown");
  return i18n.t("sync.next_try_value", { time: format.time(at), seconds });
}
