/** The cards of the repository's catalogue, as if the centre had published them. */
import type { ServiceCard, ServiceChoice } from "../../ipc/generated";
import { SAMPLE_CARD } from "./sample-card";

const files = import.meta.glob<ServiceCard>("../../../../catalogue/services/*.json", {
  eager: true,
  import: "default",
});

/** The members that a card may leave out are put in, as the program does. */
function complete(card: ServiceCard): ServiceCard {
  const field = (item: ServiceCard["fields"][number]): ServiceCard["fields"][number] => ({
    ...item,
    help: item.help ?? null,
    when: item.when ?? null,
    ...(item.type === "repeat" ? { fields: item.fields.map(field) } : {}),
  });
  return {
    ...card,
    documents: card.documents.map((document) => ({ ...document, when: document.when ?? null })),
    fields: card.fields.map(field),
    fee: { ...card.fee, note: card.fee.note ?? null },
  };
}

export function publishedServices(): ServiceChoice[] {
  const cards = Object.values(files).map(complete);
  return (cards.length ? cards : [SAMPLE_CARD]).map((card, index) => ({
    version: String(index).padStart(64, "0"),
    card,
    times_recorded: 0,
  }));
}
