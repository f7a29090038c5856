/** Who may unlock, and how one more is added: with no line, by whoever is at work. */
import { useLingui } from "@lingui/react";
import { type FormEvent, useState } from "react";
import { toLatinDigits } from "../format/digits";
import { useAct, useCommand } from "../host/use-host";
import { Button } from "../parts/button";
import { ErrorMessage, Message } from "../parts/message";
import { TextField } from "../parts/text-field";
import style from "./settings.module.css";

const EMPTY = { name: "", pin: "", pin_again: "" };

export function Operators() {
  const { i18n } = useLingui();
  const status = useCommand("app_status", null).data;
  const add = useAct("operator_add", ["session"]);
  const [typed, setTyped] = useState(EMPTY);
  const [tried, setTried] = useState(false);
  const pin = toLatinDigits(typed.pin.trim());
  const differs = pin !== toLatinDigits(typed.pin_again.trim());

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (differs) return;
    add.mutate(
      { name: typed.name.trim(), pin },
      {
        onSuccess: () => {
          setTyped(EMPTY);
          setTried(false);
        },
      },
    );
  };
  const field = (key: keyof typeof EMPTY, label: string) => (
    <TextField
      frame={{
        path: `operator.${key}`,
        label,
        error:
          key === "pin_again" && tried && differs
            ? { code: "pin.differs", text: i18n.t("pin.differs") }
            : null,
      }}
      type={key === "name" ? "text" : "password"}
      code={key !== "name"}
      inputMode={key === "name" ? undefined : "numeric"}
      value={typed[key]}
      onChange={(value) => setTyped((before) => ({ ...before, [key]: value }))}
    />
  );
  return (
    <section className={style.box}>
      <h2>{i18n.t("operators.title")}</h2>
      <ul className={style.names}>
        {status?.operators.map((operator) => (
          <li key={operator.id}>
            {operator.name}
            {operator.id === status.operator?.id && ` — ${i18n.t("operators.at_work")}`}
          </li>
        ))}
      </ul>
      <form onSubmit={submit} className={style.form} noValidate>
        {field("name", i18n.t("operators.name"))}
        <div className={style.two}>
          {field("pin", i18n.t("enrol.pin"))}
          {field("pin_again", i18n.t("enrol.pin_again"))}
        </div>
        <ErrorMessage error={add.error} hook="operator.error" />
        {add.isSuccess && (
          <Message tone="good" hook="operator.added">
            {i18n.t("operators.added")}
          </Message>
        )}
        <div className={style.line}>
          <Button hook="operator.add" type="submit" disabled={add.isPending}>
            {i18n.t("operators.add")}
          </Button>
        </div>
      </form>
    </section>
  );
}
