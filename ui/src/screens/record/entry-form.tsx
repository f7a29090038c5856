/** The form: who, what, the questions and papers; its faults at their fields and in a list. */
import { useLingui } from "@lingui/react";
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import type { DeskState } from "../../entry/desk";
import { entersOn, focusField, focusPath, nextField } from "../../entry/enter";
import { isEmpty, valueAt, withValue } from "../../entry/entry";
import { useFormat } from "../../format/format";
import { ActionBar } from "../../frame/action-bar";
import { useNavigation } from "../../frame/place";
import { useHost } from "../../host/use-host";
import { sentence } from "../../i18n/sentences";
import type { Defect, FieldError, ServiceChoice } from "../../ipc/generated";
import { Button } from "../../parts/button";
import { CheckField } from "../../parts/choice-field";
import { Sign } from "../../parts/sign";
import { DocumentsStep } from "./documents";
import { ErrorList } from "./error-list";
import { EntryFormContext, type FormContext } from "./form-context";
import { type Mend, Mending } from "./mending";
import { QuestionsStep } from "./questions";
import style from "./record.module.css";
import { SavedMark } from "./saved-mark";
import { ServiceStep } from "./service";
import { checkEntry, stillSo, useCheck } from "./use-check";
import { WhoStep } from "./who";

const NONE: Defect[] = [];
const SETTLED_MS = 300;

interface Props {
  state: DeskState;
  services: ServiceChoice[];
  service: ServiceChoice | null;
  /** What was found wrong, when an application is mended. */
  mend: Mend | null;
  refused: FieldError[];
  jump?: string;
  onReview(): void;
}

export function EntryForm({ state, services, service, mend, refused, jump, onReview }: Props) {
  const { i18n } = useLingui();
  const format = useFormat();
  const { desk } = useNavigation();
  const host = useHost();
  const root = useRef<HTMLDivElement>(null);
  const { entry, mends } = state;
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [all, setAll] = useState(refused.length > 0);
  const check = useCheck(entry, services);
  const errors = check?.errors ?? refused;
  const defects = mend?.defects ?? NONE;
  const defectBy = mend?.by === "centre" ? i18n.t("field.fault") : null;

  const form = useMemo<FormContext>(() => {
    const set = (path: string, value: unknown) => desk.edit((now) => withValue(now, path, value));
    const text = (path: string) => String(valueAt(entry, path) ?? "");
    const leave = (path: string) => {
      setLeft((before) => (before.has(path) ? before : new Set(before).add(path)));
      void desk.flush();
    };
    const fault = (path: string) => {
      // Who only passes through an empty form has made no mistake yet.
      if (!all && isEmpty(entry)) return null;
      const found = errors.find((error) => error.field === path);
      // A fault that was mended meanwhile would flash, and move the page under the mouse.
      if (!found || (check && !stillSo(check, entry, path))) return null;
      // What a service does not take is told at once, wherever the operator is.
      const within = [...left].some((seen) => seen === path || seen.startsWith(`${path}.`));
      if (!all && !within && !found.code.endsWith("not_accepted")) return null;
      return { code: found.code, text: sentence(format.language, found.code, found.params) };
    };
    return {
      entry,
      computed: check?.computed ?? {},
      edit: (edit) => desk.edit(edit),
      set,
      text,
      leave,
      frame: (path, label, options) => ({
        path,
        label,
        error: fault(path),
        defect: defects.find((defect) => defect.field === path)?.reason,
        defectBy,
        ...options,
      }),
      bind: (path, code) => ({
        value: text(path),
        onChange: (value) => set(path, value),
        onLeave: () => {
          const shown = format.digits(text(path));
          if (code && shown !== text(path)) set(path, shown);
          leave(path);
        },
      }),
    };
  }, [entry, left, all, check, errors, defects, defectBy, desk, format]);

  // Where the eye begins: the field to mend, else the first one.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once per sheet or jump
  useEffect(() => {
    if (!root.current) return;
    const wanted = jump ?? defects[0]?.field;
    if (wanted !== undefined) {
      focusPath(root.current, wanted);
      // A form that lay here before may still be scrolled to by the web view.
      const settled = window.setTimeout(() => {
        const here = document.activeElement;
        if (here && root.current?.contains(here)) here.scrollIntoView({ block: "center" });
      }, SETTLED_MS);
      return () => window.clearTimeout(settled);
    }
    if (!entry.applicant.national_id) focusPath(root.current, "applicant.national_id");
    else root.current.focus();
  }, [jump, defects.length]);

  const review = async () => {
    setAll(true);
    await desk.flush();
    // What was typed in the last quarter of a second is judged too.
    const { errors: found } = await checkEntry(host, desk.snapshot().entry, services);
    const first = found[0]?.field;
    if (first === undefined) onReview();
    else if (root.current) focusPath(root.current, first);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.defaultPrevented) return;
    if (event.ctrlKey) {
      event.preventDefault();
      void review();
      return;
    }
    if (!entersOn(event.target, event.shiftKey) || !root.current) return;
    event.preventDefault();
    const next = nextField(root.current, event.target as Element);
    if (next) focusField(next);
    else void review();
  };

  return (
    <EntryFormContext value={form}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: Enter is passed on from its fields */}
      <div
        ref={root}
        className={style.column}
        data-testid="screen.record"
        tabIndex={-1}
        onKeyDown={onKeyDown}
      >
        <div className={style.head}>
          <h1>{mends ? i18n.t("record.title_mend") : i18n.t("record.title")}</h1>
          <SavedMark state={state} />
          <Button
            hook="record.new"
            kind="quiet"
            onClick={() => desk.begin()}
            disabled={state.saving === "empty"}
          >
            {i18n.t("record.new")}
          </Button>
        </div>
        {mend && (
          <Mending mend={mend} onJump={(path) => root.current && focusPath(root.current, path)} />
        )}
        <WhoStep check={check} />
        <ServiceStep services={services} service={service} dueOn={check?.due_on ?? null} />
        {service && <QuestionsStep card={service.card} />}
        {service && <DocumentsStep card={service.card} />}
        {service && (
          <section className={style.step}>
            <div data-field="consent">
              <CheckField
                path="consent"
                label={i18n.t("record.consent")}
                checked={entry.consent}
                onChange={(consent) => form.set("consent", consent)}
                onLeave={() => form.leave("consent")}
              />
              {form.frame("consent", "").error && (
                <p className={style.error} data-testid="error.consent">
                  <Sign name="alert" /> {form.frame("consent", "").error?.text}
                </p>
              )}
            </div>
            {all && (
              <ErrorList
                errors={errors}
                card={service.card}
                onJump={(path) => root.current && focusPath(root.current, path)}
              />
            )}
          </section>
        )}
        <ActionBar hint={i18n.t("record.hint")}>
          <Button hook="record.review" kind="primary" keys="Ctrl+Enter" onClick={review}>
            {i18n.t("record.review")}
          </Button>
        </ActionBar>
      </div>
    </EntryFormContext>
  );
}
