/** Lines of applications: arrows move, Enter opens. */
import { useLingui } from "@lingui/react";
import type { KeyboardEvent } from "react";
import { useFormat } from "../format/format";
import { useNavigation } from "../frame/place";
import type { ApplicationRow } from "../ipc/generated";
import { Mark } from "../parts/mark";
import { StateMark } from "../parts/state-mark";
import style from "./application-list.module.css";

export function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const lines = [...event.currentTarget.querySelectorAll<HTMLElement>("button[data-line]")];
  const here = lines.indexOf(document.activeElement as HTMLElement);
  const next = lines[here + (event.key === "ArrowDown" ? 1 : -1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

/** The first line takes the focus, unless the operator has it somewhere already. */
export function focusFirstLine(list: HTMLElement | null): void {
  const { activeElement } = document;
  if (activeElement !== document.body && activeElement !== list?.closest("main")) return;
  list?.querySelector<HTMLElement>("button[data-line]")?.focus();
}

export function ApplicationList({ rows, empty }: { rows: ApplicationRow[]; empty: string }) {
  if (rows.length === 0) {
    return (
      <p className={style.empty} data-testid="app.list.empty">
        {empty}
      </p>
    );
  }
  return (
    <ul className={style.list} onKeyDown={moveFocus}>
      {rows.map((row) => (
        <li key={row.id}>
          <Line row={row} />
        </li>
      ))}
    </ul>
  );
}

function Line({ row }: { row: ApplicationRow }) {
  const { i18n } = useLingui();
  const format = useFormat();
  const { go } = useNavigation();
  return (
    <button
      type="button"
      data-line
      data-testid={`app.row.${row.tracking_code}`}
      data-state={row.state}
      data-word={row.word}
      className={style.line}
      onClick={() => go({ name: "application", id: row.id })}
    >
      <span className={style.who}>
        <strong>
          <bdi>{row.applicant_name}</bdi>
        </strong>
        {row.applicant_code && <span className="code">{format.digits(row.applicant_code)}</span>}
      </span>
      <span className={style.service}>
        {format.pick(row.service_title)}
        <span className={`code ${style.tracking}`}>{format.trackingCode(row.tracking_code)}</span>
      </span>
      <span className={style.when}>
        {format.dayAndTime(row.recorded_at)}
        <span>
          {i18n.t("list.due", { day: format.shortDay(Date.parse(`${row.due_on}T00:00:00Z`)) })}
        </span>
      </span>
      <span className={style.marks}>
        <StateMark state={row.state} />
        {row.late && (
          <Mark tone="bad" sign="alert">
            {i18n.t("list.late")}
          </Mark>
        )}
        {row.parked && (
          <Mark tone="bad" sign="alert">
            {i18n.t("list.parked")}
          </Mark>
        )}
        {row.copies_printed === 0 && (
          <Mark tone="wait" sign="paper">
            {i18n.t("list.not_printed")}
          </Mark>
        )}
      </span>
    </button>
  );
}
