import { describe, expect, it } from "vitest";
import { BEHIND_MS, DraftKeeper, type SaveState, type Timers } from "./draft-keeper";

/** A clock that moves when it is told to. */
class FakeTimers implements Timers {
  private now = 0;
  private next = 1;
  private readonly waiting = new Map<unknown, { at: number; run: () => void }>();
  start(run: () => void, ms: number): number {
    this.waiting.set(this.next, { at: this.now + ms, run });
    return this.next++;
  }
  stop(timer: unknown): void {
    this.waiting.delete(timer);
  }
  pass(ms: number): void {
    this.now += ms;
    for (const [timer, { at, run }] of [...this.waiting]) {
      if (at <= this.now && this.waiting.delete(timer)) run();
    }
  }
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

function keeper(save: (text: string) => Promise<void>) {
  const timers = new FakeTimers();
  const states: SaveState[] = [];
  return { timers, states, keeper: new DraftKeeper<string>(save, (s) => states.push(s), timers) };
}

describe("autosave", () => {
  it("is never more than two seconds behind somebody who types without a pause", async () => {
    const saved: string[] = [];
    const { timers, keeper: drafts } = keeper(async (text) => void saved.push(text));
    let typed = "";
    for (let i = 0; i < 40; i += 1) {
      typed += "آ";
      drafts.change(typed);
      timers.pass(100);
      await settled();
      expect(typed.length - (saved.at(-1)?.length ?? 0)).toBeLessThanOrEqual(20);
    }
    expect(BEHIND_MS).toBeLessThanOrEqual(2000);
    expect(saved.length).toBeGreaterThan(1);
  });

  it("saves one after another, so that an older state never overtakes", async () => {
    const order: string[] = [];
    let release = () => {};
    const { keeper: drafts } = keeper((text) => {
      order.push(text);
      return order.length === 1 ? new Promise<void>((done) => (release = done)) : Promise.resolve();
    });
    drafts.change("one");
    const first = drafts.flush();
    drafts.change("two");
    const second = drafts.flush();
    await settled();
    expect(order).toEqual(["one"]);
    release();
    expect(await first).toBe(true);
    expect(await second).toBe(true);
    expect(order).toEqual(["one", "two"]);
  });

  it("keeps what could not be saved and tries again", async () => {
    let broken = true;
    const saved: string[] = [];
    const {
      timers,
      states,
      keeper: drafts,
    } = keeper(async (text) => {
      if (broken) throw new Error("disk full");
      saved.push(text);
    });
    drafts.change("typed");
    expect(await drafts.flush()).toBe(false);
    expect(states.at(-1)).toBe("failed");
    broken = false;
    timers.pass(5000);
    await settled();
    expect(saved).toEqual(["typed"]);
    expect(states.at(-1)).toBe("saved");
  });

  it("saves nothing after it was stopped: a recorded draft does not rise again", async () => {
    const saved: string[] = [];
    const { timers, keeper: drafts } = keeper(async (text) => void saved.push(text));
    drafts.change("typed");
    drafts.stop();
    drafts.change("more");
    timers.pass(60_000);
    await drafts.flush();
    expect(saved).toEqual([]);
  });
});
