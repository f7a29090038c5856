/** A Jalali day: typed in any digits, or picked in a small calendar. The text is what is kept. */
import { useLingui } from "@lingui/react";
import { use, useState } from "react";
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
import { useFormat } from "../format/format";
import { jalaliText, monthName, parseJalali, today } from "../format/jalali";
import style from "./date-field.module.css";
import { describedBy, Field, type FieldFrame } from "./field";
import fieldStyle from "./field.module.css";
import { Sign } from "./sign";

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
            <Sign name="calendar" />
          </Button>
          <Popover className={style.popover} placement="bottom end">
            <Dialog aria-label={frame.label} className={style.dialog}>
              <Calendar
                defaultFocusedValue={typed ?? today(Date.now())}
                value={typed}
                aria-label={frame.label}
                firstDayOfWeek="sat"
                onChange={(date) => {
                  onChange(format.digits(jalaliText(date as Parameters<typeof jalaliText>[0])));
                  setOpen(false);
                  onLeave?.();
                }}
              >
                <Heading />
                <CalendarGrid weekdayStyle="narrow">
                  <CalendarGridHeader>
                    {(day) => (
                      <CalendarHeaderCell className={style.weekday}>{day}</CalendarHeaderCell>
                    )}
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
      <Button
        slot={null}
        className={style.step}
        onPress={() => step(-12)}
        aria-label={i18n.t("date.year_before")}
      >
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
      <Button
        slot={null}
        className={style.step}
        onPress={() => step(12)}
        aria-label={i18n.t("date.year_after")}
      >
        »
      </Button>
    </div>
  );
}
