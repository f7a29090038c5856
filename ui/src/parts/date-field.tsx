/** A Jalali day: typed in any digits, or picked in a small calendar. The text is what is kept. */
import { useLingui } from "@lingui/react";
import { useState } from "react";
import {
  Button,
  Calendar,
  CalendarCell,
  CalendarGrid,
  CalendarGridBody,
  CalendarGridHeader,
  CalendarHeaderCell,
  CalendarStateContext,
  Dialog,
  DialogTrigger,
  Popover,
} from "react-aria-components";
import { use } from "react";
import { useFormat } from "../format/format";
import { jalaliText, monthName, parseJalali, today } from "../format/jalali";
import style from "./date-field.module.css";
import { describedBy, Field, type FieldFrame } from "./field";
import fieldStyle from "./field.module.css";

interface Props {
  frame: FieldFrame;
  value: string;
  onChange(value: string): void;
  onLeave?(): void;
}

export function DateField({ frame, value, onChange, onLeave }: Props) {
  const { i18n } = useLingui();
  const format = useFormat();
  const [open, setOpen] = useState(false);
  const typed = parseJalali(value);
  return (
    <Field frame={frame}>
      <div className={fieldStyle.row}>
        <input
          id={frame.path}
          data-testid={frame.path}
          data-primary
          type="text"
          inputMode="numeric"
          className={`${fieldStyle.input} ${fieldStyle.code}`}
          placeholder={format.digits("1370/05/12")}
          value={value}
          autoComplete="off"
          aria-invalid={frame.error ? true : undefined}
          aria-describedby={describedBy(frame)}
          onChange={(event) => onChange(event.currentTarget.value)}
          onBlur={onLeave}
        />
        <DialogTrigger isOpen={open} onOpenChange={setOpen}>
          <Button
            className={style.open}
            aria-label={i18n.t("date.pick", { field: frame.label })}
            excludeFromTabOrder
          >
            <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
              <path
                d="M3 5h14v12H3zM3 9h14M7 3v4M13 3v4"
                fill="none"
                stroke="currentColor"
                strokeWidth="1.5"
              />
            </svg>
          </Button>
          <Popover className={style.popover} placement="bottom end">
            <Dialog aria-label={frame.label} className={style.dialog}>
              <Calendar
                defaultFocusedValue={typed ?? today(Date.now())}
                value={typed}
                aria-label={frame.label}
                onChange={(date) => {
                  onChange(format.digits(jalaliText(date as Parameters<typeof jalaliText>[0])));
                  setOpen(false);
                  onLeave?.();
                }}
              >
                <Heading />
                <CalendarGrid weekdayStyle="short">
                  <CalendarGridHeader>
                    {(day) => <CalendarHeaderCell className={style.weekday}>{day}</CalendarHeaderCell>}
                  </CalendarGridHeader>
                  <CalendarGridBody>
                    {(date) => <CalendarCell date={date} className={style.day} />}
                  </CalendarGridBody>
                </CalendarGrid>
              </Calendar>
            </Dialog>
          </Popover>
        </DialogTrigger>
      </div>
    </Field>
  );
}

/** Month before year; the ready-made heading puts the year first. Years are stepped too, since a
 * date of birth is far away. */
function Heading() {
  const { i18n } = useLingui();
  const format = useFormat();
  const state = use(CalendarStateContext);
  if (!state) return null;
  const shown = state.visibleRange.start;
  const step = (months: number) => state.setFocusedDate(state.focusedDate.add({ months }));
  return (
    <div className={style.heading}>
      <Button slot={null} className={style.step} onPress={() => step(-12)} aria-label={i18n.t("date.year_before")}>
        «
      </Button>
      <Button slot="previous" className={style.step} aria-label={i18n.t("date.month_before")}>
        ‹
      </Button>
      <strong className={style.month} aria-live="polite">
        {monthName(shown as Parameters<typeof monthName>[0], format.language)}{" "}
        {format.digits(shown.year)}
      </strong>
      <Button slot="next" className={style.step} aria-label={i18n.t("date.month_after")}>
        ›
      </Button>
      <Button slot={null} className={style.step} onPress={() => step(12)} aria-label={i18n.t("date.year_after")}>
        »
      </Button>
    </div>
  );
}
