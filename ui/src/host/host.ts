/** The window's whole view of the program behind it. */
import type { Changed, Commands, IpcError } from "../ipc/generated";

export type CommandName = keyof Commands;
export type Request<K extends CommandName> = Commands[K]["request"];
export type Reply<K extends CommandName> = Commands[K]["reply"];

export interface Host {
  /** Fails with [`HostError`] and nothing else. */
  call<K extends CommandName>(name: K, request: Request<K>): Promise<Reply<K>>;
  /** Tells of changes that nobody asked about; the answer stops it. */
  onChanged(listener: (changed: Changed) => void): () => void;
}

/** A refused command: a code that every language has a sentence for. */
export class HostError extends Error {
  readonly code: string;
  readonly params: Record<string, string | undefined>;

  constructor(error: IpcError) {
    super(error.code);
    this.name = "HostError";
    this.code = error.code;
    this.params = error.params;
  }
}

/** Whatever was thrown, as an error with a code. */
export function asHostError(thrown: unknown): HostError {
  if (thrown instanceof HostError) return thrown;
  if (typeof thrown === "object" && thrown !== null && "code" in thrown) {
    const { code, params } = thrown as { code: unknown; params?: Record<string, string> };
    return new HostError({ code: String(code), params: params ?? {} });
  }
  return new HostError({ code: "internal.failed", params: { detail: String(thrown) } });
}
