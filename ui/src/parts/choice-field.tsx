/** One of several: a list to open, or radios when they are few enough to be seen at once. */
import { useLingui } from "@lingui/react";
import { describedBy, Field, type FieldFrame } from "./field";
import style from "./field.module.css";

export interface Option {
  value: string;
  label: string;
}

interface Props {
  frame: FieldFrame;
  value: string;
  options: Option[];
  onChange(value: string): void;
  onLeave?(): void;
}

export function SelectField({ frame, value, options, onChange, onLeave }: Props) {
  const { i18n } = useLingui();
  return (
    <Field frame={frame}>
      <select
        id={frame.path}
        data-testid={frame.path}
        className={style.input}
        value={value}
        aria-invalid={frame.error ? true : undefined}
        aria-describedby={describedBy(frame)}
        onBlur={onLeave}
        onChange={(event) => onChange(event.currentTarget.value)}
      >
        <option value="">{i18n.t("field.choose")}</option>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </Field>
  );
}

/** Radios; the id of each is the path and its value. */
export function RadioField({ frame, value, options, onChange, onLeave }: Props) {
  return (
    <Field frame={frame} group>
      <div className={style.choices}>
        {options.map((option) => {
          const id = `${frame.path}.${option.value}`;
          return (
            <label key={option.value} className={style.choice} htmlFor={id}>
              <input
                type="radio"
                id={id}
                data-testid={id}
                name={frame.path}
                value={option.value}
                checked={value === option.value}
                aria-describedby={describedBy(frame)}
                onChange={() => onChange(option.value)}
                onBlur={onLeave}
              />
              {option.label}
            </label>
          );
        })}
      </div>
    </Field>
  );
}

export function CheckField({
  path,
  label,
  checked,
  onChange,
  onLeave,
}: {
  path: string;
  label: string;
  checked: boolean;
  onChange(checked: boolean): void;
  onLeave?(): void;
}) {
  return (
    <label className={style.choice} htmlFor={path}>
      <input
        type="checkbox"
        id={path}
        data-testid={path}
        checked={checked}
        onChange={(event) => onChange(event.currentTarget.checked)}
        onBlur={onLeave}
      />
      {label}
    </label>
  );
}
