import { describe, expect, it } from "vitest";
import { isAhead } from "../format/age";
import { memoryHost } from "../host/memory/memory";
import { syncStatus } from "../host/memory/sync";
import { clockWentBack, SILENT_DAYS, silentDays } from "./silence";

const DAY = 86_400_000;

function silentFor(days: number) {
  const { office } = memoryHost("office");
  office.lastContactAt = Date.now() - days * DAY;
  office.receivedAt = office.lastContactAt;
  return syncStatus(office);
}

describe("a line that is dead", () => {
  it("is counted in whole days since the last contact", () => {
    expect(silentDays(silentFor(40))).toBe(40);
    expect(silentDays(silentFor(2.9))).toBeLessThan(SILENT_DAYS);
  });
  it("calls for nothing when nothing waits", () => {
    const waitless = { waiting: 0, other_entries_waiting: 0, documents_waiting: 0 };
    expect(silentDays({ ...silentFor(40), ...waitless })).toBe(0);
  });
  it("is counted from the oldest that waits where there never was a line", () => {
    const status = { ...silentFor(1), last_contact_at: null };
    expect(silentDays({ ...status, oldest_item_at: Date.now() - 9 * DAY })).toBe(9);
  });
});

describe("a clock that was set back", () => {
  it("makes every age unknown instead of none", () => {
    const status = silentFor(-1);
    expect(clockWentBack(status)).toBe(true);
    expect(silentDays(status)).toBe(0);
    expect(isAhead(Date.now() + 30_000)).toBe(false);
  });
  it("is not suspected of a clock that goes right", () => {
    expect(clockWentBack(silentFor(0))).toBe(false);
    expect(clockWentBack(silentFor(400))).toBe(false);
  });
});
