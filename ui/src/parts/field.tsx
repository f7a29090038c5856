/** A labelled control: its help, the error that stands at it, and what an officer found wrong. */
import { useLingui } from "@lingui/react";
import type { ReactNode } from "react";
import style from "./field.module.css";
import { Sign } from "./sign";

export interface FieldFrame {
  /** Path of the field; also its id and its test hook. */
  path: string;
  label: string;
  optional?: boolean;
  help?: string | null;
  error?: { code: string; text: string } | null;
  defect?: string | null;
  /** Who found it, when it was not the agency. */
  defectBy?: string | null;
  sample?: boolean;
  wide?: boolean;
}

/** Ids of the texts that describe a control, for screen readers. */
export function describedBy({ path, help, error, defect }: FieldFrame): string | undefined {
  const ids = [help && `${path}:help`, error && `${path}:error`, defect && `${path}:defect`];
  return ids.filter(Boolean).join(" ") || undefined;
}

/** For one control: a `<label>`. For a group of radios: a `<fieldset>` with its legend. */
export function Field({
  frame,
  group = false,
  children,
}: {
  frame: FieldFrame;
  group?: boolean;
  children: ReactNode;
}) {
  const { i18n } = useLingui();
  const { path, label, optional, help, error, defect, wide } = frame;
  const classes = [style.field, wide && style.wide, error && style.wrong].filter(Boolean).join(" ");
  const title = (
    <>
      {label}
      {optional && <span className={style.optional}>{i18n.t("field.optional")}</span>}
    </>
  );
  const notes = (
    <>
      {error && (
        <p
          id={`${path}:error`}
          data-testid={`error.${path}`}
          data-code={error.code}
          className={style.error}
        >
          <Sign name="alert" /> {error.text}
        </p>
      )}
      {defect && (
        <p id={`${path}:defect`} data-testid={`defect.${path}`} className={style.defect}>
          <Sign name="back" /> {frame.defectBy ?? i18n.t("field.defect")} <bdi>{defect}</bdi>
        </p>
      )}
      {help && !error && (
        <p id={`${path}:help`} className={style.help}>
          {help}
        </p>
      )}
    </>
  );
  if (group) {
    return (
      <fieldset className={classes} data-field={path} aria-describedby={describedBy(frame)}>
        <legend className={style.label}>{title}</legend>
        {children}
        {notes}
      </fieldset>
    );
  }
  return (
    <div className={classes} data-field={path}>
      <label className={style.label} htmlFor={path}>
        {title}
      </label>
      {children}
      {notes}
    </div>
  );
}
