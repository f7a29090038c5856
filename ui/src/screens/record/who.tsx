/** Who: national id first; a known citizen fills the rest; "has no papers" is a choice in sight. */
import { useLingui } from "@lingui/react";
import { useRef, useState } from "react";
import { type ApplicantKind, applicantKind, asTyped } from "../../entry/entry";
import { toLatinDigits } from "../../format/digits";
import { useFormat } from "../../format/format";
import { useNavigation } from "../../frame/place";
import { useHost } from "../../host/use-host";
import type { EntryCheck } from "../../ipc/generated";
import { Button } from "../../parts/button";
import { RadioField } from "../../parts/choice-field";
import { DateField } from "../../parts/date-field";
import { Message } from "../../parts/message";
import { TextField } from "../../parts/text-field";
import { useEntryForm } from "./form-context";
import style from "./record.module.css";
import { Witnesses } from "./witnesses";

export function WhoStep({ check }: { check: EntryCheck | undefined }) {
  const { i18n } = useLingui();
  const format = useFormat();
  const host = useHost();
  const { go } = useNavigation();
  const form = useEntryForm();
  const [chosen, setChosen] = useState<ApplicantKind>();
  const [known, setKnown] = useState("");
  const { applicant } = form.entry;
  const kind = applicantKind(applicant, chosen);

  // A wrong arrow key among the radios takes no typed id away.
  const put = useRef({ national_id: "", legal_entity_id: "" });
  const choose = (value: string) => {
    setChosen(value as ApplicantKind);
    if (applicant.national_id) put.current.national_id = applicant.national_id;
    if (applicant.legal_entity_id) put.current.legal_entity_id = applicant.legal_entity_id;
    form.edit((entry) => ({
      ...entry,
      applicant: {
        ...entry.applicant,
        without_papers: value === "without_papers",
        national_id: value === "national_id" ? put.current.national_id : "",
        legal_entity_id: value === "legal_entity" ? put.current.legal_entity_id : "",
      },
    }));
  };

  /** Fills what is empty; nothing that was typed is overwritten. */
  const lookUp = async () => {
    const typed = toLatinDigits(applicant.national_id).trim();
    if (typed.length !== 10 || typed === known) return;
    const answer = await host.call("applicant_find", { national_id: typed }).catch(() => null);
    if (!answer) return;
    setKnown(typed);
    const found = asTyped(answer);
    for (const key of ["birth_date", "mobile", "postcode"] as const) {
      found[key] = format.digits(found[key]);
    }
    form.edit((entry) => {
      const now = entry.applicant;
      if (toLatinDigits(now.national_id).trim() !== typed) return entry;
      return { ...entry, applicant: { ...found, ...notEmpty(now), without_papers: false } };
    });
  };
  const id = form.bind("applicant.national_id", "code");

  return (
    <section className={style.step} aria-label={i18n.t("who.title")}>
      <h2 className={style.title}>
        <span className={style.number}>{i18n.number(1)}</span>
        {i18n.t("who.title")}
      </h2>
      <div className={style.grid}>
        {kind === "national_id" && (
          <TextField
            frame={form.frame("applicant.national_id", i18n.t("who.national_id"))}
            code
            inputMode="numeric"
            {...id}
            onLeave={() => {
              id.onLeave();
              void lookUp();
            }}
          />
        )}
        {kind === "legal_entity" && (
          <TextField
            frame={form.frame("applicant.legal_entity_id", i18n.t("who.legal_entity_id"))}
            code
            inputMode="numeric"
            {...form.bind("applicant.legal_entity_id", "code")}
          />
        )}
        <div className={style.kinds} data-aside>
          <RadioField
            frame={{
              ...form.frame("applicant.without_papers", i18n.t("who.kind")),
              path: "applicant.kind",
            }}
            value={kind}
            onChange={choose}
            options={[
              { value: "national_id", label: i18n.t("who.kind_national_id") },
              { value: "without_papers", label: i18n.t("who.kind_without_papers") },
              { value: "legal_entity", label: i18n.t("who.kind_legal_entity") },
            ]}
          />
        </div>
        <TextField
          frame={form.frame(
            "applicant.first_name",
            kind === "legal_entity" ? i18n.t("who.entity_name") : i18n.t("who.first_name"),
          )}
          {...form.bind("applicant.first_name")}
        />
        {kind !== "legal_entity" && (
          <>
            <TextField
              frame={form.frame("applicant.last_name", i18n.t("who.last_name"))}
              {...form.bind("applicant.last_name")}
            />
            <TextField
              frame={form.frame("applicant.father_name", i18n.t("who.father_name"), {
                optional: kind === "without_papers",
              })}
              {...form.bind("applicant.father_name")}
            />
            <DateField
              frame={form.frame("applicant.birth_date", i18n.t("who.birth_date"), {
                optional: kind === "without_papers",
              })}
              {...form.bind("applicant.birth_date", "code")}
            />
            <RadioField
              frame={form.frame("applicant.gender", i18n.t("who.gender"))}
              value={applicant.gender ?? ""}
              onChange={(gender) => form.set("applicant.gender", gender)}
              onLeave={() => form.leave("applicant.gender")}
              options={[
                { value: "female", label: i18n.t("gender.female") },
                { value: "male", label: i18n.t("gender.male") },
              ]}
            />
          </>
        )}
        <TextField
          frame={form.frame("applicant.mobile", i18n.t("who.mobile"), { optional: true })}
          code
          inputMode="tel"
          {...form.bind("applicant.mobile", "code")}
        />
        <TextField
          frame={form.frame("applicant.village", i18n.t("who.village"))}
          {...form.bind("applicant.village")}
        />
        <TextField
          frame={form.frame("applicant.postcode", i18n.t("who.postcode"), { optional: true })}
          code
          inputMode="numeric"
          {...form.bind("applicant.postcode", "code")}
        />
        <div className={style.two}>
          <TextField
            frame={form.frame("applicant.address", i18n.t("who.address"), { optional: true })}
            {...form.bind("applicant.address")}
          />
        </div>
        {kind === "without_papers" && <Witnesses />}
      </div>
      {known !== "" && known === toLatinDigits(applicant.national_id).trim() && (
        <Message tone="good" hook="applicant.known">
          {i18n.t("who.known")}
        </Message>
      )}
      {(check?.duplicates.length ?? 0) > 0 && (
        <Message tone="wait" hook="applicant.duplicates">
          {i18n.t("who.duplicates")}
          <ul>
            {check?.duplicates.map((row) => (
              <li key={row.id}>
                <Button kind="quiet" onClick={() => go({ name: "application", id: row.id })}>
                  {format.pick(row.service_title)} · {format.day(row.recorded_at)} ·{" "}
                  <span className="code">{format.trackingCode(row.tracking_code)}</span>
                </Button>
              </li>
            ))}
          </ul>
        </Message>
      )}
    </section>
  );
}

function notEmpty<T extends object>(applicant: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(applicant).filter(
      ([, value]) => value !== "" && value !== null && value !== false && !Array.isArray(value),
    ),
  ) as Partial<T>;
}
