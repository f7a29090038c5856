/** The window of an operator at work: frame, keys, and the screen in the middle. */
import { useLingui } from "@lingui/react";
import { useCallback, useEffect, useRef, useState } from "react";
import type { Desk } from "../entry/desk";
import { useAct, useCommand } from "../host/use-host";
import { activateLanguage, activateTheme, keptLanguage } from "../i18n/i18n";
import type { AppStatus } from "../ipc/generated";
import { Screen } from "../screens/screen";
import { Header } from "./header";
import { type Shortcut, useIdle, useShortcuts } from "./keys";
import { ENTRIES, NavigationContext, type Place, START } from "./place";
import { Shortcuts } from "./shortcuts";
import { SyncLine } from "./sync-line";
import style from "./work.module.css";

interface Props {
  status: AppStatus;
  desk: Desk;
  start: Place;
  onLock(place: Place): void;
}

export function Work({ status, desk, start, onLock }: Props) {
  const { i18n } = useLingui();
  const [trail, setTrail] = useState<Place[]>([start]);
  const [help, setHelp] = useState(false);
  const [bar, setBar] = useState<HTMLElement | null>(null);
  const settings = useCommand("settings_get", null);
  const summary = useCommand("work_summary", null);
  const lock = useAct("session_lock", ["session"]);
  const { mutate: save } = useAct("settings_set", ["session"]);
  const search = useRef<HTMLInputElement>(null);
  const main = useRef<HTMLElement>(null);
  const place = trail[trail.length - 1] ?? start;

  const go = useCallback(
    (next: Place) => {
      // What was typed is kept before another screen comes; the desk keeps it meanwhile.
      void desk.flush();
      // Each key of a search goes on with the same screen.
      const same = (last?: Place) => next.name === "search" && last?.name === "search";
      setTrail((before) => [
        ...(same(before.at(-1)) ? before.slice(0, -1) : before.slice(-20)),
        next,
      ]);
    },
    [desk],
  );
  const back = useCallback(
    () =>
      setTrail((before) => {
        const last = before.at(-2);
        if (!last) return before;
        // Back at the desk lies what lies there now, not what was taken up once.
        return [...before.slice(0, -2), last.name === "record" ? START : last];
      }),
    [],
  );

  const locking = useRef(false);
  const lockNow = useCallback(async () => {
    if (locking.current) return;
    locking.current = true;
    const draft = await desk.seal();
    onLock(place.name === "record" ? { name: "record", draft: draft ?? undefined } : place);
    lock.mutate(null, {
      onSettled: () => {
        locking.current = false;
      },
    });
  }, [desk, lock, onLock, place]);

  useShortcuts([
    ...ENTRIES.map((entry): Shortcut => [entry.key, () => go({ name: entry.name })]),
    ["F1", () => setHelp(true)],
    ["Ctrl+K", () => search.current?.focus()],
    ["Ctrl+L", lockNow],
  ]);
  // Another window in front, or the PC about to sleep: nothing waits for its second.
  useEffect(() => {
    const keep = () => void desk.flush();
    window.addEventListener("blur", keep);
    return () => window.removeEventListener("blur", keep);
  }, [desk]);
  useIdle((settings.data?.lock_after_minutes ?? 5) * 60_000, lockNow);

  useEffect(() => {
    if (!settings.data) return;
    // A language chosen at the first start or at the lock is the operator's latest word.
    const kept = keptLanguage();
    if (kept && kept !== settings.data.language) save({ ...settings.data, language: kept });
    activateLanguage(kept ?? (settings.data.language === "en" ? "en" : "fa"));
    activateTheme(settings.data.theme);
  }, [settings.data, save]);

  // The focus is never lost: a screen that takes none of its own gets it as a whole. Whoever types
  // into the search goes on typing.
  useEffect(() => {
    const area = main.current;
    area?.scrollTo(0, 0);
    const typing = place.name === "search" && document.activeElement === search.current;
    if (area && !typing && !area.contains(document.activeElement)) area.focus();
  }, [place]);

  const badges: Partial<Record<Place["name"], number>> = {
    mine: (summary.data?.returned ?? 0) + (summary.data?.parked ?? 0),
    deliver: summary.data?.to_deliver ?? 0,
    notices: summary.data?.notices_unread ?? 0,
  };

  return (
    <NavigationContext value={{ place, desk, bar, go, back }}>
      <div className={style.frame}>
        <Header status={status} search={search} onLock={lockNow} onHelp={() => setHelp(true)} />
        <nav className={style.side} aria-label={i18n.t("frame.navigation")}>
          {ENTRIES.map((entry) => (
            <button
              type="button"
              key={entry.name}
              data-testid={`nav.${entry.name}`}
              className={style.entry}
              aria-current={place.name === entry.name ? "page" : undefined}
              onClick={() => go({ name: entry.name })}
            >
              <span>{i18n._(entry.label)}</span>
              <Badge count={badges[entry.name]} />
              <kbd className={style.key}>{entry.key}</kbd>
            </button>
          ))}
        </nav>
        <main ref={main} className={style.main} tabIndex={-1}>
          <Screen place={place} />
        </main>
        <div ref={setBar} className={style.bar} />
        <SyncLine />
        <Shortcuts open={help} onClose={() => setHelp(false)} />
      </div>
    </NavigationContext>
  );
}

function Badge({ count }: { count: number | undefined }) {
  const { i18n } = useLingui();
  return count ? <span className={style.badge}>{i18n.number(count)}</span> : null;
}
