/** What: any word of a title, an agency or an everyday name finds the service; frequent first. */
import { useLingui } from "@lingui/react";
import { type KeyboardEvent, useRef, useState } from "react";
import { focusField, nextField } from "../../entry/enter";
import { underCard } from "../../entry/entry";
import { useFormat } from "../../format/format";
import type { ApplicationEntry, ServiceCard, ServiceChoice } from "../../ipc/generated";
import { Button } from "../../parts/button";
import fieldStyle from "../../parts/field.module.css";
import { Sign } from "../../parts/sign";
import { matches } from "../../text/fold";
import { CardPanel } from "./card-panel";
import { useEntryForm } from "./form-context";
import style from "./record.module.css";

export function searchText(card: ServiceCard): string {
  return [
    card.title.fa,
    card.title.en,
    card.agency.title.fa,
    card.agency.title.en,
    ...card.everyday_names,
    card.official_id ?? "",
  ].join(" ");
}

interface Props {
  services: ServiceChoice[];
  service: ServiceChoice | null;
  dueOn: string | null;
}

export function ServiceStep({ services, service, dueOn }: Props) {
  const { i18n } = useLingui();
  const form = useEntryForm();
  // Answers of a service that was chosen by mistake, or before: they come back with it.
  const answered = useRef(new Map<string, ApplicationEntry["form"]>());
  const last = useRef(form.entry.service);
  const put = () => {
    last.current = form.entry.service;
    if (last.current) answered.current.set(last.current, form.entry.form);
    form.edit((entry) => ({ ...entry, service: null, card_version: null }));
  };
  const choose = ({ version, card }: ServiceChoice) =>
    form.edit((entry) => {
      const own = last.current === null || last.current === card.code ? entry.form : {};
      return underCard(entry, version, card, answered.current.get(card.code) ?? own);
    });
  return (
    <section className={style.step} aria-label={i18n.t("service.title")}>
      <h2 className={style.title}>
        <span className={style.number}>{i18n.number(2)}</span>
        {i18n.t("service.title")}
      </h2>
      {service ? (
        <CardPanel service={service} dueOn={dueOn} onChange={put} />
      ) : (
        <Picker services={services} onChoose={choose} />
      )}
    </section>
  );
}

function Picker({
  services,
  onChoose,
}: {
  services: ServiceChoice[];
  onChoose(choice: ServiceChoice): void;
}) {
  const { i18n } = useLingui();
  const format = useFormat();
  const form = useEntryForm();
  const [query, setQuery] = useState("");
  const [marked, setMarked] = useState(0);
  const found = services.filter((choice) => matches(searchText(choice.card), query));
  const at = Math.min(marked, found.length - 1);
  const fault = form.frame("service", "").error;

  const choose = (choice: ServiceChoice, from: Element) => {
    const page = from.closest('[data-testid="screen.record"]');
    onChoose(choice);
    // The questions of the card are there after this event only.
    window.setTimeout(() => {
      const card = page?.querySelector('[data-field="service"]');
      const next = card && page && nextField(page, card);
      if (next) focusField(next);
    });
  };

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      const next = Math.max(0, Math.min(found.length - 1, at + step));
      setMarked(next);
      document.getElementById(`service.${next}`)?.scrollIntoView({ block: "nearest" });
    }
    const choice = found[at];
    if (event.key === "Enter" && !event.ctrlKey) {
      event.preventDefault();
      if (choice) choose(choice, event.currentTarget);
    }
  };

  return (
    <div data-field="service" className={style.picker}>
      <input
        id="service.search"
        data-testid="service.search"
        className={fieldStyle.input}
        type="search"
        role="combobox"
        aria-label={i18n.t("service.search_label")}
        aria-expanded="true"
        aria-controls="service.list"
        aria-activedescendant={found.length ? `service.${at}` : undefined}
        placeholder={i18n.t("service.search")}
        autoComplete="off"
        value={query}
        onChange={(event) => {
          setQuery(event.currentTarget.value);
          setMarked(0);
        }}
        onKeyDown={onKeyDown}
        onFocus={(event) => event.currentTarget.parentElement?.scrollIntoView({ block: "nearest" })}
      />
      {fault && (
        <p className={style.error} data-testid="error.service" data-code={fault.code}>
          <Sign name="alert" /> {fault.text}
        </p>
      )}
      <div
        id="service.list"
        role="listbox"
        aria-label={i18n.t("service.title")}
        className={style.options}
      >
        {found.map((choice, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys are the combobox's
          <div
            key={choice.card.code}
            id={`service.${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            data-testid={`service.option.${choice.card.code}`}
            className={style.option}
            onClick={(event) => choose(choice, event.currentTarget)}
          >
            <span className={style.optionTitle}>{format.pick(choice.card.title)}</span>
            <span className={style.optionAgency}>{format.pick(choice.card.agency.title)}</span>
          </div>
        ))}
        {found.length === 0 && (
          <p className={style.none}>
            {services.length === 0 ? i18n.t("service.none_yet") : i18n.t("service.none_found")}
          </p>
        )}
      </div>
    </div>
  );
}

export function ChangeService({ onChange }: { onChange(): void }) {
  const { i18n } = useLingui();
  return (
    <Button
      hook="service.change"
      kind="quiet"
      onClick={() => {
        onChange();
        window.setTimeout(() => document.getElementById("service.search")?.focus());
      }}
    >
      {i18n.t("service.change")}
    </Button>
  );
}
