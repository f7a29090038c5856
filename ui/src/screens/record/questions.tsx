/** The form from the card: each kind of question its control, conditions and repeated groups. */
import { useLingui } from "@lingui/react";
import { fieldsAsked, rowFieldsAsked } from "../../entry/conditions";
import { valueAt } from "../../entry/entry";
import { useFormat } from "../../format/format";
import type { Field as Question, ServiceCard } from "../../ipc/generated";
import { Button } from "../../parts/button";
import { RadioField, SelectField } from "../../parts/choice-field";
import { DateField } from "../../parts/date-field";
import { describedBy, Field } from "../../parts/field";
import { Sign } from "../../parts/sign";
import { TextField } from "../../parts/text-field";
import { useAnswerText } from "./facts";
import { useEntryForm } from "./form-context";
import style from "./record.module.css";

export function QuestionsStep({ card }: { card: ServiceCard }) {
  const { i18n } = useLingui();
  const form = useEntryForm();
  const asked = fieldsAsked(card, form.entry);
  return (
    <section className={style.step} aria-label={i18n.t("questions.title")}>
      <h2 className={style.title}>
        <span className={style.number}>{i18n.number(3)}</span>
        {i18n.t("questions.title")}
      </h2>
      {asked.length === 0 && <p className={style.hint}>{i18n.t("questions.none")}</p>}
      <div className={style.grid}>
        {asked.map((question) => (
          <QuestionField key={question.key} question={question} path={`form.${question.key}`} />
        ))}
      </div>
    </section>
  );
}

function QuestionField({ question, path }: { question: Question; path: string }) {
  const { i18n } = useLingui();
  const format = useFormat();
  const form = useEntryForm();
  if (question.type === "repeat") return <Rows question={question} path={path} />;
  if (question.computed) return <WorkedOut question={question} path={path} />;
  const frame = form.frame(path, format.pick(question.label), {
    optional: !question.required,
    help: question.help && format.pick(question.help),
    wide: question.type === "text" && question.multiline,
  });
  const plain = question.type === "text" || question.type === "choice" || question.type === "iban";
  const bound = form.bind(path, plain ? undefined : "code");
  switch (question.type) {
    case "choice":
      return (
        <SelectField
          frame={frame}
          {...bound}
          options={question.options.map((option) => ({
            value: option.value,
            label: format.pick(option.label),
          }))}
        />
      );
    case "flag":
      return (
        <RadioField
          frame={frame}
          value={bound.value}
          onChange={(value) => form.set(path, value === "true")}
          onLeave={bound.onLeave}
          options={[
            { value: "true", label: i18n.t("answer.yes") },
            { value: "false", label: i18n.t("answer.no") },
          ]}
        />
      );
    case "date":
      return <DateField frame={frame} {...bound} />;
    case "text":
      return <TextField frame={frame} {...bound} multiline={question.multiline} />;
    case "integer":
    case "decimal":
      return (
        <TextField
          frame={frame}
          {...bound}
          code
          inputMode="decimal"
          unit={question.unit && format.pick(question.unit)}
        />
      );
    case "money":
      return (
        <TextField frame={frame} {...bound} code inputMode="numeric" unit={i18n.t("unit.rial")} />
      );
    default:
      return <TextField frame={frame} {...bound} code inputMode="text" />;
  }
}

/** A number that nobody types: the judge works it out as the answers above it come in. */
function WorkedOut({ question, path }: { question: Question; path: string }) {
  const { i18n } = useLingui();
  const format = useFormat();
  const form = useEntryForm();
  const answerText = useAnswerText();
  const help = question.help ? format.pick(question.help) : i18n.t("computed.help");
  const frame = form.frame(path, format.pick(question.label), { help });
  const number = form.computed[question.key];
  return (
    <Field frame={frame}>
      <output
        id={path}
        data-testid={path}
        data-value={number}
        className={style.workedOut}
        aria-describedby={describedBy(frame)}
      >
        {number === undefined ? i18n.t("computed.open") : answerText(question, number)}
      </output>
    </Field>
  );
}

function rowAt(rows: unknown[], index: number): Record<string, unknown> {
  const row = rows[index];
  return typeof row === "object" && row !== null ? (row as Record<string, unknown>) : {};
}

function Rows({ question, path }: { question: Question & { type: "repeat" }; path: string }) {
  const { i18n } = useLingui();
  const format = useFormat();
  const form = useEntryForm();
  const value = valueAt(form.entry, path);
  const given = Array.isArray(value) ? (value as unknown[]) : [];
  const fewest = question.required ? Math.max(question.min, 1) : 0;
  const count = Math.max(fewest, given.length);
  const title = format.pick(question.label);
  const frame = form.frame(path, title);
  return (
    <fieldset className={style.rows}>
      <legend className={style.legend}>{title}</legend>
      {question.help && <p className={style.hint}>{format.pick(question.help)}</p>}
      {Array.from({ length: count }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is known by its place alone
        <fieldset key={`${path}.${index}`} className={style.rowBox}>
          <legend className={style.hint}>
            {i18n.t("rows.number", { title, number: index + 1 })}
          </legend>
          <div className={style.grid}>
            {rowFieldsAsked(question.fields, rowAt(given, index), form.entry).map((inner) => (
              <QuestionField
                key={inner.key}
                question={inner}
                path={`${path}.${index}.${inner.key}`}
              />
            ))}
          </div>
          {count > fewest && (
            <Button
              hook={`${path}.${index}.remove`}
              kind="quiet"
              onClick={() =>
                form.set(
                  path,
                  given.filter((_, other) => other !== index),
                )
              }
            >
              {i18n.t("rows.remove")}
            </Button>
          )}
        </fieldset>
      ))}
      {count < question.max && (
        <div data-field={path}>
          <Button hook={`${path}.add`} onClick={() => form.set(`${path}.${count}`, {})}>
            {i18n.t("rows.add", { title })}
          </Button>
        </div>
      )}
      {frame.error && (
        <p className={style.error} data-testid={`error.${path}`} data-code={frame.error.code}>
          <Sign name="alert" /> {frame.error.text}
        </p>
      )}
      {frame.defect && (
        <p className={style.defect}>
          <Sign name="back" /> {frame.defect}
        </p>
      )}
    </fieldset>
  );
}
