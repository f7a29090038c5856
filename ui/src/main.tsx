import "./styles/tokens.css";
import "./styles/base.css";
import { I18nProvider as Catalogues } from "@lingui/react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { chooseHost } from "./host/choose";
import { HostProvider } from "./host/use-host";
import { activateLanguage, i18n, keptLanguage } from "./i18n/i18n";

const root = document.getElementById("root");
if (root) {
  activateLanguage(keptLanguage() ?? "fa");
  const host = await chooseHost();
  createRoot(root).render(
    <HostProvider host={host}>
      <Catalogues i18n={i18n}>
        <App host={host} />
      </Catalogues>
    </HostProvider>,
  );
}
