/** F1: every key. */
import { useLingui } from "@lingui/react";
import { Button } from "../parts/button";
import { Sheet } from "../parts/sheet";
import { ENTRIES } from "./place";
import style from "./shortcuts.module.css";

const OTHERS = [
  ["Enter", /*i18n*/ { id: "keys.enter" }],
  ["Shift+Enter", /*i18n*/ { id: "keys.shift_enter" }],
  ["Ctrl+Enter", /*i18n*/ { id: "keys.ctrl_enter" }],
  ["Esc", /*i18n*/ { id: "keys.escape" }],
  ["Ctrl+K", /*i18n*/ { id: "keys.search" }],
  ["Ctrl+L", /*i18n*/ { id: "keys.lock" }],
  ["F1", /*i18n*/ { id: "keys.help" }],
] as const;

export function Shortcuts({ open, onClose }: { open: boolean; onClose(): void }) {
  const { i18n } = useLingui();
  return (
    <Sheet title={i18n.t("keys.title")} hook="shortcuts" open={open} onClose={onClose}>
      <dl className={style.keys}>
        {ENTRIES.map((entry) => (
          <div key={entry.key}>
            <dt>
              <kbd>{entry.key}</kbd>
            </dt>
            <dd>{i18n._(entry.label)}</dd>
          </div>
        ))}
        {OTHERS.map(([key, label]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{i18n._(label)}</dd>
          </div>
        ))}
      </dl>
      <div className={style.end}>
        <Button kind="primary" onClick={onClose} autoFocus>
          {i18n.t("dialog.close")}
        </Button>
      </div>
    </Sheet>
  );
}
