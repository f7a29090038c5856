/** Which of the three stages is in sight: first start, lock, work. */
import { useLingui } from "@lingui/react";
import { useEffect, useMemo, useState } from "react";
import { I18nProvider } from "react-aria-components";
import { Desk } from "./entry/desk";
import { type Place, START } from "./frame/place";
import { Work } from "./frame/work";
import type { Host } from "./host/host";
import { useCommand } from "./host/use-host";
import { ErrorMessage } from "./parts/message";
import { EnrolScreen } from "./screens/enrol";
import { LockScreen } from "./screens/lock";

export function App({ host }: { host: Host }) {
  const { i18n } = useLingui();
  const status = useCommand("app_status", null);
  const desk = useMemo(() => new Desk(host), [host]);
  // Where the operator was when the window was locked.
  const [resume, setResume] = useState<Place>(START);

  useEffect(() => {
    document.title = i18n.t("app.name");
  });

  return (
    <I18nProvider locale={i18n.locale === "en" ? "en-US-u-ca-persian" : "fa-IR"}>
      {status.error && <ErrorMessage error={status.error} hook="app.error" />}
      {status.data?.stage === "unenrolled" && <EnrolScreen />}
      {status.data?.stage === "locked" && <LockScreen status={status.data} />}
      {status.data?.stage === "open" && (
        <Work status={status.data} desk={desk} start={resume} onLock={setResume} />
      )}
    </I18nProvider>
  );
}
