/** The window's language: catalogue, direction of the page, and where the choice is kept. */
import { i18n } from "@lingui/core";
import type { Language } from "../format/jalali";
import { messages as en } from "../locales/en/messages.json?lingui";
import { messages as fa } from "../locales/fa/messages.json?lingui";

i18n.load({ fa, en });

// The settings lie in the sealed store; the lock screen needs a language before it is open.
const KEPT = "language";

export function keptLanguage(): Language {
  return localStorage.getItem(KEPT) === "en" ? "en" : "fa";
}

export function activateLanguage(language: Language): void {
  localStorage.setItem(KEPT, language);
  document.documentElement.lang = language;
  document.documentElement.dir = language === "fa" ? "rtl" : "ltr";
  if (i18n.locale !== language) i18n.activate(language);
}

export function activateTheme(theme: string): void {
  document.documentElement.dataset.theme = theme;
}

export { i18n };
