/** The office's report (F6): counts of the work, the state of sending, and everything recorded. */
import { useLingui } from "@lingui/react";
import { useFormat } from "../format/format";
import { type Place, useNavigation } from "../frame/place";
import { useCommand } from "../host/use-host";
import { Page } from "../parts/page";
import { Listed } from "./lists";
import style from "./report.module.css";

export function ReportScreen() {
  const { i18n } = useLingui();
  const format = useFormat();
  const { go } = useNavigation();
  const work = useCommand("work_summary", null).data;
  const sync = useCommand("sync_status", null).data;
  if (!work || !sync) return null;
  const figures: [string, number, string, Place][] = [
    ["recorded", sync.recorded, i18n.t("report.recorded"), { name: "report" }],
    ["today", work.today, i18n.t("report.today"), { name: "today" }],
    ["waiting", sync.waiting, i18n.t("report.waiting"), { name: "report" }],
    ["returned", work.returned, i18n.t("mine.returned"), { name: "mine" }],
    ["to_deliver", work.to_deliver, i18n.t("mine.to_deliver"), { name: "deliver" }],
    ["late", work.late, i18n.t("mine.late"), { name: "mine" }],
  ];
  return (
    <Page
      hook="screen.report"
      title={i18n.t("nav.report")}
      aside={<span>{format.day(Date.now())}</span>}
    >
      <ul className={style.figures}>
        {figures.map(([name, count, label, place]) => (
          <li key={name}>
            <button
              type="button"
              data-testid={`report.${name}`}
              data-count={count}
              className={style.figure}
              onClick={() => go(place)}
            >
              <strong>{format.count(count)}</strong>
              {label}
            </button>
          </li>
        ))}
      </ul>
      <h2>{i18n.t("report.all")}</h2>
      <Listed filter="all" query="" empty={i18n.t("report.empty")} />
    </Page>
  );
}
