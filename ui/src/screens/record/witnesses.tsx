/** Those who vouch for a person without papers; two lines stand ready. */
import { useLingui } from "@lingui/react";
import { Button } from "../../parts/button";
import { Sign } from "../../parts/sign";
import { TextField } from "../../parts/text-field";
import { useEntryForm } from "./form-context";
import style from "./record.module.css";

const READY = 2;
const MOST = 10;

export function Witnesses() {
  const { i18n } = useLingui();
  const form = useEntryForm();
  const rows = Math.max(READY, form.entry.applicant.witnesses.length);
  const fault = form.frame("applicant.witnesses", "").error;
  return (
    <fieldset className={style.rows}>
      <legend className={style.legend}>{i18n.t("who.witnesses")}</legend>
      <p className={style.hint}>{i18n.t("who.witnesses_help")}</p>
      {Array.from({ length: rows }, (_, index) => {
        const path = `applicant.witnesses.${index}`;
        return (
          <div key={path} className={style.pair}>
            <TextField
              frame={form.frame(`${path}.name`, i18n.t("who.witness_name", { number: index + 1 }))}
              {...form.bind(`${path}.name`)}
            />
            <TextField
              frame={form.frame(`${path}.national_id`, i18n.t("who.witness_national_id"))}
              code
              inputMode="numeric"
              {...form.bind(`${path}.national_id`, "code")}
            />
          </div>
        );
      })}
      {fault && (
        <p className={style.error} data-testid="error.applicant.witnesses" data-code={fault.code}>
          <Sign name="alert" /> {fault.text}
        </p>
      )}
      {rows < MOST && (
        <Button
          hook="applicant.witnesses.add"
          kind="quiet"
          onClick={() => form.set(`applicant.witnesses.${rows}`, { name: "", national_id: "" })}
        >
          {i18n.t("who.witness_add")}
        </Button>
      )}
    </fieldset>
  );
}
