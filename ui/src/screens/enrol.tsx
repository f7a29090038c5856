/** First start: address of the centre, one-time code, first operator. One page, once. */
import { useLingui } from "@lingui/react";
import { type FormEvent, useRef, useState } from "react";
import { entersOn, focusField, focusPath, nextField } from "../entry/enter";
import { toLatinDigits } from "../format/digits";
import { useFormat } from "../format/format";
import { useAct } from "../host/use-host";
import { sentence } from "../i18n/sentences";
import { Button } from "../parts/button";
import { LanguageSwitch } from "../parts/language-switch";
import { ErrorMessage } from "../parts/message";
import { TextField } from "../parts/text-field";
import style from "./door.module.css";

const FIELDS = ["centre_url", "code", "operator_name", "pin", "pin_again"] as const;
type Key = (typeof FIELDS)[number];

export function EnrolScreen() {
  const { i18n } = useLingui();
  const format = useFormat();
  const form = useRef<HTMLFormElement>(null);
  const [values, setValues] = useState<Record<Key, string>>({
    centre_url: "http://127.0.0.1:8080",
    code: "",
    operator_name: "",
    pin: "",
    pin_again: "",
  });
  const [left, setLeft] = useState<ReadonlySet<Key>>(new Set());
  const enrol = useAct("device_enrol", ["session"]);

  const fault = (key: Key): { code: string; text: string } | null => {
    const own = (code: string) => ({ code, text: sentence(format.language, code) });
    const value = values[key].trim();
    if (key === "pin" && !/^\d{6,}$/.test(toLatinDigits(value))) return own("pin.too_short");
    if (key === "pin_again" && toLatinDigits(value) !== toLatinDigits(values.pin.trim())) {
      return { code: "pin.differs", text: i18n.t("pin.differs") };
    }
    return value ? null : own("field.required");
  };

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setLeft(new Set(FIELDS));
    const wrong = FIELDS.find(fault);
    if (wrong) {
      if (form.current) focusPath(form.current, `enrol.${wrong}`);
      return;
    }
    const { pin_again: _, ...request } = values;
    enrol.mutate({ ...request, pin: toLatinDigits(values.pin.trim()) });
  };

  const text = (
    key: Key,
    label: string,
    options: { code?: boolean; wide?: boolean; secret?: boolean; help?: string },
  ) => (
    <TextField
      frame={{
        path: `enrol.${key}`,
        label,
        help: options.help,
        wide: options.wide,
        error: left.has(key) ? fault(key) : null,
      }}
      value={values[key]}
      code={options.code}
      type={options.secret ? "password" : "text"}
      inputMode={options.secret ? "numeric" : undefined}
      autoFocus={key === "code"}
      onChange={(value) => setValues((before) => ({ ...before, [key]: value }))}
      onLeave={() => values[key] !== "" && setLeft((before) => new Set(before).add(key))}
    />
  );

  return (
    <main className={style.page} data-testid="screen.enrol">
      <form
        ref={form}
        className={style.sheet}
        noValidate
        onSubmit={submit}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || !entersOn(event.target, event.shiftKey)) return;
          const next = nextField(event.currentTarget, event.target as Element);
          if (!next) return;
          event.preventDefault();
          focusField(next);
        }}
      >
        <div className={style.head}>
          <h1 className={style.title}>{i18n.t("enrol.title")}</h1>
          <LanguageSwitch />
        </div>
        <p className={style.lead}>{i18n.t("enrol.lead")}</p>
        <div className={style.grid}>
          {text("centre_url", i18n.t("enrol.centre_url"), { code: true, wide: true })}
          {text("code", i18n.t("enrol.code"), { code: true, help: i18n.t("enrol.code_help") })}
          {text("operator_name", i18n.t("enrol.operator_name"), {})}
          {text("pin", i18n.t("enrol.pin"), {
            code: true,
            secret: true,
            help: i18n.t("enrol.pin_help"),
          })}
          {text("pin_again", i18n.t("enrol.pin_again"), { code: true, secret: true })}
        </div>
        <ErrorMessage error={enrol.error} hook="enrol.error" />
        <div className={style.end}>
          <Button kind="primary" type="submit" hook="enrol.submit" disabled={enrol.isPending}>
            {enrol.isPending ? i18n.t("enrol.working") : i18n.t("enrol.submit")}
          </Button>
        </div>
      </form>
    </main>
  );
}
