/** My work (F4): lists that are work, and drafts. An empty list says so kindly. */
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { useFormat } from "../format/format";
import { CourierHint } from "../frame/courier-hint";
import { useNavigation } from "../frame/place";
import { useAct, useCommand } from "../host/use-host";
import type { Draft, ListFilter, WorkSummary } from "../ipc/generated";
import { Button } from "../parts/button";
import { Page } from "../parts/page";
import { moveFocus } from "./application-list";
import listStyle from "./application-list.module.css";
import { Listed } from "./lists";
import style from "./mine.module.css";

type Tab = "returned" | "to_deliver" | "late" | "to_print" | "parked" | "drafts";

const TABS: { name: Tab; title: { id: string }; empty: { id: string } }[] = [
  {
    name: "returned",
    title: /*i18n*/ { id: "mine.returned" },
    empty: /*i18n*/ { id: "mine.returned_empty" },
  },
  {
    name: "to_deliver",
    title: /*i18n*/ { id: "mine.to_deliver" },
    empty: /*i18n*/ { id: "mine.to_deliver_empty" },
  },
  { name: "late", title: /*i18n*/ { id: "mine.late" }, empty: /*i18n*/ { id: "mine.late_empty" } },
  {
    name: "to_print",
    title: /*i18n*/ { id: "mine.to_print" },
    empty: /*i18n*/ { id: "mine.to_print_empty" },
  },
  {
    name: "parked",
    title: /*i18n*/ { id: "mine.parked" },
    empty: /*i18n*/ { id: "mine.parked_empty" },
  },
  {
    name: "drafts",
    title: /*i18n*/ { id: "mine.drafts" },
    empty: /*i18n*/ { id: "mine.drafts_empty" },
  },
];

export function MineScreen() {
  const { i18n } = useLingui();
  const summary = useCommand("work_summary", null).data;
  const status = useCommand("sync_status", null).data;
  const [chosen, setChosen] = useState<Tab>();
  if (!summary) return null;
  const count = (tab: Tab) => summary[tab as keyof WorkSummary];
  const tab = chosen ?? TABS.find(({ name }) => count(name) > 0)?.name ?? "returned";
  const shown = TABS.find(({ name }) => name === tab);
  return (
    <Page hook="screen.mine" title={i18n.t("nav.mine")}>
      {status && <CourierHint status={status} />}
      <div role="tablist" aria-label={i18n.t("nav.mine")} className={style.tabs}>
        {TABS.map(({ name, title }) => (
          <button
            type="button"
            role="tab"
            key={name}
            aria-selected={tab === name}
            data-testid={`mine.${name}`}
            data-count={count(name)}
            className={style.tab}
            onClick={() => setChosen(name)}
          >
            {i18n._(title)}
            <span className={count(name) ? style.count : style.none}>
              {i18n.number(count(name))}
            </span>
          </button>
        ))}
      </div>
      <div role="tabpanel" aria-label={shown && i18n._(shown.title)}>
        {tab === "drafts" ? (
          <Drafts empty={i18n.t("mine.drafts_empty")} />
        ) : (
          <Listed
            key={tab}
            filter={tab as ListFilter}
            query=""
            empty={shown ? i18n._(shown.empty) : ""}
          />
        )}
      </div>
    </Page>
  );
}

function Drafts({ empty }: { empty: string }) {
  const drafts = useCommand("draft_list", null).data;
  if (!drafts) return null;
  if (drafts.length === 0) {
    return (
      <p className={listStyle.empty} data-testid="app.list.empty">
        {empty}
      </p>
    );
  }
  return (
    <ul className={listStyle.list} onKeyDown={moveFocus}>
      {drafts.map((draft) => (
        <DraftLine key={draft.id} draft={draft} />
      ))}
    </ul>
  );
}

function DraftLine({ draft }: { draft: Draft }) {
  const { i18n } = useLingui();
  const format = useFormat();
  const { go, desk } = useNavigation();
  const [asked, setAsked] = useState(false);
  const services = useCommand("service_list", null).data;
  const discard = useAct("draft_discard", ["applications"]);
  const { applicant, service } = draft.entry;
  const name = `${applicant.first_name} ${applicant.last_name}`.trim() || i18n.t("mine.no_name");
  const card = services?.find((choice) => choice.card.code === service)?.card;
  return (
    <li className={style.draft}>
      <button
        type="button"
        data-line
        data-testid={`draft.${draft.id}`}
        className={style.open}
        onClick={() => go({ name: "record", draft: draft.id })}
      >
        <strong>
          <bdi>{name}</bdi>
        </strong>
        <span>{card ? format.pick(card.title) : i18n.t("mine.no_service")}</span>
        <span className={style.soft}>
          {i18n.t("mine.saved_by", {
            name: draft.operator_name,
            time: format.moment(draft.saved_at),
          })}
        </span>
      </button>
      {asked ? (
        <Button
          hook={`draft.${draft.id}.discard_confirm`}
          kind="danger"
          onClick={() => {
            if (desk.snapshot().draft === draft.id) desk.clear();
            discard.mutate({ id: draft.id });
          }}
        >
          {i18n.t("mine.discard_confirm")}
        </Button>
      ) : (
        <Button hook={`draft.${draft.id}.discard`} kind="quiet" onClick={() => setAsked(true)}>
          {i18n.t("mine.discard")}
        </Button>
      )}
    </li>
  );
}
