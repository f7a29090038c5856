/** The service clock as three bars against the deadline. */
import { useLingui } from "@lingui/react";
import { useAge } from "../../format/age";
import { useFormat } from "../../format/format";
import { startOfIsoDay } from "../../format/jalali";
import type { ApplicationView } from "../../ipc/generated";
import style from "./clock.module.css";
import { waits } from "./waits";

const DAY_MS = 86_400_000;

export function Clock({ view }: { view: ApplicationView }) {
  const { i18n } = useLingui();
  const format = useFormat();
  const age = useAge();
  const now = Date.now();
  const { lineMs, agencyMs, citizenMs, unknown } = waits(view.timeline, now);
  const allowedMs = startOfIsoDay(view.row.due_on) + DAY_MS - view.row.recorded_at;
  const whole = Math.max(allowedMs, lineMs + agencyMs + citizenMs, DAY_MS);
  const bars: [string, string, number][] = [
    ["line", i18n.t("clock.line"), lineMs],
    ["agency", i18n.t("clock.agency"), agencyMs],
    ["citizen", i18n.t("clock.citizen"), citizenMs],
  ];
  return (
    <section className={style.clock} aria-label={i18n.t("clock.title")}>
      <h2>{i18n.t("clock.title")}</h2>
      <dl>
        {bars.map(([name, label, ms]) => (
          <div key={name} className={style.row}>
            <dt>{label}</dt>
            <dd className={style.track}>
              <svg
                className={style.bar}
                viewBox="0 0 100 10"
                preserveAspectRatio="none"
                aria-hidden="true"
              >
                <rect className={style[name]} x="0" y="0" width={(ms / whole) * 100} height="10" />
                <line
                  className={style.due}
                  x1={(allowedMs / whole) * 100}
                  x2={(allowedMs / whole) * 100}
                  y1="0"
                  y2="10"
                />
              </svg>
              <span>
                {unknown === `${name}Ms`
                  ? i18n.t("age.unknown")
                  : ms === 0
                    ? i18n.t("clock.none")
                    : age(now - ms, now)}
              </span>
            </dd>
          </div>
        ))}
      </dl>
      <p className={style.note}>{i18n.t("clock.due", { day: format.isoDay(view.row.due_on) })}</p>
    </section>
  );
}
