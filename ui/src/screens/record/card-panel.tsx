/** The chosen card in a glance: what to bring, the fee, the deadline. Assumptions are marked. */
import { useLingui } from "@lingui/react";
import { assumed, documentsAsked } from "../../entry/conditions";
import { useFormat } from "../../format/format";
import type { ServiceChoice } from "../../ipc/generated";
import { Sample } from "../../parts/mark";
import { useEntryForm } from "./form-context";
import style from "./record.module.css";
import { ChangeService } from "./service";

interface Props {
  service: ServiceChoice;
  dueOn: string | null;
  onChange(): void;
}

export function CardPanel({ service: { card }, dueOn, onChange }: Props) {
  const { i18n } = useLingui();
  const format = useFormat();
  const form = useEntryForm();
  const mark = (pointer: string) => (assumed(card, pointer) ? <Sample /> : null);
  const bring = documentsAsked(card, form.entry);
  return (
    <div
      className={style.card}
      data-field="service"
      data-testid="service.chosen"
      data-service={card.code}
    >
      <div className={style.cardHead}>
        <div>
          <h3>{format.pick(card.title)}</h3>
          <p className={style.hint}>{format.pick(card.agency.title)}</p>
        </div>
        <ChangeService onChange={onChange} />
      </div>
      <dl className={style.facts}>
        <div>
          <dt>{i18n.t("card.bring")}</dt>
          <dd>
            {bring
              .map((document) => format.pick(document.title))
              .join(format.language === "fa" ? "، " : ", ") || i18n.t("card.bring_nothing")}
            {mark("/documents")}
          </dd>
        </div>
        <div>
          <dt>{i18n.t("card.fee")}</dt>
          <dd>
            {card.fee.rial === 0 ? i18n.t("card.free") : format.rial(card.fee.rial)}
            {mark("/fee")}
            {card.fee.note && <span className={style.note}>{format.pick(card.fee.note)}</span>}
          </dd>
        </div>
        <div>
          <dt>{i18n.t("card.deadline")}</dt>
          <dd>
            {i18n.t("card.deadline_days", { count: card.deadline_working_days })}
            {dueOn && <> {i18n.t("card.due_on", { day: format.isoDay(dueOn) })}</>}
            {mark("/deadline_working_days")}
          </dd>
        </div>
      </dl>
    </div>
  );
}
