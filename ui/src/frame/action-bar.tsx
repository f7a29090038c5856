/**
 * The primary action of a screen, below what scrolls: always in sight, and never lying over a field
 * that has the focus.
 */
import type { ReactNode } from "react";
import { createPortal } from "react-dom";
import style from "./action-bar.module.css";
import { useNavigation } from "./place";

export function ActionBar({ hint, children }: { hint?: string; children: ReactNode }) {
  const { bar } = useNavigation();
  if (!bar) return null;
  return createPortal(
    <div className={style.inner}>
      <span className={style.hint}>{hint}</span>
      {children}
    </div>,
    bar,
  );
}
