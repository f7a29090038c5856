/** A button of at least 40 px; the primary action of a screen has the accent. */
import type { ButtonHTMLAttributes, Ref } from "react";
import style from "./button.module.css";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  hook?: string;
  kind?: "primary" | "plain" | "quiet" | "danger";
  keys?: string;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({ hook, kind = "plain", keys, className, children, ...rest }: Props) {
  const classes = [style.button, style[kind], className].filter(Boolean).join(" ");
  return (
    <button type="button" data-testid={hook} className={classes} {...rest}>
      {children}
      {keys && <kbd className={style.keys}>{keys}</kbd>}
    </button>
  );
}
