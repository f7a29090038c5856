/** What became of each file that was read: what came, from when, what was not used and why. */
import { useLingui } from "@lingui/react";
import { useFormat } from "../../format/format";
import { sentence } from "../../i18n/sentences";
import type { CourierRead } from "../../ipc/generated";
import type { Tone } from "../../parts/mark";
import { Message } from "../../parts/message";
import style from "./courier.module.css";

const TONES: Record<string, Tone> = {
  "courier.taken": "good",
  "courier.taken_before": "plain",
  "courier.for_the_centre": "plain",
};

export function ReadFiles({ files }: { files: CourierRead[] }) {
  const format = useFormat();
  const { i18n } = useLingui();
  return files.map((file) => (
    <Message
      key={file.name}
      tone={TONES[file.code] ?? "wait"}
      hook="courier.outcome"
      data-code={file.code}
    >
      <span className={`code ${style.path}`}>{file.name}</span>
      <br />
      <strong>{sentence(format.language, file.code, file.params)}</strong>
      {file.made_at !== null && (
        <> {i18n.t("courier.made_at", { time: format.dayAndTime(file.made_at) })}</>
      )}
      <Brought file={file} />
    </Message>
  ));
}

function Brought({ file }: { file: CourierRead }) {
  const { i18n } = useLingui();
  const brought: [number, (count: number) => string][] = [
    [file.acknowledged, (count) => i18n.t("courier.brought_acknowledged", { count })],
    [file.documents, (count) => i18n.t("courier.brought_documents", { count })],
    [file.news, (count) => i18n.t("courier.brought_news", { count })],
    [file.notices, (count) => i18n.t("courier.brought_notices", { count })],
    [file.services, (count) => i18n.t("courier.brought_services", { count })],
  ];
  const told = brought.filter(([count]) => count > 0).map(([count, tell]) => tell(count));
  if (told.length === 0) return null;
  return (
    <ul className={style.brought} data-testid="courier.brought">
      {told.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}
