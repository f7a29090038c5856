/** How long the centre has not been heard while something waits for it: when to send a courier. */
import { isAhead } from "../format/age";
import type { SyncStatus } from "../ipc/generated";

const DAY_MS = 86_400_000;
/** A line that is dead this long will not come back by waiting. */
export const SILENT_DAYS = 3;

export function somethingWaits(status: SyncStatus): boolean {
  return status.waiting + status.other_entries_waiting + status.documents_waiting > 0;
}

/** Whole days; 0 when nothing waits, or when a clock that was set back makes it unknown. */
export function silentDays(status: SyncStatus, now = Date.now()): number {
  const since = status.last_contact_at ?? status.oldest_item_at;
  if (since === null || !somethingWaits(status) || isAhead(since, now)) return 0;
  return Math.floor((now - since) / DAY_MS);
}

/** Was anything noted by a clock that has been set back since? */
export function clockWentBack(status: SyncStatus, now = Date.now()): boolean {
  const { received_at, last_contact_at, oldest_item_at, last_answer } = status;
  const noted = [received_at, last_contact_at, oldest_item_at, last_answer?.at ?? null];
  return noted.some((at) => isAhead(at, now));
}
