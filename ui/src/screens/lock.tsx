/** The lock: who works, and the PIN. */
import { useLingui } from "@lingui/react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { toLatinDigits } from "../format/digits";
import { useAct } from "../host/use-host";
import type { AppStatus } from "../ipc/generated";
import { Button } from "../parts/button";
import { RadioField } from "../parts/choice-field";
import { LanguageSwitch } from "../parts/language-switch";
import { ErrorMessage } from "../parts/message";
import { TextField } from "../parts/text-field";
import style from "./door.module.css";

const LAST = "operator";

export function LockScreen({ status }: { status: AppStatus }) {
  const { i18n } = useLingui();
  const known = status.operators.find((item) => item.id === localStorage.getItem(LAST));
  const [operator, setOperator] = useState((known ?? status.operators[0])?.id ?? "");
  const [pin, setPin] = useState("");
  const form = useRef<HTMLFormElement>(null);
  const unlock = useAct("session_unlock", ["session"]);
  const focusPin = () => form.current?.querySelector<HTMLElement>("input[type=password]")?.focus();

  // biome-ignore lint/correctness/useExhaustiveDependencies: the focus goes there at each failure
  useEffect(focusPin, [unlock.error]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!pin || !operator) return focusPin();
    localStorage.setItem(LAST, operator);
    unlock.mutate({ operator, pin: toLatinDigits(pin.trim()) }, { onSettled: () => setPin("") });
  };

  return (
    <main className={style.page} data-testid="screen.lock">
      <form ref={form} className={style.sheet} onSubmit={submit} noValidate>
        <div className={style.head}>
          <h1 className={style.title}>{i18n.t("lock.title")}</h1>
          <LanguageSwitch />
        </div>
        <div data-testid="lock.operator">
          <RadioField
            frame={{ path: "lock.operator", label: i18n.t("lock.operator") }}
            value={operator}
            options={status.operators.map(({ id, name }) => ({ value: id, label: name }))}
            onChange={(id) => {
              setOperator(id);
              focusPin();
            }}
          />
        </div>
        <TextField
          frame={{ path: "lock.pin", label: i18n.t("lock.pin") }}
          type="password"
          inputMode="numeric"
          code
          value={pin}
          onChange={setPin}
        />
        <ErrorMessage error={unlock.error} hook="lock.error" />
        <div className={style.end}>
          <Button kind="primary" type="submit" hook="lock.submit" disabled={unlock.isPending}>
            {unlock.isPending ? i18n.t("lock.working") : i18n.t("lock.submit")}
          </Button>
        </div>
        <p className={style.lead}>{i18n.t("lock.note")}</p>
      </form>
    </main>
  );
}
