/** The judge's word on what is typed: asked when a field is left, and a moment after typing. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useHost } from "../../host/use-host";
import type { ApplicationEntry, EntryCheck } from "../../ipc/generated";

const SETTLED_MS = 250;

export function useCheck(entry: ApplicationEntry): EntryCheck | undefined {
  const host = useHost();
  const [settled, setSettled] = useState(entry);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(entry), SETTLED_MS);
    return () => window.clearTimeout(timer);
  }, [entry]);
  return useQuery({
    queryKey: ["entry_check", settled],
    queryFn: () => host.call("entry_check", { entry: settled }),
    placeholderData: keepPreviousData,
    gcTime: 10_000,
  }).data;
}
