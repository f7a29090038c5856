/**
 * The service clock: three waits that are never mixed. For the line until the centre received it,
 * for the citizen while it lies returned, for the agency the rest until it is decided.
 */
import { isAhead } from "../../format/age";
import type { TimelineItem } from "../../ipc/generated";

export interface Waits {
  lineMs: number;
  agencyMs: number;
  citizenMs: number;
  /** The wait that goes on, where a clock that was set back makes its length unknown. */
  unknown: Waiting | null;
}

type Waiting = "lineMs" | "agencyMs" | "citizenMs";
const FOLLOWS: Record<string, Waiting | null> = {
  recorded: "lineMs",
  received: "agencyMs",
  accepted: "agencyMs",
  returned: "citizenMs",
  resubmitted: "agencyMs",
  approved: null,
  refused: null,
  delivered: null,
  withdrawn: null,
};

export function waits(timeline: TimelineItem[], now: number): Waits {
  const sums: Waits = { lineMs: 0, agencyMs: 0, citizenMs: 0, unknown: null };
  let waiting: Waiting | null = null;
  let since = 0;
  for (const item of timeline) {
    const next = FOLLOWS[item.kind];
    if (next === undefined || !item.applied) continue;
    // The acknowledgement of a later entry is no new wait for the agency.
    if (item.kind === "received" && waiting !== "lineMs") continue;
    if (waiting) sums[waiting] += Math.max(0, item.at - since);
    waiting = next;
    since = item.at;
  }
  if (waiting && isAhead(since, now)) sums.unknown = waiting;
  else if (waiting) sums[waiting] += Math.max(0, now - since);
  return sums;
}

const DAY_MS = 86_400_000;

/** A gap that is worth drawing: the line, or anything, was silent for a day or more. */
export function gapMs(earlier: TimelineItem | undefined, later: TimelineItem): number {
  const gap = earlier ? later.at - earlier.at : 0;
  return gap >= DAY_MS ? gap : 0;
}
