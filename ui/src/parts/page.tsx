/** The head of a screen and its width. */
import type { ReactNode } from "react";
import style from "./page.module.css";

export function Page({
  hook,
  title,
  aside,
  children,
}: {
  hook: string;
  title: string;
  aside?: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className={style.page} data-testid={hook}>
      <div className={style.head}>
        <h1>{title}</h1>
        {aside}
      </div>
      {children}
    </div>
  );
}
