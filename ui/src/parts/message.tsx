/** A sentence of the program: what failed, or what was done. */
import type { ReactNode } from "react";
import { sentence } from "../i18n/sentences";
import { useFormat } from "../format/format";
import type { HostError } from "../host/host";
import style from "./message.module.css";
import type { Tone } from "./mark";

const SIGNS: Record<Tone, string> = { good: "✓", wait: "◐", bad: "▲", plain: "●" };

export function Message({
  tone,
  hook,
  children,
  ...rest
}: { tone: Tone; hook?: string; children: ReactNode } & Record<`data-${string}`, string | undefined>) {
  return (
    <div
      role={tone === "bad" ? "alert" : "status"}
      data-testid={hook}
      className={`${style.message} ${style[tone]}`}
      {...rest}
    >
      <span aria-hidden="true">{SIGNS[tone]}</span>
      <div>{children}</div>
    </div>
  );
}

export function ErrorMessage({ error, hook }: { error: HostError | null; hook?: string }) {
  const format = useFormat();
  if (!error) return null;
  return (
    <Message tone="bad" hook={hook} data-code={error.code}>
      {sentence(format.language, error.code, error.params)}
    </Message>
  );
}
