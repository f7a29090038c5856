/** Where the operator is in the window, and how to get elsewhere. */
import { createContext, useContext } from "react";
import type { Desk } from "../entry/desk";

export type ListName = "today" | "deliver";
export type Place =
  | { name: "record"; draft?: string; mend?: string }
  | {
      name: "today" | "mine" | "deliver" | "report" | "notices" | "verify" | "courier" | "settings";
    }
  /** `entered`: when Enter was pressed behind the query. */
  | { name: "search"; query: string; entered?: number }
  | { name: "application"; id: string };

export const START: Place = { name: "record" };

export interface Navigation {
  place: Place;
  desk: Desk;
  /** Where the primary action stands, once it is drawn. */
  bar: HTMLElement | null;
  go(place: Place): void;
  back(): void;
}

export const NavigationContext = createContext<Navigation | null>(null);

export function useNavigation(): Navigation {
  const navigation = useContext(NavigationContext);
  if (!navigation) throw new Error("no frame around this component");
  return navigation;
}

/** Side navigation in order, with the key of each. F5, F10 and F11 are taken from the web view. */
export const ENTRIES = [
  { name: "record", key: "F2", label: /*i18n*/ { id: "nav.record" } },
  { name: "today", key: "F3", label: /*i18n*/ { id: "nav.today" } },
  { name: "mine", key: "F4", label: /*i18n*/ { id: "nav.mine" } },
  { name: "deliver", key: "F5", label: /*i18n*/ { id: "nav.deliver" } },
  { name: "report", key: "F6", label: /*i18n*/ { id: "nav.report" } },
  { name: "notices", key: "F7", label: /*i18n*/ { id: "nav.notices" } },
  { name: "verify", key: "F8", label: /*i18n*/ { id: "nav.verify" } },
  { name: "courier", key: "F11", label: /*i18n*/ { id: "nav.courier" } },
  { name: "settings", key: "F10", label: /*i18n*/ { id: "nav.settings" } },
] as const;
