/** Every event with who, where, when, and which of the three words it carries. */
import { useLingui } from "@lingui/react";
import { useAge } from "../../format/age";
import { useFormat } from "../../format/format";
import { sentence } from "../../i18n/sentences";
import type { ApplicationView } from "../../ipc/generated";
import { Sign } from "../../parts/sign";
import { WORDS } from "../../parts/state-mark";
import { useFieldName } from "../record/field-names";
import style from "./timeline.module.css";
import { gapMs } from "./waits";

const KINDS: Record<string, { id: string }> = {
  recorded: /*i18n*/ { id: "timeline.recorded" },
  received: /*i18n*/ { id: "timeline.received" },
  accepted: /*i18n*/ { id: "timeline.accepted" },
  returned: /*i18n*/ { id: "timeline.returned" },
  resubmitted: /*i18n*/ { id: "timeline.resubmitted" },
  approved: /*i18n*/ { id: "timeline.approved" },
  refused: /*i18n*/ { id: "timeline.refused" },
  delivered: /*i18n*/ { id: "timeline.delivered" },
  withdrawn: /*i18n*/ { id: "timeline.withdrawn" },
  printed: /*i18n*/ { id: "timeline.printed" },
  letter_printed: /*i18n*/ { id: "timeline.letter_printed" },
  note: /*i18n*/ { id: "timeline.note" },
  parked: /*i18n*/ { id: "timeline.parked" },
};

const PLACES: Record<string, { id: string }> = {
  office: /*i18n*/ { id: "place.office" },
  centre: /*i18n*/ { id: "place.centre" },
  agency: /*i18n*/ { id: "place.agency" },
};

export function Timeline({ view }: { view: ApplicationView }) {
  const { i18n } = useLingui();
  const format = useFormat();
  const age = useAge();
  const nameOf = useFieldName(view.card.card);
  const { timeline } = view;
  return (
    <section aria-label={i18n.t("timeline.title")} className={style.box}>
      <h2>{i18n.t("timeline.title")}</h2>
      <ol className={style.timeline} data-testid="app.timeline">
        {timeline.map((item, index) => {
          const before = timeline[index - 1];
          const gap = gapMs(before, item);
          const word = WORDS[item.kind as keyof typeof WORDS];
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: history only grows at its end
            <li key={index} className={gap ? style.afterGap : undefined} data-kind={item.kind}>
              {gap > 0 && (
                <p className={style.gap}>
                  {item.kind === "received"
                    ? i18n.t("timeline.gap_line", { age: age(item.at - gap, item.at) })
                    : i18n.t("timeline.gap", { age: age(item.at - gap, item.at) })}
                </p>
              )}
              <div className={style.item} data-testid={`app.timeline.${item.kind}`}>
                <p className={style.what}>
                  <strong>
                    {KINDS[item.kind] ? i18n._(KINDS[item.kind] as { id: string }) : item.kind}
                  </strong>
                  {item.copy !== null && <> ({i18n.t("timeline.copy", { number: item.copy })})</>}
                  {word && (
                    <span className={style.word}>
                      <Sign name="dot" /> {i18n._(word)}
                    </span>
                  )}
                </p>
                <p className={style.who}>
                  {format.dayAndTime(item.at)}
                  {item.by && (
                    <>
                      {" · "}
                      <bdi>{item.by}</bdi>
                    </>
                  )}
                  {PLACES[item.place] && ` · ${i18n._(PLACES[item.place] as { id: string })}`}
                </p>
                {!item.applied && <p className={style.late}>{i18n.t("timeline.not_applied")}</p>}
                {item.text && <p dir="auto">{item.text}</p>}
                {item.error && (
                  <p className={style.late}>
                    <Sign name="alert" /> {nameOf(item.error.field)}:{" "}
                    {sentence(format.language, item.error.code, item.error.params)}
                  </p>
                )}
                {item.defects.map((defect) => (
                  <p key={defect.field}>
                    <Sign name="back" /> {nameOf(defect.field)}: <bdi>{defect.reason}</bdi>
                  </p>
                ))}
              </div>
            </li>
          );
        })}
        {view.row.word === "recorded" && (
          <li className={style.afterGap}>
            <p className={style.gap}>{i18n.t("timeline.waits_for_line")}</p>
          </li>
        )}
      </ol>
    </section>
  );
}
