/** The screen of a place. */
import type { Place } from "../frame/place";
import { ApplicationScreen } from "./application/application";
import { CourierScreen } from "./courier/courier";
import { DeliverScreen, SearchScreen, TodayScreen } from "./lists";
import { MineScreen } from "./mine";
import { NoticesScreen } from "./notices";
import { RecordScreen } from "./record/record";
import { ReportScreen } from "./report";
import { SettingsScreen } from "./settings";
import { VerifyScreen } from "./verify";

export function Screen({ place }: { place: Place }) {
  switch (place.name) {
    case "record":
      return <RecordScreen draft={place.draft} mend={place.mend} />;
    case "today":
      return <TodayScreen />;
    case "mine":
      return <MineScreen />;
    case "deliver":
      return <DeliverScreen />;
    case "report":
      return <ReportScreen />;
    case "notices":
      return <NoticesScreen />;
    case "verify":
      return <VerifyScreen />;
    case "courier":
      return <CourierScreen />;
    case "settings":
      return <SettingsScreen />;
    case "search":
      return <SearchScreen query={place.query} entered={place.entered} />;
    case "application":
      return <ApplicationScreen key={place.id} id={place.id} />;
  }
}
