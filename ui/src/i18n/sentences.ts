/** Sentences of error codes; they live in the catalogue, because the command line shows them too. */
import en from "../../../catalogue/sentences.en.json";
import fa from "../../../catalogue/sentences.fa.json";
import { toPersianDigits } from "../format/digits";
import type { Language } from "../format/jalali";

const SENTENCES: Record<Language, Record<string, string>> = { fa, en };
const UNKNOWN: Record<Language, string> = {
  fa: "کاری که خواستید انجام نشد (کد {code}). این کد را به پشتیبانی بگویید.",
  en: "That could not be done (code {code}). Tell support this code.",
};

export function hasSentence(language: Language, code: string): boolean {
  return Object.hasOwn(SENTENCES[language], code);
}

/** The sentence of a code with its values filled in. */
export function sentence(
  language: Language,
  code: string,
  params: Record<string, string | undefined> = {},
): string {
  const text = SENTENCES[language][code];
  if (text === undefined) return UNKNOWN[language].replace("{code}", `\u2068${code}\u2069`);
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    if (value === undefined) return whole;
    return language === "fa" ? toPersianDigits(value) : value;
  });
}
