/** The window's language: catalogue, direction of the page, and where the choice is kept. */
import { i18n } from "@lingui/core";
import type { Language } from "../format/jalali";
import { messages as en } from "../locales/en/messages.json?lingui";
import { messages as fa } from "../locales/fa/messages.json?lingui";

i18n.load({ fa, en });

// The settings lie in the sealed store; the lock screen needs a language before it is open.
const KEPT = "language";

/** What was chosen last on this PC, if anything was. */
export function keptLanguage(): Language | null {
  const kept = localStorage.getItem(KEPT);
  return kept === "en" || kept === "fa" ? kept : null;
}

export function chooseLanguage(language: Language): void {
  localStorage.setItem(KEPT, language);
  activateLanguage(language);
}

export function activateLanguage(language: Language): void {
  document.documentElement.lang = language;
  document.documentElement.dir = language === "fa" ? "rtl" : "ltr";
  if (i18n.locale !== language) i18n.activate(language);
}

export function activateTheme(theme: string): void {
  document.documentElement.dataset.theme = theme;
}

export { i18n };
