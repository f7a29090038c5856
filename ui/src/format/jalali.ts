/**
 * Jalali days and Tehran time, from UTC. Never the zone of the operating system: village PCs stand
 * in any zone, and Iran has kept +03:30 all the year since 1401.
 */
import { CalendarDate, PersianCalendar, toCalendar } from "@internationalized/date";
import { toLatinDigits } from "./digits";

const TEHRAN_MS = (3 * 60 + 30) * 60_000;
const DAY_MS = 86_400_000;
const persian = new PersianCalendar();

export type Language = "fa" | "en";

export interface JalaliParts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
}

/** Calendar parts of an instant in Tehran. */
export function jalaliParts(at: number): JalaliParts {
  const local = new Date(at + TEHRAN_MS);
  const gregorian = new CalendarDate(
    local.getUTCFullYear(),
    local.getUTCMonth() + 1,
    local.getUTCDate(),
  );
  const { year, month, day } = toCalendar(gregorian, persian);
  return { year, month, day, hour: local.getUTCHours(), minute: local.getUTCMinutes() };
}

/** Days since 1970 of an instant in Tehran: two instants are of one day when these are equal. */
export function tehranDay(at: number): number {
  return Math.floor((at + TEHRAN_MS) / DAY_MS);
}

/** The instant at which an ISO day begins in Tehran. */
export function startOfIsoDay(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) - TEHRAN_MS;
}

/** The ISO day of an instant in Tehran. */
export function isoDayOf(at: number): string {
  return new Date(at + TEHRAN_MS).toISOString().slice(0, 10);
}

const names = new Map<string, Intl.DateTimeFormat>();
function named(language: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language}${JSON.stringify(options)}`;
  const known = names.get(key);
  if (known) return known;
  const locale = language === "fa" ? "fa-IR-u-ca-persian-nu-latn" : "en-u-ca-persian-nu-latn";
  const made = new Intl.DateTimeFormat(locale, { ...options, timeZone: "UTC" });
  names.set(key, made);
  return made;
}

function part(at: number, language: Language, type: "weekday" | "month"): string {
  const format = named(language, { [type]: "long" });
  const found = format.formatToParts(at + TEHRAN_MS).find((item) => item.type === type);
  return found?.value ?? "";
}

/** `شنبه ۱۲ مرداد ۱۳۷۰`, in Latin digits. */
export function longDay(at: number, language: Language): string {
  const { year, day } = jalaliParts(at);
  return `${part(at, language, "weekday")} ${day} ${part(at, language, "month")} ${year}`;
}

const two = (number: number) => String(number).padStart(2, "0");

/** `1370/05/12` */
export function shortDay(at: number): string {
  const { year, month, day } = jalaliParts(at);
  return `${year}/${two(month)}/${two(day)}`;
}

/** `10:22` */
export function clock(at: number): string {
  const { hour, minute } = jalaliParts(at);
  return `${two(hour)}:${two(minute)}`;
}

/** A Jalali day as typed, any digits, `/`, `-` or `.` between; `null` when it is no day. */
export function parseJalali(text: string): CalendarDate | null {
  const match = /^(\d{4})[/\-.](\d{1,2})[/\-.](\d{1,2})$/.exec(toLatinDigits(text).trim());
  if (!match) return null;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const date = new CalendarDate(persian, year, month, day);
  return date.year === year && date.month === month && date.day === day ? date : null;
}

/** A day picked in the calendar, as the field holds it. */
export function jalaliText(date: CalendarDate): string {
  const { year, month, day } = toCalendar(date, persian);
  return `${year}/${two(month)}/${two(day)}`;
}

/** Today in Tehran. */
export function today(now: number): CalendarDate {
  const { year, month, day } = jalaliParts(now);
  return new CalendarDate(persian, year, month, day);
}

/** Name of a Jalali month. */
export function monthName(date: CalendarDate, language: Language): string {
  const gregorian = date.toDate("UTC").getTime();
  return named(language, { month: "long" }).format(gregorian);
}
