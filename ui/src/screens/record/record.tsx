/** Record (F2): the form, the review, and the word that it is recorded. */
import { useEffect, useState, useSyncExternalStore } from "react";
import { underCard } from "../../entry/entry";
import { useFormat } from "../../format/format";
import type { Language } from "../../format/jalali";
import { useNavigation } from "../../frame/place";
import { asHostError, type HostError } from "../../host/host";
import { useCommand } from "../../host/use-host";
import { sentence } from "../../i18n/sentences";
import type { ApplicationView, FieldError, ServiceChoice } from "../../ipc/generated";
import { ErrorMessage } from "../../parts/message";
import { EntryForm } from "./entry-form";
import type { Mend } from "./mending";
import { ReviewPage } from "./review";
import { type Printing, SuccessPage } from "./success";

type Step =
  | { name: "form"; jump?: string }
  | { name: "review" }
  | { name: "success"; application: ApplicationView; printing: Promise<Printing> };

/** What an officer returned it for, else what the centre could not use. */
function toMend({ defects, faults }: ApplicationView, language: Language): Mend {
  if (faults.length === 0) return { by: "agency", defects };
  const reason = (fault: FieldError) => sentence(language, fault.code, fault.params);
  return {
    by: "centre",
    defects: faults.map((fault) => ({ field: fault.field, reason: reason(fault) })),
  };
}

export function RecordScreen({ draft, mend }: { draft?: string; mend?: string }) {
  const { desk, place } = useNavigation();
  const format = useFormat();
  const state = useSyncExternalStore(desk.subscribe, desk.snapshot);
  const services = useCommand("service_list", null);
  const [step, setStep] = useState<Step>({ name: "form" });
  const [refused, setRefused] = useState<FieldError[]>([]);
  const [error, setError] = useState<HostError | null>(null);

  useEffect(() => {
    const opening = draft ? desk.open(draft) : mend ? desk.mend(mend) : Promise.resolve();
    opening.then(
      () => setError(null),
      (thrown) => setError(asHostError(thrown)),
    );
    setStep({ name: "form" });
  }, [draft, mend, desk]);

  // F2 leads to the next citizen from the page of the last one, too.
  // biome-ignore lint/correctness/useExhaustiveDependencies: each way here is a new place
  useEffect(() => {
    setStep((step) => (step.name === "success" ? { name: "form" } : step));
  }, [place]);

  const { entry, mends } = state;
  const returned = useCommand("application_get", { id: mends ?? "" }, { enabled: mends !== null });
  const published = services.data?.find((choice) => choice.card.code === entry.service);
  // What is mended stays under the card it was filed under.
  const filed: ServiceChoice | undefined = mends
    ? returned.data && { ...returned.data.card, times_recorded: 0 }
    : undefined;
  const service = mends ? filed : published;
  const outdated =
    !mends && published && entry.card_version !== null && published.version !== entry.card_version;

  // A draft of an old card goes on under the new one: it is never a dead end.
  useEffect(() => {
    if (!outdated) return;
    desk.edit((now) => underCard(now, published.version, published.card));
  }, [outdated, published, desk]);

  if (error) return <ErrorMessage error={error} />;
  if (!services.data || (mends && !filed)) return null;

  if (step.name === "success") {
    return (
      <SuccessPage
        application={step.application}
        printing={step.printing}
        onNext={() => setStep({ name: "form" })}
      />
    );
  }
  if (step.name === "review" && service) {
    return (
      <ReviewPage
        state={state}
        service={service}
        onBack={(jump) => setStep({ name: "form", jump })}
        onInvalid={(errors) => {
          setRefused(errors);
          setStep({ name: "form", jump: errors[0]?.field });
        }}
        onRecorded={(application, printing) => {
          setRefused([]);
          setStep({ name: "success", application, printing });
        }}
      />
    );
  }
  return (
    <EntryForm
      key={state.sheet}
      state={state}
      services={services.data}
      mend={mends && returned.data ? toMend(returned.data, format.language) : null}
      service={service ?? null}
      refused={refused}
      jump={step.name === "form" ? step.jump : undefined}
      onReview={() => {
        setRefused([]);
        setStep({ name: "review" });
      }}
    />
  );
}
