/** Settings: language, colours, printer and paper, lock, operators. Each is saved at once. */
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { toLatinDigits } from "../format/digits";
import { useFormat } from "../format/format";
import { useAct, useCommand } from "../host/use-host";
import type { Paper, Printer, Settings } from "../ipc/generated";
import { Button } from "../parts/button";
import { RadioField, SelectField } from "../parts/choice-field";
import { LanguageSwitch } from "../parts/language-switch";
import { ErrorMessage, Message } from "../parts/message";
import { Page } from "../parts/page";
import { PrintMessage } from "../parts/print-message";
import { Sign } from "../parts/sign";
import { TextField } from "../parts/text-field";
import { Operators } from "./operators";
import style from "./settings.module.css";

export function SettingsScreen() {
  const { i18n } = useLingui();
  const settings = useCommand("settings_get", null);
  const save = useAct("settings_set", ["session"]);
  const test = useAct("printer_test");
  const printers = useCommand("printer_list", null);
  if (settings.error) return <ErrorMessage error={settings.error} />;
  if (!settings.data) return null;
  const now = settings.data;
  // What was chosen a moment ago may not have come back yet: it must not be taken back.
  const chosen = save.isError ? now : (save.variables ?? now);
  const set = (change: Partial<Settings>) => save.mutate({ ...chosen, ...change });

  const printerOfKind = (kind: string): Printer => {
    const queue = printers.data?.find((item) => item.default) ?? printers.data?.[0];
    if (kind === "system") return { kind: "system", name: queue?.name ?? "" };
    if (kind === "network") return { kind: "network", host: "", port: 9100 };
    return { kind: "none" };
  };

  return (
    <Page
      hook="screen.settings"
      title={i18n.t("nav.settings")}
      aside={
        save.isSuccess ? (
          <span data-testid="settings.saved">
            <Sign name="check" /> {i18n.t("settings.saved")}
          </span>
        ) : null
      }
    >
      <ErrorMessage error={save.error} hook="settings.error" />
      <div className={style.columns}>
        <section className={style.box}>
          <h2>{i18n.t("settings.window")}</h2>
          <div className={style.line}>
            <span className={style.label}>{i18n.t("settings.language")}</span>
            <LanguageSwitch onChange={(language) => set({ language })} />
          </div>
          <SelectField
            frame={{ path: "settings.theme", label: i18n.t("settings.theme") }}
            value={now.theme}
            onChange={(theme) => theme && set({ theme })}
            options={[
              { value: "light", label: i18n.t("settings.theme_light") },
              { value: "dark", label: i18n.t("settings.theme_dark") },
              { value: "contrast", label: i18n.t("settings.theme_contrast") },
            ]}
          />
          <NumberSetting
            path="settings.lock_after_minutes"
            label={i18n.t("settings.lock_after")}
            unit={i18n.t("settings.minutes")}
            value={now.lock_after_minutes}
            onChange={(lock_after_minutes) => set({ lock_after_minutes })}
          />
        </section>
        <section className={style.box}>
          <h2>{i18n.t("settings.printing")}</h2>
          <SelectField
            frame={{ path: "settings.printer", label: i18n.t("settings.printer") }}
            value={now.printer.kind}
            onChange={(kind) => set({ printer: printerOfKind(kind) })}
            options={[
              { value: "none", label: i18n.t("settings.printer_none") },
              { value: "system", label: i18n.t("settings.printer_system") },
              { value: "network", label: i18n.t("settings.printer_network") },
            ]}
          />
          {now.printer.kind === "system" && (
            <SelectField
              frame={{ path: "settings.printer_name", label: i18n.t("settings.printer_name") }}
              value={now.printer.name}
              onChange={(name) => set({ printer: { kind: "system", name } })}
              options={(printers.data ?? []).map(({ name }) => ({ value: name, label: name }))}
            />
          )}
          {now.printer.kind === "network" && (
            <NetworkPrinter printer={now.printer} onChange={(printer) => set({ printer })} />
          )}
          <RadioField
            frame={{ path: "settings.paper", label: i18n.t("settings.paper") }}
            value={now.paper}
            onChange={(paper) => set({ paper: paper as Paper })}
            options={[
              { value: "a5", label: i18n.t("paper.a5") },
              { value: "thermal80", label: i18n.t("paper.thermal80") },
            ]}
          />
          <div className={style.line}>
            <Button
              hook="settings.test_page"
              onClick={() => test.mutate(now)}
              disabled={test.isPending}
            >
              {i18n.t("settings.test_page")}
            </Button>
          </div>
          {test.data && <PrintMessage hook="settings.test_outcome" outcome={test.data} />}
          <ErrorMessage error={test.error} />
        </section>
        <Operators />
        <section className={style.box}>
          <h2>{i18n.t("settings.office")}</h2>
          <HubAddress url={now.hub_url} onChange={(hub_url) => set({ hub_url })} />
          <About />
        </section>
      </div>
    </Page>
  );
}

/** Typed in any digits; saved when left. */
function NumberSetting(props: {
  path: string;
  label: string;
  unit?: string;
  value: number;
  onChange(value: number): void;
}) {
  const format = useFormat();
  const shown = format.digits(props.value);
  const [typed, setTyped] = useState(shown);
  return (
    <TextField
      frame={{ path: props.path, label: props.label }}
      code
      inputMode="numeric"
      unit={props.unit}
      value={typed}
      onChange={setTyped}
      onLeave={() => {
        const number = Number(toLatinDigits(typed));
        if (!Number.isInteger(number) || number < 1 || number > 65535) setTyped(shown);
        else if (number !== props.value) props.onChange(number);
      }}
    />
  );
}

function NetworkPrinter({
  printer,
  onChange,
}: {
  printer: Printer & { kind: "network" };
  onChange(printer: Printer): void;
}) {
  const { i18n } = useLingui();
  const [host, setHost] = useState(printer.host);
  return (
    <div className={style.two}>
      <TextField
        frame={{ path: "settings.printer_host", label: i18n.t("settings.printer_host") }}
        code
        value={host}
        onChange={setHost}
        onLeave={() => host.trim() !== printer.host && onChange({ ...printer, host: host.trim() })}
      />
      <NumberSetting
        path="settings.printer_port"
        label={i18n.t("settings.printer_port")}
        value={printer.port}
        onChange={(port) => onChange({ ...printer, port })}
      />
    </div>
  );
}

function HubAddress({ url, onChange }: { url: string; onChange(url: string): void }) {
  const { i18n } = useLingui();
  const [typed, setTyped] = useState(url);
  return (
    <TextField
      frame={{
        path: "settings.hub_url",
        label: i18n.t("settings.hub_url"),
        help: i18n.t("settings.hub_help"),
        optional: true,
      }}
      code
      value={typed}
      onChange={setTyped}
      onLeave={() => {
        const address = typed.trim().replace(/\/+$/, "");
        if (address !== url) onChange(address);
      }}
    />
  );
}

function About() {
  const { i18n } = useLingui();
  const status = useCommand("app_status", null).data;
  if (!status?.office) return <Message tone="plain">{i18n.t("settings.no_office")}</Message>;
  const { office } = status;
  return (
    <dl className={style.about}>
      <dt>{i18n.t("verify.office")}</dt>
      <dd>
        {office.title}، {office.district_title}
      </dd>
      <dt>{i18n.t("settings.office_code")}</dt>
      <dd>
        <span className="code">{office.code}</span>
      </dd>
      <dt>{i18n.t("settings.device")}</dt>
      <dd>{i18n.number(office.device, { useGrouping: false })}</dd>
      <dt>{i18n.t("enrol.centre_url")}</dt>
      <dd>
        <span className="code">{office.centre_url}</span>
      </dd>
      <dt>{i18n.t("settings.version")}</dt>
      <dd>
        <span className="code">{status.version}</span>
      </dd>
    </dl>
  );
}
