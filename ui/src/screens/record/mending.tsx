/** What the agency found wrong, or the centre could not use, above the form that mends it. */
import { useLingui } from "@lingui/react";
import type { Defect } from "../../ipc/generated";
import { Message } from "../../parts/message";
import { Sign } from "../../parts/sign";
import style from "./record.module.css";

export interface Mend {
  defects: Defect[];
  by: "agency" | "centre";
}

export function Mending({
  mend: { defects, by },
  onJump,
}: {
  mend: Mend;
  onJump(path: string): void;
}) {
  const { i18n } = useLingui();
  return (
    <Message tone="wait" hook="record.defects" data-by={by}>
      {by === "agency" ? i18n.t("record.returned") : i18n.t("record.parked")}
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
