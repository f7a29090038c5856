/** The papers: a scan or photo, or "seen, copy not needed". */
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { assumed, documentsAsked } from "../../entry/conditions";
import { withCopy, withoutCopy, withSeen } from "../../entry/entry";
import { useFormat } from "../../format/format";
import { asHostError, type HostError } from "../../host/host";
import { useCommand, useHost } from "../../host/use-host";
import type { DocumentRequirement, ServiceCard } from "../../ipc/generated";
import { Button } from "../../parts/button";
import { CheckField } from "../../parts/choice-field";
import { Sample } from "../../parts/mark";
import { ErrorMessage } from "../../parts/message";
import { Sign } from "../../parts/sign";
import { base64Of } from "./base64";
import style from "./documents.module.css";
import { useEntryForm } from "./form-context";
import recordStyle from "./record.module.css";

export function DocumentsStep({ card }: { card: ServiceCard }) {
  const { i18n } = useLingui();
  const form = useEntryForm();
  const asked = documentsAsked(card, form.entry);
  if (asked.length === 0) return null;
  return (
    <section className={recordStyle.step} aria-label={i18n.t("documents.title")}>
      <h2 className={recordStyle.title}>
        {i18n.t("documents.title")}
        {assumed(card, "/documents") && <Sample />}
      </h2>
      <ul className={style.list}>
        {asked.map((document) => (
          <DocumentLine key={document.code} document={document} />
        ))}
      </ul>
    </section>
  );
}

function DocumentLine({ document }: { document: DocumentRequirement }) {
  const { i18n } = useLingui();
  const format = useFormat();
  const host = useHost();
  const form = useEntryForm();
  const [error, setError] = useState<HostError | null>(null);
  const [busy, setBusy] = useState(false);
  const path = `documents.${document.code}`;
  const given = form.entry.documents
    .filter((item) => item.code === document.code)
    .map((item) => item.evidence);
  const copies = given.filter((evidence) => evidence.kind === "copy");
  const seen = given.some((evidence) => evidence.kind === "seen");
  const frame = form.frame(path, format.pick(document.title));

  const attach = async (file: File) => {
    setBusy(true);
    setError(null);
    try {
      const stored = await host.call("document_attach", {
        code: document.code,
        file_name: file.name,
        bytes_base64: await base64Of(file),
      });
      form.edit((entry) => withCopy(entry, stored.document));
    } catch (thrown) {
      setError(asHostError(thrown));
    } finally {
      setBusy(false);
      form.leave(path);
    }
  };

  return (
    <li
      className={style.line}
      data-field={path}
      data-given={copies.length ? "copy" : seen ? "seen" : "none"}
    >
      <span className={style.sign}>
        <Sign name={given.length ? "check" : "ring"} />
      </span>
      <span className={style.name}>
        {frame.label}
        {!document.required && <span className={style.note}>{i18n.t("documents.may_follow")}</span>}
        {document.copy_needed && (
          <span className={style.note}>{i18n.t("documents.copy_needed")}</span>
        )}
      </span>
      {!document.copy_needed && (
        <CheckField
          path={`${path}.seen`}
          label={i18n.t("documents.seen")}
          checked={seen}
          onLeave={() => form.leave(path)}
          onChange={(now) => {
            form.edit((entry) => withSeen(entry, document.code, now));
            form.leave(path);
          }}
        />
      )}
      <label className={style.file}>
        <input
          type="file"
          id={`${path}.file`}
          data-testid={`${path}.file`}
          accept="image/jpeg,image/png,image/webp,application/pdf"
          aria-label={i18n.t("documents.file_label", { title: frame.label })}
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            if (file) void attach(file);
            event.currentTarget.value = "";
          }}
        />
        {busy ? i18n.t("documents.attaching") : i18n.t("documents.file")}
      </label>
      {copies.map((copy) => (
        <Copy
          key={copy.hash}
          path={path}
          hash={copy.hash}
          bytes={copy.size_bytes}
          onRemove={() => form.edit((entry) => withoutCopy(entry, document.code, copy.hash))}
        />
      ))}
      <div className={style.faults}>
        {frame.error && (
          <p
            className={recordStyle.error}
            data-testid={`error.${path}`}
            data-code={frame.error.code}
          >
            <Sign name="alert" /> {frame.error.text}
          </p>
        )}
        {frame.defect && (
          <p className={recordStyle.defect} data-testid={`defect.${path}`}>
            <Sign name="back" /> {i18n.t("field.defect")} <bdi>{frame.defect}</bdi>
          </p>
        )}
        <ErrorMessage error={error} />
      </div>
    </li>
  );
}

function Copy({
  path,
  hash,
  bytes,
  onRemove,
}: {
  path: string;
  hash: string;
  bytes: number;
  onRemove(): void;
}) {
  const { i18n } = useLingui();
  const format = useFormat();
  const stored = useCommand("document_get", { hash });
  const preview = stored.data?.preview;
  return (
    <span className={style.copy} data-testid={`${path}.copy`}>
      {preview?.startsWith("data:image") ? (
        <img src={preview} alt={i18n.t("documents.preview")} />
      ) : (
        <span className={style.pdf}>PDF</span>
      )}
      {format.bytes(bytes)}
      <Button hook={`${path}.remove`} kind="quiet" onClick={onRemove}>
        {i18n.t("documents.remove")}
      </Button>
    </span>
  );
}
