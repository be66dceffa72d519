import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ErrorNotice } from './ErrorNotice.tsx'
import { Loading } from './Loading.tsx'

interface Props<T> {
  query: UseQueryResult<T, unknown>
  /** Rows of the skeleton. */
  rows?: number
  children: (data: T) => ReactNode
}

/** The states of a panel: loading, error, or what its children draw (empty or data). Old data stays while new loads. */
export function QueryPanel<T>({ query, rows, children }: Props<T>) {
  if (query.data !== undefined) return children(query.data)
  if (query.error) return <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
  return <Loading rows={rows} />
}
