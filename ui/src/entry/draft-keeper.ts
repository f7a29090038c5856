/**
 * Saves what is typed, at most a second and one call behind. Saves go one after another: the first
 * gives the draft its id, and a later state is never overtaken by an earlier one.
 */
export type SaveState = "empty" | "typing" | "saved" | "failed";

type Timer = ReturnType<typeof setTimeout> | number;

export interface Timers {
  start(run: () => void, ms: number): Timer;
  stop(timer: Timer): void;
}

const realTimers: Timers = {
  start: (run, ms) => setTimeout(run, ms),
  stop: (timer) => clearTimeout(timer),
};

export const BEHIND_MS = 1000;
const AGAIN_MS = 5000;

export class DraftKeeper<T> {
  private pending: T | undefined;
  private timer: Timer | undefined;
  private running: Promise<void> | undefined;
  private stopped = false;
  private failed = false;

  constructor(
    private readonly save: (content: T) => Promise<void>,
    private readonly tell: (state: SaveState) => void,
    private readonly timers: Timers = realTimers,
  ) {}

  change(content: T): void {
    if (this.stopped) return;
    this.pending = content;
    this.tell("typing");
    this.schedule(BEHIND_MS);
  }

  /**
   * Saves what waits, also what is typed meanwhile, and resolves when it is on the disk; false when
   * it could not be saved.
   */
  async flush(): Promise<boolean> {
    this.cancel();
    for (;;) {
      while (this.running) await this.running;
      if (this.pending === undefined) return true;
      await this.write();
      if (this.failed) return false;
    }
  }

  /** No save after this: a recorded draft must not rise again. */
  stop(): void {
    this.stopped = true;
    this.pending = undefined;
    this.cancel();
  }

  private schedule(ms: number): void {
    if (this.timer !== undefined || this.stopped) return;
    this.timer = this.timers.start(() => {
      this.timer = undefined;
      void this.flush();
    }, ms);
  }

  private cancel(): void {
    if (this.timer !== undefined) this.timers.stop(this.timer);
    this.timer = undefined;
  }

  private write(): Promise<void> {
    this.running = this.writeOne().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private async writeOne(): Promise<void> {
    const content = this.pending as T;
    this.pending = undefined;
    try {
      await this.save(content);
      this.failed = false;
      if (this.pending === undefined) this.tell("saved");
    } catch {
      this.failed = true;
      if (this.pending === undefined && !this.stopped) this.pending = content;
      this.tell("failed");
      this.schedule(AGAIN_MS);
    }
  }
}
