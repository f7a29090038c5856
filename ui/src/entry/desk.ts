/**
 * The one application that lies on the desk. It outlives the Record screen, so that an F-key, a
 * look at another page or the lock takes nothing away; only recording or putting it aside does.
 */
import type { Host } from "../host/host";
import type { ApplicationEntry, Draft } from "../ipc/generated";
import { DraftKeeper, type SaveState, type Timers } from "./draft-keeper";
import { asTyped, EMPTY_ENTRY, isEmpty } from "./entry";

export interface DeskState {
  /** Counts the applications that lay here: a new one is a new form. */
  sheet: number;
  draft: string | null;
  mends: string | null;
  entry: ApplicationEntry;
  saving: SaveState;
}

type Edit = (entry: ApplicationEntry) => ApplicationEntry;

export class Desk {
  private state: DeskState = blank(0);
  private keeper: DraftKeeper<ApplicationEntry>;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly host: Host,
    private readonly timers?: Timers,
  ) {
    this.keeper = this.newKeeper();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): DeskState => this.state;

  edit(edit: Edit): void {
    const entry = edit(this.state.entry);
    if (entry === this.state.entry) return;
    this.set({ entry });
    if (this.state.draft === null && isEmpty(entry)) return;
    this.keeper.change(entry);
  }

  /** Waits until what was typed is kept. */
  flush(): Promise<boolean> {
    return this.keeper.flush();
  }

  /** Puts the present one aside (it stays in the drafts) and lays an empty one down. */
  async begin(): Promise<void> {
    if (!(await this.flush())) return;
    this.lay(blank(this.state.sheet + 1));
  }

  /** Takes a draft up. */
  async open(draft: string): Promise<void> {
    if (draft === this.state.draft) return;
    if (!(await this.flush())) return;
    this.lay(opened(await this.host.call("draft_get", { id: draft }), this.state.sheet + 1));
  }

  /** Takes a returned application up, to mend it. */
  async mend(application: string): Promise<void> {
    if (this.state.mends === application) return;
    if (!(await this.flush())) return;
    this.lay(opened(await this.host.call("draft_mend", { id: application }), this.state.sheet + 1));
  }

  /** It was recorded: nothing is saved any more, and the desk is empty. */
  clear(): void {
    this.lay(blank(this.state.sheet + 1));
  }

  /**
   * Before the lock: kept on the disk, forgotten here, found again by its id. What could not be
   * kept stays here: the lock must not be what loses it.
   */
  async seal(): Promise<string | null> {
    if (!(await this.flush())) return null;
    const { draft } = this.state;
    this.clear();
    return draft;
  }

  private lay(state: DeskState): void {
    this.keeper.stop();
    this.keeper = this.newKeeper();
    this.state = state;
    this.tell();
  }

  private newKeeper(): DraftKeeper<ApplicationEntry> {
    const keeper: DraftKeeper<ApplicationEntry> = new DraftKeeper(
      async (entry) => {
        const { draft: id, mends } = this.state;
        const saved = await this.host.call("draft_save", { id, entry, mends });
        if (this.keeper === keeper) this.set({ draft: saved.id });
      },
      (saving) => {
        if (this.keeper === keeper) this.set({ saving });
      },
      this.timers,
    );
    return keeper;
  }

  private set(change: Partial<DeskState>): void {
    this.state = { ...this.state, ...change };
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

function blank(sheet: number): DeskState {
  return {
    sheet,
    draft: null,
    mends: null,
    entry: EMPTY_ENTRY,
    saving: "empty",
  };
}

function opened(draft: Draft, sheet: number): DeskState {
  return {
    sheet,
    draft: draft.id,
    mends: draft.mends,
    entry: { ...draft.entry, applicant: asTyped(draft.entry.applicant) },
    saving: "saved",
  };
}
