/** The state of synchronisation in memory, computed from the applications as the program does. */
import type { SyncStatus } from "../../ipc/generated";
import { happen, isWaiting } from "./applications";
import type { MemoryOffice } from "./office";

const PAPER_BYTES = 180_000;

export function syncStatus(office: MemoryOffice): SyncStatus {
  const { applications } = office;
  const waiting = applications.filter(isWaiting);
  const papers = applications.reduce((sum, view) => sum + view.row.documents_waiting, 0);
  const oldest = waiting.length ? Math.min(...waiting.map(({ row }) => row.recorded_at)) : null;
  return {
    activity: waiting.length ? "waiting" : "idle",
    recorded: applications.length,
    waiting: waiting.length,
    received: applications.length - waiting.length,
    accepted: applications.filter(({ row }) => row.word === "accepted").length,
    oldest_waiting_at: oldest,
    oldest_item_at: oldest,
    other_entries_waiting: waiting.filter((view) => view.row.copies_printed > 0).length,
    documents_waiting: papers,
    document_bytes_waiting: papers * PAPER_BYTES,
    received_at: office.receivedAt,
    last_contact_at: office.lastContactAt,
    last_road: office.lastRoad,
    exchange: null,
    upload: null,
    last_answer: {
      code: office.line === "up" ? "centre.ok" : "line.unreachable",
      params: {},
      at: office.line === "up" ? (office.lastContactAt ?? Date.now()) : Date.now() - 20_000,
    },
    next_try_at: waiting.length ? Date.now() + 45_000 : null,
    parked: applications
      .filter((view) => view.row.parked)
      .map(({ row, faults, allowed }) => ({
        application: row.id,
        tracking_code: row.tracking_code,
        applicant_name: row.applicant_name,
        error: faults[0] ?? { field: "", code: "entry.unreadable", params: {} },
        mendable: allowed.includes("resubmit"),
      })),
    clock_offset_ms: 0,
  };
}

/** The centre acknowledges all that waits. */
export function acknowledge(office: MemoryOffice, road: MemoryOffice["lastRoad"] = "line"): number {
  const waiting = office.applications.filter(isWaiting);
  for (const view of waiting) {
    happen(office, view, "received");
    view.row.documents_waiting = 0;
  }
  office.lastContactAt = Date.now();
  office.lastRoad = road;
  if (waiting.length) office.receivedAt = office.lastContactAt;
  return waiting.length;
}

/** What the program tells support: numbers and codes, nothing of any citizen. */
export function supportText(office: MemoryOffice): string {
  const status = syncStatus(office);
  return [
    "pishkhan 0.1.0 memory",
    `device ${office.office?.device ?? "-"} office ${office.office?.code ?? "-"}`,
    `applications ${status.recorded} waiting ${status.waiting}`,
    `answer ${status.last_answer?.code ?? "-"}`,
    ...status.parked.map(({ error }) => `parked ${error.code} ${error.field}`),
  ].join("\n");
}
