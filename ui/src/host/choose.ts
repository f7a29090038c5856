/** The shell's host inside its window, the memory host in a plain browser. */
import type { Host } from "./host";

export async function chooseHost(): Promise<Host> {
  if ("__TAURI_INTERNALS__" in window) return (await import("./tauri")).tauriHost;
  const { memoryHost } = await import("./memory/memory");
  return memoryHost(new URLSearchParams(location.search).get("memory") ?? "fresh");
}
