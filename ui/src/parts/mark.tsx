/** Small signs that stand beside a word: an assumption, a state. Never colour alone. */
import { useLingui } from "@lingui/react";
import type { ReactNode } from "react";
import style from "./mark.module.css";
import { Sign, type SignName } from "./sign";

export type Tone = "good" | "wait" | "bad" | "plain";

export function Mark({
  tone,
  sign,
  children,
  ...rest
}: { tone: Tone; sign?: SignName; children: ReactNode } & Record<
  `data-${string}`,
  string | undefined
>) {
  return (
    <span className={`${style.mark} ${style[tone]}`} {...rest}>
      {sign && <Sign name={sign} />}
      {children}
    </span>
  );
}

/** "sample": this member of the card is an assumption and no official figure. */
export function Sample() {
  const { i18n } = useLingui();
  return (
    <span className={`${style.mark} ${style.sample}`} title={i18n.t("card.sample_help")}>
      {i18n.t("card.sample")}
    </span>
  );
}
