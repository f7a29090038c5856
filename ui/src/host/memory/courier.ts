/**
 * Sticks in memory: two places to write on; what a file that is read turns out to be stands in its
 * name (`answer`, `again`, `damaged`, `other`), as no test can carry one.
 */
import type { Changed, Commands, CourierFile, CourierRead } from "../../ipc/generated";
import { HostError } from "../host";
import type { MemoryOffice } from "./office";
import { acknowledge, syncStatus } from "./sync";

type Answers = {
  [K in "courier_places" | "courier_export" | "courier_import" | "courier_files"]: (
    request: Commands[K]["request"],
  ) => Commands[K]["reply"];
};

const STICK = "/media/operator/PEYK";

export function courierAnswers(office: MemoryOffice, tell: (changed: Changed) => void): Answers {
  return {
    courier_places: () => [{ path: STICK, name: "PEYK" }],
    courier_export({ folder }) {
      if (!folder.startsWith("/")) throw new HostError({ code: "courier.no_folder", params: {} });
      const status = syncStatus(office);
      const number = office.courier.length + 1;
      const file: CourierFile = {
        number,
        path: `${folder}/pishkhan-${office.office?.device ?? 0}-${number}.courier`,
        entries: status.waiting + status.other_entries_waiting,
        documents: status.documents_waiting,
        bytes: 4_096 + status.waiting * 220 + status.document_bytes_waiting,
        made_at: Date.now(),
        answered_at: null,
      };
      office.courier.unshift(file);
      return { file, entries_left: 0, documents_left: 0 };
    },
    courier_import({ path }) {
      const files = read(office, path);
      if (files.length === 0) throw new HostError({ code: "courier.no_file", params: {} });
      tell("sync");
      tell("applications");
      return { files };
    },
    courier_files: () => [...office.courier],
  };
}

function read(office: MemoryOffice, path: string): CourierRead[] {
  const name = path.split("/").at(-1) ?? path;
  const outcome = (code: string, more: Partial<CourierRead> = {}): CourierRead => ({
    name,
    code,
    params: {},
    number: null,
    made_at: null,
    acknowledged: 0,
    documents: 0,
    news: 0,
    notices: 0,
    services: 0,
    ...more,
  });
  if (path === STICK || name.includes("answer")) {
    const made_at = Date.now() - 2 * 86_400_000;
    const acknowledged = acknowledge(office, "courier");
    for (const file of office.courier) file.answered_at ??= Date.now();
    return [outcome("courier.taken", { number: 1, made_at, acknowledged, news: 1 })];
  }
  if (name.includes("again")) return [outcome("courier.taken_before", { number: 1 })];
  if (name.includes("damaged")) return [outcome("courier.damaged")];
  if (name.includes("other")) return [outcome("courier.of_another")];
  return [];
}
