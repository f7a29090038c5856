/** Who: national id first; a known citizen fills the rest; "has no papers" is a choice in sight. */
import { useLingui } from "@lingui/react";
import { type KeyboardEvent, useState } from "react";
import { applicantKind, type ApplicantKind } from "../../entry/entry";
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

  const choose = (value: string) => {
    setChosen(value as ApplicantKind);
    form.edit((entry) => ({
      ...entry,
      applicant: {
        ...entry.applicant,
        without_papers: value === "without_papers",
        national_id: value === "national_id" ? entry.applicant.national_id : "",
        legal_entity_id: value === "legal_entity" ? entry.applicant.legal_entity_id : "",
      },
    }));
  };

  /** Fills what is empty; nothing that was typed is overwritten. */
  const lookUp = async () => {
    const typed = applicant.national_id;
    if (toLatinDigits(typed).trim().length !== 10 || typed === known) return;
    const found = await host.call("applicant_find", { national_id: typed }).catch(() => null);
    if (!found) return;
    setKnown(typed);
    form.edit((entry) => {
      if (entry.applicant.national_id !== typed) return entry;
      const filled = { ...found, ...notEmpty(entry.applicant), national_id: typed };
      return { ...entry, applicant: { ...filled, without_papers: false, witnesses: [] } };
    });
  };

  const onIdKey = (event: KeyboardEvent) => {
    if (event.key === "Enter") void lookUp();
  };

  return (
    <section className={style.step} aria-label={i18n.t("who.title")}>
      <h2 className={style.title}>
        <span className={style.number}>{i18n.number(1)}</span>
        {i18n.t("who.title")}
      </h2>
      <div className={style.grid}>
        <div className={style.kinds}>
          <RadioField
            frame={{ path: "applicant.kind", label: i18n.t("who.kind") }}
            value={kind}
            onChange={choose}
            options={[
              { value: "national_id", label: i18n.t("who.kind_national_id") },
              { value: "without_papers", label: i18n.t("who.kind_without_papers") },
              { value: "legal_entity", label: i18n.t("who.kind_legal_entity") },
            ]}
          />
        </div>
        {kind === "national_id" && (
          // biome-ignore lint/a11y/noStaticElementInteractions: Enter of the input inside
          <div onKeyDown={onIdKey}>
            <TextField
              frame={form.frame("applicant.national_id", i18n.t("who.national_id"))}
              code
              inputMode="numeric"
              maxLength={12}
              {...form.bind("applicant.national_id")}
              onLeave={() => {
                form.leave("applicant.national_id");
                void lookUp();
              }}
            />
          </div>
        )}
        {kind === "legal_entity" && (
          <TextField
            frame={form.frame("applicant.legal_entity_id", i18n.t("who.legal_entity_id"))}
            code
            inputMode="numeric"
            maxLength={14}
            {...form.bind("applicant.legal_entity_id")}
          />
        )}
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
              frame={form.frame("applicant.father_name", i18n.t("who.father_name"))}
              {...form.bind("applicant.father_name")}
            />
            <DateField
              frame={form.frame("applicant.birth_date", i18n.t("who.birth_date"))}
              {...form.bind("applicant.birth_date")}
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
          {...form.bind("applicant.mobile")}
        />
        <TextField
          frame={form.frame("applicant.village", i18n.t("who.village"))}
          {...form.bind("applicant.village")}
        />
        <TextField
          frame={form.frame("applicant.postcode", i18n.t("who.postcode"), { optional: true })}
          code
          inputMode="numeric"
          {...form.bind("applicant.postcode")}
        />
        <div className={style.two}>
          <TextField
            frame={form.frame("applicant.address", i18n.t("who.address"), { optional: true })}
            {...form.bind("applicant.address")}
          />
        </div>
        {kind === "without_papers" && <Witnesses />}
      </div>
      {known !== "" && known === applicant.national_id && (
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
