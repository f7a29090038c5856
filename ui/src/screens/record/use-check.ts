/** The judge's word on what is typed: asked when a field is left, and a moment after typing. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { valueAt } from "../../entry/entry";
import type { Host } from "../../host/host";
import { useHost } from "../../host/use-host";
import type { ApplicationEntry, EntryCheck, ServiceChoice } from "../../ipc/generated";

const SETTLED_MS = 250;

/**
 * Until a service is chosen, the applicant is judged by any card; whether the service takes such an
 * applicant is left for when it is known.
 */
export async function checkEntry(
  host: Host,
  entry: ApplicationEntry,
  services: ServiceChoice[],
): Promise<EntryCheck> {
  const any = services[0];
  if (entry.service || !any) return host.call("entry_check", { entry });
  const under = { ...entry, service: any.card.code, card_version: any.version };
  const { errors } = await host.call("entry_check", { entry: under });
  return {
    errors: [
      ...errors.filter(
        ({ field, code }) => field.startsWith("applicant.") && !code.endsWith("not_accepted"),
      ),
      { field: "service", code: "field.required", params: {} },
    ],
    due_on: null,
    documents_asked: [],
    fields_asked: [],
    computed: {},
    duplicates: [],
  };
}

/** A word, and what it was said of: typing goes on while the judge thinks. */
export type Judged = EntryCheck & { of: ApplicationEntry };

/** Is what stands at a path still what was judged? */
export function stillSo(judged: Judged, entry: ApplicationEntry, path: string): boolean {
  if (path.startsWith("documents.")) return judged.of.documents === entry.documents;
  return valueAt(judged.of, path) === valueAt(entry, path);
}

export function useCheck(entry: ApplicationEntry, services: ServiceChoice[]): Judged | undefined {
  const host = useHost();
  const [settled, setSettled] = useState(entry);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(entry), SETTLED_MS);
    return () => window.clearTimeout(timer);
  }, [entry]);
  return useQuery({
    queryKey: ["entry_check", settled],
    queryFn: async (): Promise<Judged> => ({
      ...(await checkEntry(host, settled, services)),
      of: settled,
    }),
    placeholderData: keepPreviousData,
    // What was judged is compared with what stands there by identity.
    structuralSharing: false,
    gcTime: 10_000,
  }).data;
}
