/** Commands as queries and mutations; what changed behind the window is asked again. */
import {
  keepPreviousData,
  QueryClient,
  QueryClientProvider,
  type UseQueryResult,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect } from "react";
import type { ApplicationList, Changed, ListFilter } from "../ipc/generated";
import {
  asHostError,
  type CommandName,
  type Host,
  type HostError,
  type Reply,
  type Request,
} from "./host";

const HostContext = createContext<Host | null>(null);

const STALE: Record<Changed, CommandName[]> = {
  applications: [
    "application_list",
    "application_get",
    "work_summary",
    "draft_list",
    "sync_status",
  ],
  sync: ["sync_status", "application_list", "application_get", "work_summary", "courier_files"],
  notices: ["notice_list", "work_summary"],
  services: ["service_list"],
  session: ["app_status", "settings_get"],
};

const client = new QueryClient({
  defaultOptions: {
    queries: { retry: false, staleTime: 0, networkMode: "always", refetchOnWindowFocus: false },
    mutations: { retry: false, networkMode: "always" },
  },
});

export function HostProvider({ host, children }: { host: Host; children: ReactNode }) {
  useEffect(
    () =>
      host.onChanged((changed) => {
        for (const name of STALE[changed] ?? []) client.invalidateQueries({ queryKey: [name] });
      }),
    [host],
  );
  return (
    <HostContext.Provider value={host}>
      <QueryClientProvider client={client}>{children}</QueryClientProvider>
    </HostContext.Provider>
  );
}

export function useHost(): Host {
  const host = useContext(HostContext);
  if (!host) throw new Error("no host around this component");
  return host;
}

export function useCommand<K extends CommandName>(
  name: K,
  request: Request<K>,
  options: { enabled?: boolean; refetchInterval?: number } = {},
): UseQueryResult<Reply<K>, HostError> {
  const host = useHost();
  return useQuery<Reply<K>, HostError>({
    queryKey: [name, request],
    queryFn: () => host.call(name, request),
    ...options,
  });
}

/** Lines of one part of a list. */
const STEP = 50;

/**
 * A list that goes on: each part is asked for after the last line of the one before. While another
 * query is answered, the lines of the last one stay.
 */
export function useApplications(filter: ListFilter, query: string) {
  const host = useHost();
  return useInfiniteQuery<ApplicationList & { query: string }, HostError>({
    queryKey: ["application_list", filter, query],
    initialPageParam: null,
    queryFn: async ({ pageParam }) => {
      const after = pageParam as string | null;
      const list = await host.call("application_list", { filter, query, limit: STEP, after });
      return { ...list, query };
    },
    getNextPageParam: (last) => (last.more ? last.rows.at(-1)?.id : undefined),
    placeholderData: keepPreviousData,
  });
}

/** A command that acts. What it may have changed is asked again. */
export function useAct<K extends CommandName>(name: K, changes: Changed[] = []) {
  const host = useHost();
  const queries = useQueryClient();
  return useMutation<Reply<K>, HostError, Request<K>>({
    mutationFn: async (request) => {
      try {
        return await host.call(name, request);
      } catch (thrown) {
        throw asHostError(thrown);
      }
    },
    onSuccess: () => {
      for (const changed of changes) {
        for (const stale of STALE[changed]) queries.invalidateQueries({ queryKey: [stale] });
      }
    },
  });
}

export function useRefresh(): (changed: Changed) => void {
  const queries = useQueryClient();
  return (changed) => {
    for (const stale of STALE[changed]) queries.invalidateQueries({ queryKey: [stale] });
  };
}
