import { createTanstackQueryUtils } from '@orpc/tanstack-query'
import { QueryClient } from '@tanstack/react-query'
import { openClient } from './transport.ts'

/** Calls the backend: `client.health.get()`. */
export const client = await openClient()

/** The same calls as options of TanStack Query: `useQuery(rpc.health.get.queryOptions())`. */
export const rpc = createTanstackQueryUtils(client)

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { retry: false, staleTime: 5_000, refetchOnWindowFocus: true, networkMode: 'always' },
    mutations: { networkMode: 'always' },
  },
})
