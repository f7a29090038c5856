/** Keys that work everywhere, and the clock of the lock. */
import { useEffect, useRef } from "react";

export function keyName(event: KeyboardEvent): string {
  // The letter by its place on the keyboard: under a Persian layout `key` is another letter.
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1];
  const key = letter ?? event.key;
  return event.ctrlKey || event.metaKey ? `Ctrl+${key}` : key;
}

export type Shortcut = [key: string, action: () => void];

export function useShortcuts(shortcuts: Shortcut[]): void {
  const current = useRef(shortcuts);
  current.current = shortcuts;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const pressed = keyName(event);
      const action = current.current.find(([key]) => key === pressed)?.[1];
      if (!action || event.altKey || event.repeat) return;
      event.preventDefault();
      // Behind a dialog nothing moves; the lock falls always.
      if (document.querySelector("[role=dialog]") && pressed !== "Ctrl+L") return;
      action();
    };
    window.addEventListener("keydown", onKey, true);
    return () => window.removeEventListener("keydown", onKey, true);
  }, []);
}

/** Runs once when no key and no pointer came for so long. */
export function useIdle(afterMs: number, action: () => void): void {
  const current = useRef(action);
  current.current = action;
  useEffect(() => {
    let last = Date.now();
    const touched = () => {
      last = Date.now();
    };
    const timer = window.setInterval(() => {
      if (afterMs > 0 && Date.now() - last >= afterMs) {
        last = Date.now();
        current.current();
      }
    }, 5000);
    for (const name of ["keydown", "pointerdown", "pointermove"]) {
      window.addEventListener(name, touched, true);
    }
    return () => {
      window.clearInterval(timer);
      for (const name of ["keydown", "pointerdown", "pointermove"]) {
        window.removeEventListener(name, touched, true);
      }
    };
  }, [afterMs]);
}
