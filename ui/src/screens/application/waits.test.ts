import { describe, expect, it } from "vitest";
import type { TimelineItem } from "../../ipc/generated";
import { gapMs, waits } from "./waits";

const DAY = 86_400_000;
const item = (kind: string, day: number, applied = true): TimelineItem => ({
  kind,
  at: day * DAY,
  by: "",
  place: "office",
  text: "",
  defects: [],
  error: null,
  applied,
  copy: null,
});
const days = (timeline: TimelineItem[], now: number) => {
  const { lineMs, agencyMs, citizenMs } = waits(timeline, now * DAY);
  return [lineMs / DAY, agencyMs / DAY, citizenMs / DAY];
};

describe("the service clock", () => {
  it("waits for the line until the centre received it", () => {
    expect(days([item("recorded", 0)], 5)).toEqual([5, 0, 0]);
  });
  it("never mixes the three waits, and stands still when decided", () => {
    const whole = [
      item("recorded", 0),
      item("printed", 0),
      item("received", 3),
      item("accepted", 5),
      item("returned", 9),
      item("resubmitted", 11),
      item("received", 12),
      item("approved", 20),
    ];
    expect(days(whole, 100)).toEqual([3, 15, 2]);
  });
  it("does not count an act that came too late", () => {
    const late = [item("recorded", 0), item("received", 1), item("returned", 2, false)];
    expect(days(late, 4)).toEqual([1, 3, 0]);
  });
  it("does not call a wait none when a clock was set back", () => {
    const { lineMs, unknown } = waits([item("recorded", 5)], 3 * DAY);
    expect([lineMs, unknown]).toEqual([0, "lineMs"]);
    expect(waits([item("recorded", 5)], 6 * DAY).unknown).toBeNull();
  });
  it("draws a silence of a day or more as a gap", () => {
    expect(gapMs(item("recorded", 0), item("received", 3))).toBe(3 * DAY);
    expect(gapMs(item("recorded", 0), item("printed", 0.1))).toBe(0);
    expect(gapMs(undefined, item("recorded", 0))).toBe(0);
  });
});
