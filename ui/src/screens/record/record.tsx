/** Record (F2): the form, the review, and the word that it is recorded. */
import { useEffect, useState, useSyncExternalStore } from "react";
import { useNavigation } from "../../frame/place";
import { asHostError, type HostError } from "../../host/host";
import { useCommand } from "../../host/use-host";
import type { ApplicationView, FieldError } from "../../ipc/generated";
import { ErrorMessage } from "../../parts/message";
import { EntryForm } from "./entry-form";
import { ReviewPage } from "./review";
import { type Printing, SuccessPage } from "./success";

type Step =
  | { name: "form"; jump?: string }
  | { name: "review" }
  | { name: "success"; application: ApplicationView; printing: Promise<Printing> };

export function RecordScreen({ draft, mend }: { draft?: string; mend?: string }) {
  const { desk } = useNavigation();
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

  if (error) return <ErrorMessage error={error} />;
  if (!services.data) return null;
  const service =
    services.data.find(
      (choice) =>
        choice.card.code === state.entry.service &&
        (!state.entry.card_version || choice.version === state.entry.card_version),
    ) ?? services.data.find((choice) => choice.card.code === state.entry.service);

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
