/** The dialog of an act that needs a word: withdraw, hand over, note. */
import { useLingui } from "@lingui/react";
import { type FormEvent, useEffect, useState } from "react";
import { asHostError, type HostError } from "../../host/host";
import { useHost, useRefresh } from "../../host/use-host";
import type { ApplicationView } from "../../ipc/generated";
import { Button } from "../../parts/button";
import { ErrorMessage } from "../../parts/message";
import { Sheet } from "../../parts/sheet";
import { TextField } from "../../parts/text-field";
import style from "./dialog.module.css";

export type DialogKind = "withdraw" | "deliver" | "note";

const TEXTS: Record<
  DialogKind,
  { title: { id: string }; label: { id: string }; confirm: { id: string } }
> = {
  withdraw: {
    title: /*i18n*/ { id: "withdraw.title" },
    label: /*i18n*/ { id: "withdraw.reason" },
    confirm: /*i18n*/ { id: "withdraw.confirm" },
  },
  deliver: {
    title: /*i18n*/ { id: "handover.title" },
    label: /*i18n*/ { id: "handover.recipient" },
    confirm: /*i18n*/ { id: "handover.confirm" },
  },
  note: {
    title: /*i18n*/ { id: "note.title" },
    label: /*i18n*/ { id: "note.text" },
    confirm: /*i18n*/ { id: "note.confirm" },
  },
};

interface Props {
  kind: DialogKind | null;
  view: ApplicationView;
  onClose(): void;
}

export function ActDialog({ kind, view, onClose }: Props) {
  const { i18n } = useLingui();
  const host = useHost();
  const refresh = useRefresh();
  const [text, setText] = useState("");
  const [error, setError] = useState<HostError | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: begins anew each time it opens
  useEffect(() => {
    setText(kind === "deliver" ? view.row.applicant_name : "");
    setError(null);
  }, [kind]);
  if (!kind) return null;

  const act = () => {
    const { id } = view.row;
    if (kind === "withdraw") return host.call("application_withdraw", { id, reason: text.trim() });
    if (kind === "deliver") return host.call("application_deliver", { id, recipient: text.trim() });
    return host.call("application_note", { id, text: text.trim() });
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    try {
      await act();
      refresh("applications");
      onClose();
    } catch (thrown) {
      setError(asHostError(thrown));
    }
  };
  const texts = TEXTS[kind];
  return (
    <Sheet title={i18n._(texts.title)} hook="dialog" open onClose={onClose}>
      <form className={style.form} onSubmit={submit}>
        <TextField
          frame={{ path: "dialog.text", label: i18n._(texts.label) }}
          value={text}
          onChange={setText}
          autoFocus
        />
        <ErrorMessage error={error} hook="dialog.error" />
        <div className={style.actions}>
          <Button hook="dialog.cancel" keys="Esc" onClick={onClose}>
            {i18n.t("dialog.cancel")}
          </Button>
          <Button hook="dialog.confirm" type="submit" kind="primary" keys="Enter">
            {i18n._(texts.confirm)}
          </Button>
        </div>
      </form>
    </Sheet>
  );
}
