/**
 * A line or a paragraph of text; also numbers and codes, which are typed in any digits. What is
 * pasted stays whole: that it is too long is said by the judge, and never cut in silence.
 */
import type { InputHTMLAttributes } from "react";
import { describedBy, Field, type FieldFrame } from "./field";
import style from "./field.module.css";

interface Props {
  frame: FieldFrame;
  value: string;
  onChange(value: string): void;
  onLeave?(): void;
  code?: boolean;
  multiline?: boolean;
  unit?: string | null;
  type?: "text" | "password" | "search";
  inputMode?: InputHTMLAttributes<HTMLInputElement>["inputMode"];
  autoFocus?: boolean;
}

export function TextField({
  frame,
  value,
  onChange,
  onLeave,
  code,
  multiline,
  unit,
  ...rest
}: Props) {
  const shared = {
    id: frame.path,
    "data-testid": frame.path,
    value,
    "aria-invalid": frame.error ? true : undefined,
    "aria-required": frame.optional ? undefined : true,
    "aria-describedby": describedBy(frame),
    autoComplete: "off",
    spellCheck: false,
    onBlur: onLeave,
    className: code ? `${style.input} ${style.code}` : style.input,
    onChange: (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value),
  };
  return (
    <Field frame={frame}>
      {multiline ? (
        <textarea {...shared} rows={3} />
      ) : (
        <div className={style.row}>
          <input {...shared} type="text" {...rest} />
          {unit && <span className={style.unit}>{unit}</span>}
        </div>
      )}
    </Field>
  );
}
