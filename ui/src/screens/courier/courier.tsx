/** Courier (F11): what waits is written on a stick, and the centre's answer is read from one. */
import { useLingui } from "@lingui/react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useFormat } from "../../format/format";
import { CourierHint } from "../../frame/courier-hint";
import { somethingWaits } from "../../frame/silence";
import { useAct, useCommand } from "../../host/use-host";
import { Button } from "../../parts/button";
import { RadioField } from "../../parts/choice-field";
import { ErrorMessage, Message } from "../../parts/message";
import { Page } from "../../parts/page";
import { TextField } from "../../parts/text-field";
import style from "./courier.module.css";
import { CourierFiles } from "./files";
import { ReadFiles } from "./read";

/** A stick is seen soon after it is plugged in. */
const LOOK_EVERY_MS = 3000;

export function CourierScreen() {
  const { i18n } = useLingui();
  const format = useFormat();
  const status = useCommand("sync_status", null).data;
  const places = useCommand("courier_places", null, { refetchInterval: LOOK_EVERY_MS }).data ?? [];
  const write = useAct("courier_export", ["sync"]);
  const read = useAct("courier_import", ["sync", "applications", "notices", "services"]);
  const [path, setPath] = useState<string | null>(null);
  const form = useRef<HTMLFormElement>(null);
  // The only stick there is, until another place is named.
  const where = path ?? places[0]?.path ?? "";
  const busy = write.isPending || read.isPending;

  useEffect(() => form.current?.querySelector<HTMLElement>("input")?.focus(), []);

  const writeNow = (event: FormEvent) => {
    event.preventDefault();
    if (!where.trim() || busy) return;
    read.reset();
    write.mutate({ folder: where.trim() });
  };
  const readNow = () => {
    if (!where.trim() || busy) return;
    write.reset();
    read.mutate({ path: where.trim() });
  };

  return (
    <Page hook="screen.courier" title={i18n.t("nav.courier")}>
      <p>{i18n.t("courier.lead")}</p>
      {status && <CourierHint status={status} />}
      <form ref={form} className={style.box} onSubmit={writeNow}>
        {places.length > 0 && (
          <RadioField
            frame={{ path: "courier.place", label: i18n.t("courier.place") }}
            value={where}
            onChange={setPath}
            options={places.map(({ path, name }) => ({ value: path, label: name }))}
          />
        )}
        <TextField
          frame={{
            path: "courier.path",
            label: i18n.t("courier.path"),
            help: places.length === 0 ? i18n.t("courier.no_places") : i18n.t("courier.path_help"),
          }}
          code
          value={where}
          onChange={setPath}
        />
        <div className={style.actions}>
          <p className={style.soft} data-testid="courier.waits">
            {status &&
              (somethingWaits(status)
                ? i18n.t("courier.waits", {
                    entries: status.waiting + status.other_entries_waiting,
                    documents: status.documents_waiting,
                    bytes: format.bytes(status.document_bytes_waiting),
                  })
                : i18n.t("courier.nothing_waits"))}
          </p>
          <Button hook="courier.read" onClick={readNow} disabled={!where.trim()}>
            {i18n.t("courier.read")}
          </Button>
          <Button
            hook="courier.write"
            type="submit"
            kind="primary"
            keys="Enter"
            disabled={!where.trim()}
          >
            {i18n.t("courier.write")}
          </Button>
        </div>
      </form>
      {busy && (
        <Message tone="plain" hook="courier.busy">
          {write.isPending ? i18n.t("courier.writing") : i18n.t("courier.reading")}
        </Message>
      )}
      <ErrorMessage error={write.error ?? read.error} hook="courier.error" />
      {write.data && (
        <Message tone="good" hook="courier.written" data-number={String(write.data.file.number)}>
          {i18n.t("courier.written", {
            number: format.count(write.data.file.number),
            entries: write.data.file.entries,
            documents: write.data.file.documents,
            bytes: format.bytes(write.data.file.bytes),
          })}
          <br />
          <span className={`code ${style.path}`}>{format.path(write.data.file.path)}</span>
          {(write.data.entries_left > 0 || write.data.documents_left > 0) && (
            <p>
              {i18n.t("courier.left", {
                entries: write.data.entries_left,
                documents: write.data.documents_left,
              })}
            </p>
          )}
        </Message>
      )}
      {read.data && <ReadFiles files={read.data.files} />}
      <CourierFiles />
    </Page>
  );
}
