/** Screens that are one list: today, to be handed over, search. */
import { useLingui } from "@lingui/react";
import { useEffect, useRef } from "react";
import { useFormat } from "../format/format";
import { useApplications } from "../host/use-host";
import type { ListFilter } from "../ipc/generated";
import { Button } from "../parts/button";
import { ErrorMessage } from "../parts/message";
import { Page } from "../parts/page";
import { ApplicationList, focusFirstLine } from "./application-list";

export function Listed({
  filter,
  query,
  empty,
  entered,
}: {
  filter: ListFilter;
  query: string;
  empty: string;
  /** When the operator pressed Enter behind the query: the lines are to take the focus. */
  entered?: number;
}) {
  const { i18n } = useLingui();
  const list = useApplications(filter, query);
  const area = useRef<HTMLDivElement>(null);
  const end = useRef<HTMLDivElement>(null);
  const { hasNextPage, isFetching, fetchNextPage } = list;
  const answered = list.data?.pages[0]?.query;

  // biome-ignore lint/correctness/useExhaustiveDependencies: once the lines of a query are there
  useEffect(() => focusFirstLine(area.current), [answered, entered]);

  // The next part comes before its place is in sight.
  useEffect(() => {
    const mark = end.current;
    if (!mark || !hasNextPage || isFetching) return;
    const near = new IntersectionObserver(
      (seen) => seen.some((one) => one.isIntersecting) && void fetchNextPage(),
      { rootMargin: "600px" },
    );
    near.observe(mark);
    return () => near.disconnect();
  }, [hasNextPage, isFetching, fetchNextPage]);

  if (list.error) return <ErrorMessage error={list.error} />;
  if (!list.data) return null;
  return (
    <div ref={area} data-testid="search.found" data-query={answered}>
      <ApplicationList rows={list.data.pages.flatMap(({ rows }) => rows)} empty={empty} />
      {hasNextPage && (
        <div ref={end}>
          <Button hook="app.list.more" onClick={() => void fetchNextPage()}>
            {i18n.t("list.more")}
          </Button>
        </div>
      )}
    </div>
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

export function SearchScreen({ query, entered }: { query: string; entered?: number }) {
  const { i18n } = useLingui();
  return (
    <Page hook="screen.search" title={i18n.t("search.title", { query })}>
      <Listed filter="all" query={query} empty={i18n.t("search.empty")} entered={entered} />
    </Page>
  );
}
