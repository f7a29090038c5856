/** How long ago, in one unit: what an operator says aloud. */
import { useLingui } from "@lingui/react";

export interface Age {
  unit: "minutes" | "hours" | "days";
  count: number;
}

export function ageOf(from: number, to: number): Age {
  const minutes = Math.max(0, Math.floor((to - from) / 60_000));
  if (minutes < 60) return { unit: "minutes", count: minutes };
  if (minutes < 48 * 60) return { unit: "hours", count: Math.floor(minutes / 60) };
  return { unit: "days", count: Math.floor(minutes / 1440) };
}

/**
 * Was this noted by a clock that has been set back since? Then nobody knows how long ago it was,
 * and the window must not say "just now".
 */
export function isAhead(at: number | null, now = Date.now()): boolean {
  return at !== null && at > now + 60_000;
}

const WORDS = {
  minutes: /*i18n*/ { id: "age.minutes" },
  hours: /*i18n*/ { id: "age.hours" },
  days: /*i18n*/ { id: "age.days" },
};

export function useAge(): (from: number, to?: number) => string {
  const { i18n } = useLingui();
  return (from, to = Date.now()) => {
    if (isAhead(from, to)) return i18n.t("age.unknown");
    const { unit, count } = ageOf(from, to);
    if (unit === "minutes" && count === 0) return i18n.t("age.less_than_a_minute");
    return i18n._(WORDS[unit].id, { count });
  };
}
