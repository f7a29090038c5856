/** Everything that is shown as a number, an amount, a day or a code, in the window's language. */
import { useLingui } from "@lingui/react";
import { useMemo } from "react";
import { isAhead } from "./age";
import { groupTrackingCode, nationalMobile } from "./code";
import { toLatinDigits, toPersianDigits } from "./digits";
import { clock, type Language, longDay, shortDay, startOfIsoDay, tehranDay } from "./jalali";

export interface Format {
  language: Language;
  digits(text: string | number): string;
  /** Grouped by thousands, without the unit. */
  count(number: number): string;
  rial(amount: number): string;
  day(at: number): string;
  shortDay(at: number): string;
  isoDay(day: string): string;
  time(at: number): string;
  /** Time of today, else day and time. */
  moment(at: number): string;
  dayAndTime(at: number): string;
  trackingCode(code: string): string;
  mobile(mobile: string): string;
  bytes(count: number): string;
  /** Read from left to right, whatever the script of its parts. */
  path(path: string): string;
  pick(text: { fa: string; en: string }): string;
}

const UNITS = {
  fa: { rial: "ریال", kb: "کیلوبایت", mb: "مگابایت" },
  en: { rial: "rial", kb: "kB", mb: "MB" },
} as const;

export function formatFor(language: Language): Format {
  const digits = (text: string | number) =>
    language === "fa" ? toPersianDigits(toLatinDigits(String(text))) : toLatinDigits(String(text));
  const separator = language === "fa" ? "٬" : ",";
  const count = (number: number) =>
    digits(String(Math.trunc(number)).replace(/\B(?=(\d{3})+(?!\d))/g, separator));
  const unit = UNITS[language];
  const dayAndTime = (at: number) => digits(`${shortDay(at)} ${clock(at)}`);
  return {
    language,
    digits,
    count,
    rial: (amount) => `${count(amount)} ${unit.rial}`,
    day: (at) => digits(longDay(at, language)),
    shortDay: (at) => digits(shortDay(at)),
    isoDay: (day) => digits(longDay(startOfIsoDay(day), language)),
    time: (at) => digits(clock(at)),
    // A later time was noted by a clock that has been set back: "today" would be a guess.
    moment: (at) =>
      tehranDay(at) === tehranDay(Date.now()) && !isAhead(at) ? digits(clock(at)) : dayAndTime(at),
    dayAndTime,
    trackingCode: (code) => digits(groupTrackingCode(code)),
    mobile: (mobile) => digits(nationalMobile(mobile)),
    bytes: (size) =>
      size < 1_000_000
        ? `${count(size > 0 ? Math.max(1, Math.round(size / 1000)) : 0)} ${unit.kb}`
        : `${digits((size / 1_000_000).toFixed(1).replace(".", language === "fa" ? "٫" : "."))} ${unit.mb}`,
    path: (path) => path.replace(/[/\\]/g, "$&\u200e"),
    pick: (text) => text[language] || text.fa,
  };
}

export function useFormat(): Format {
  const { i18n } = useLingui();
  const language: Language = i18n.locale === "en" ? "en" : "fa";
  return useMemo(() => formatFor(language), [language]);
}
