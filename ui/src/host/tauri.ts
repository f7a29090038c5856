/** The host inside the shell's window. */
import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { Changed } from "../ipc/generated";
import { asHostError, type Host } from "./host";

export const tauriHost: Host = {
  async call(name, request) {
    try {
      return await invoke(name, { request });
    } catch (thrown) {
      throw asHostError(thrown);
    }
  },
  onChanged(listener) {
    const listening = listen<Changed>("changed", (event) => listener(event.payload));
    return () => {
      listening.then((stop) => stop());
    };
  },
};
