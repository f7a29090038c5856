/** The facts as they were filed, under the card they were filed under. */
import { useLingui } from "@lingui/react";
import { useFormat } from "../../format/format";
import { useCommand } from "../../host/use-host";
import type { ApplicationView, AttachedDocument } from "../../ipc/generated";
import { Sign } from "../../parts/sign";
import { type Fact, isCode, useAnswerText } from "../record/facts";
import style from "./application.module.css";

export function FiledFacts({ view }: { view: ApplicationView }) {
  const { i18n } = useLingui();
  const format = useFormat();
  const answerText = useAnswerText();
  const { applicant, card, form, documents, row } = view;
  const { identity } = applicant;
  const genders = { female: i18n.t("gender.female"), male: i18n.t("gender.male") };
  const facts: Fact[] = [
    {
      path: "identity",
      label:
        identity.kind === "legal_entity"
          ? i18n.t("who.legal_entity_id")
          : i18n.t("who.national_id"),
      value:
        identity.kind === "without_papers"
          ? i18n.t("who.kind_without_papers")
          : format.digits(row.applicant_code),
      code: identity.kind !== "without_papers",
    },
    { path: "father", label: i18n.t("who.father_name"), value: applicant.father_name },
    {
      path: "birth",
      label: i18n.t("who.birth_date"),
      value: applicant.birth_date ? format.isoDay(applicant.birth_date) : "",
    },
    {
      path: "gender",
      label: i18n.t("who.gender"),
      value: applicant.gender ? genders[applicant.gender] : "",
    },
    {
      path: "mobile",
      label: i18n.t("who.mobile"),
      value: applicant.mobile ? format.mobile(applicant.mobile) : "",
      code: true,
    },
    { path: "village", label: i18n.t("who.village"), value: applicant.village },
    { path: "address", label: i18n.t("who.address"), value: applicant.address },
    {
      path: "postcode",
      label: i18n.t("who.postcode"),
      value: format.digits(applicant.postcode ?? ""),
      code: true,
    },
    {
      path: "witnesses",
      label: i18n.t("who.witnesses"),
      value: applicant.witnesses
        .map((item) => `${item.name} (${format.digits(item.national_id)})`)
        .join(format.language === "fa" ? "، " : ", "),
    },
    ...card.card.fields.map((field) => ({
      path: `form.${field.key}`,
      label: format.pick(field.label),
      value: answerText(field, form[field.key]),
      code: isCode(field),
    })),
    {
      path: "fee",
      label: i18n.t("card.fee"),
      value: view.fee_rial === 0 ? i18n.t("card.free") : format.rial(view.fee_rial),
    },
    { path: "filed", label: i18n.t("app.filed_at"), value: format.dayAndTime(row.recorded_at) },
    { path: "due", label: i18n.t("review.due"), value: format.isoDay(row.due_on) },
  ];
  return (
    <section className={style.facts} aria-label={i18n.t("app.facts")}>
      <h2>{i18n.t("app.facts")}</h2>
      <dl>
        {facts
          .filter((fact) => fact.value !== "")
          .map((fact) => (
            <div key={fact.path}>
              <dt>{fact.label}</dt>
              <dd>{fact.code ? <span className="code">{fact.value}</span> : fact.value}</dd>
            </div>
          ))}
      </dl>
      {documents.length > 0 && <h2>{i18n.t("documents.title")}</h2>}
      <ul className={style.papers}>
        {documents.map((document) => (
          <Paper
            key={document.code}
            document={document}
            title={card.card.documents.find((item) => item.code === document.code)?.title}
          />
        ))}
      </ul>
    </section>
  );
}

function Paper({
  document,
  title,
}: {
  document: AttachedDocument;
  title: { fa: string; en: string } | undefined;
}) {
  const { i18n } = useLingui();
  const format = useFormat();
  const { evidence } = document;
  const hash = evidence.kind === "copy" ? evidence.hash : "";
  const stored = useCommand("document_get", { hash }, { enabled: hash !== "" }).data;
  return (
    <li>
      <Sign name="check" /> {title ? format.pick(title) : document.code}{" "}
      <span className={style.soft}>
        {evidence.kind === "seen"
          ? i18n.t("review.paper_seen")
          : `${i18n.t("review.paper_copy")} (${format.bytes(evidence.size_bytes)})`}
      </span>
      {stored?.preview.startsWith("data:image") && (
        <img className={style.paper} src={stored.preview} alt={i18n.t("documents.preview")} />
      )}
    </li>
  );
}
