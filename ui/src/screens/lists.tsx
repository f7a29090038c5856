/** Screens that are one list: today, to be handed over, search. */
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { useFormat } from "../format/format";
import { useCommand } from "../host/use-host";
import type { ListFilter } from "../ipc/generated";
import { Button } from "../parts/button";
import { ErrorMessage } from "../parts/message";
import { Page } from "../parts/page";
import { ApplicationList } from "./application-list";

const STEP = 50;

export function Listed({
  filter,
  query,
  empty,
}: {
  filter: ListFilter;
  query: string;
  empty: string;
}) {
  const { i18n } = useLingui();
  const [limit, setLimit] = useState(STEP);
  const list = useCommand("application_list", { filter, query, limit, offset: 0 });
  if (list.error) return <ErrorMessage error={list.error} />;
  if (!list.data) return null;
  return (
    <>
      <ApplicationList rows={list.data.rows} empty={empty} />
      {list.data.more && limit < 200 && (
        <div>
          <Button hook="app.list.more" onClick={() => setLimit(Math.min(200, limit + STEP))}>
            {i18n.t("list.more")}
          </Button>
        </div>
      )}
    </>
  );
}

export function TodayScreen() {
  const { i18n } = useLingui();
  const format = useFormat();
  return (
    <Page
      hook="screen.today"
      title={i18n.t("today.title")}
      aside={<span>{format.day(Date.now())}</span>}
    >
      <Listed filter="today" query="" empty={i18n.t("today.empty")} />
    </Page>
  );
}

export function DeliverScreen() {
  const { i18n } = useLingui();
  return (
    <Page hook="screen.deliver" title={i18n.t("deliver.title")}>
      <Listed filter="to_deliver" query="" empty={i18n.t("deliver.empty")} />
    </Page>
  );
}

export function SearchScreen({ query }: { query: string }) {
  const { i18n } = useLingui();
  return (
    <Page hook="screen.search" title={i18n.t("search.title", { query })}>
      <Listed key={query} filter="all" query={query} empty={i18n.t("search.empty")} />
    </Page>
  );
}
