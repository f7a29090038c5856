import { describe, expect, it } from "vitest";
import sentencesEn from "../../../catalogue/sentences.en.json";
import sentencesFa from "../../../catalogue/sentences.fa.json";
import { CODES, COURIER_CODES, FIELD_ERROR_CODES } from "../ipc/generated";
import en from "../locales/en/messages.json";
import fa from "../locales/fa/messages.json";
import { hasSentence, sentence } from "./sentences";

/** Codes that come inside answers; the contract names them in words only. */
const ANSWERED = [
  "centre.ok",
  "line.unreachable",
  "line.timeout",
  "line.not_the_centre",
  "device.revoked",
  "device.fork",
  "device.stale_copy",
  "centre.busy",
  "protocol.unsupported",
  "printer.unreachable",
  "printer.spooler",
  "printer.none",
  "disk.full",
  "receipt.malformed",
  "receipt.signature",
  "receipt.mismatch",
];

const params = (text: string) =>
  [...text.matchAll(/\{(\w+)\s*[,}]/g)].map((match) => match[1]).sort();

describe("the languages", () => {
  it("have the same keys", () => {
    expect(Object.keys(en)).toEqual(Object.keys(fa));
  });
  it("name the same values in each text", () => {
    const named = (texts: Record<string, string>) =>
      Object.entries(texts).map(([key, text]) => [key, [...new Set(params(text))]]);
    expect(named(en)).toEqual(named(fa));
  });
  it("write Persian with Persian letters", () => {
    const texts = [...Object.values(fa), ...Object.values(sentencesFa)];
    expect(texts.filter((text) => /[يك٠-٩]/.test(text))).toEqual([]);
  });
});

describe("the sentences", () => {
  it.each([...CODES, ...COURIER_CODES, ...FIELD_ERROR_CODES, ...ANSWERED])(
    "say %s in both languages",
    (code) => {
      expect(hasSentence("fa", code)).toBe(true);
      expect(hasSentence("en", code)).toBe(true);
    },
  );
  it("name the same values in both languages", () => {
    const faTexts: Record<string, string> = sentencesFa;
    for (const [code, text] of Object.entries(sentencesEn)) {
      expect([code, params(text)]).toEqual([code, params(faTexts[code] ?? "")]);
    }
  });
  it("tell an unknown code to support instead of nothing", () => {
    expect(sentence("fa", "moon.full")).toContain("moon.full");
    expect(sentence("en", "moon.full")).toContain("moon.full");
  });
  it("fill in values, in Persian digits", () => {
    expect(sentence("fa", "number.too_small", { min: "12" })).toContain("۱۲");
  });
});
