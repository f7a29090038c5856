/** A sentence of the program: what failed, or what was done. */
import type { ReactNode } from "react";
import { useFormat } from "../format/format";
import type { HostError } from "../host/host";
import { sentence } from "../i18n/sentences";
import type { Tone } from "./mark";
import style from "./message.module.css";
import { Sign, type SignName } from "./sign";

const SIGNS: Record<Tone, SignName> = { good: "check", wait: "half", bad: "alert", plain: "dot" };

export function Message({
  tone,
  hook,
  children,
  ...rest
}: { tone: Tone; hook?: string; children: ReactNode } & Record<
  `data-${string}`,
  string | undefined
>) {
  return (
    <div
      role={tone === "bad" ? "alert" : "status"}
      data-testid={hook}
      className={`${style.message} ${style[tone]}`}
      {...rest}
    >
      <span className={style.sign}>
        <Sign name={SIGNS[tone]} />
      </span>
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
