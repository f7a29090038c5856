/** Persian or English, each named in itself. */
import { useLingui } from "@lingui/react";
import type { Language } from "../format/jalali";
import { chooseLanguage } from "../i18n/i18n";
import { Button } from "./button";
import style from "./language-switch.module.css";

const LANGUAGES: [Language, string][] = [
  ["fa", "فارسی"],
  ["en", "English"],
];

export function LanguageSwitch({ onChange }: { onChange?(language: Language): void }) {
  const { i18n } = useLingui();
  return (
    <div className={style.switch}>
      {LANGUAGES.map(([language, name]) => (
        <Button
          key={language}
          hook={`language.${language}`}
          kind={i18n.locale === language ? "plain" : "quiet"}
          aria-pressed={i18n.locale === language}
          lang={language}
          onClick={() => {
            chooseLanguage(language);
            onChange?.(language);
          }}
        >
          {name}
        </Button>
      ))}
    </div>
  );
}
