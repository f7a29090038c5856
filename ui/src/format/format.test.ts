import { describe, expect, it } from "vitest";
import { groupTrackingCode, nationalMobile } from "./code";
import { toLatinDigits, toPersianDigits } from "./digits";
import { formatFor } from "./format";
import { clock, isoDayOf, jalaliText, longDay, parseJalali, shortDay, tehranDay } from "./jalali";

const fa = formatFor("fa");
const en = formatFor("en");

describe("digits", () => {
  it("takes Persian, Arabic and Latin digits and leaves the rest", () => {
    expect(toLatinDigits("۰۱۲٣٤5 الف-")).toBe("012345 الف-");
    expect(toPersianDigits("0915 ABC")).toBe("۰۹۱۵ ABC");
  });
});

describe("amounts", () => {
  it("always prints the unit, grouped, in the digits of the language", () => {
    expect(fa.rial(1_250_000)).toBe("۱٬۲۵۰٬۰۰۰ ریال");
    expect(en.rial(1_250_000)).toBe("1,250,000 rial");
    expect(fa.rial(0)).toBe("۰ ریال");
  });
});

describe("sizes", () => {
  it("do not say that something went when nothing did", () => {
    expect([fa.bytes(0), fa.bytes(1), fa.bytes(1_500)]).toEqual([
      "۰ کیلوبایت",
      "۱ کیلوبایت",
      "۲ کیلوبایت",
    ]);
  });
});

describe("Jalali time", () => {
  // 2026-11-24T20:29:59Z is 23:59:59 in Tehran; a second later another day has begun there.
  const lastSecond = Date.UTC(2026, 10, 24, 20, 29, 59);

  it("changes the day at Tehran's midnight, wherever the PC stands", () => {
    expect(shortDay(lastSecond)).toBe("1405/09/03");
    expect(clock(lastSecond)).toBe("23:59");
    expect(shortDay(lastSecond + 1000)).toBe("1405/09/04");
    expect(clock(lastSecond + 1000)).toBe("00:00");
    expect(tehranDay(lastSecond + 1000) - tehranDay(lastSecond)).toBe(1);
  });

  it("knows New Year and the leap day", () => {
    expect(fa.isoDay("2025-03-20")).toBe("پنجشنبه ۳۰ اسفند ۱۴۰۳");
    expect(fa.isoDay("2025-03-21")).toBe("جمعه ۱ فروردین ۱۴۰۴");
    expect(longDay(Date.UTC(2025, 2, 21), "en")).toBe("Friday 1 Farvardin 1404");
  });

  it("reads a typed day in any digits and refuses days that do not exist", () => {
    const day = parseJalali("۱۳۷۰/۵/۱۲");
    expect(day && jalaliText(day)).toBe("1370/05/12");
    expect(day && isoDayOf(day.toDate("UTC").getTime())).toBe("1991-08-03");
    expect(parseJalali("1370-05-12")).not.toBeNull();
    expect(parseJalali("1404/12/30")).toBeNull();
    expect(parseJalali("1403/12/30")).not.toBeNull();
    expect(parseJalali("1370/13/01")).toBeNull();
    expect(parseJalali("دیروز")).toBeNull();
  });
});

describe("codes", () => {
  it("groups a tracking code for reading aloud, its digits in their order", () => {
    expect(groupTrackingCode("0004212345678")).toBe("0004 212 345 678");
    expect(fa.trackingCode("0004212345678")).toBe("۰۰۰۴ ۲۱۲ ۳۴۵ ۶۷۸");
  });
  it("shows a mobile number as it is dialled", () => {
    expect(nationalMobile("+989151234567")).toBe("0915 123 4567");
  });
});
