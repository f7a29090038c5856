/** What the agency found wrong, above the form that mends it. */
import { useLingui } from "@lingui/react";
import type { Defect } from "../../ipc/generated";
import { Message } from "../../parts/message";
import { Sign } from "../../parts/sign";
import style from "./record.module.css";

export function Mending({ defects, onJump }: { defects: Defect[]; onJump(path: string): void }) {
  const { i18n } = useLingui();
  return (
    <Message tone="wait" hook="record.defects">
      {i18n.t("record.returned")}
      <ul className={style.jumps}>
        {defects.map((defect) => (
          <li key={defect.field}>
            <button type="button" onClick={() => onJump(defect.field)}>
              <Sign name="back" /> <bdi>{defect.reason}</bdi>
            </button>
          </li>
        ))}
      </ul>
    </Message>
  );
}
