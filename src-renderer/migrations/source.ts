import { useNavigate, useSearch } from '@tanstack/react-router'
import type { Migration, Source } from '../../src-main/migrations/state.contract.ts'
import type { StateName } from '../ui/State.tsx'

/** Which folder the view shows: the platform's, or the one that the address names. */
export function useSource(): Source {
  const { folder, project } = useSearch({ strict: false })
  return { ...(folder ? { folder } : {}), ...(project ? { project } : {}) }
}

/** Changes what the view keeps in its address. */
export function useGo(): (change: Record<string, string | undefined>) => void {
  const navigate = useNavigate()
  const search = useSearch({ strict: false })
  return (change) => void navigate({ to: '/migrations', search: { ...search, ...change } })
}

/** The mark of each state. */
export const marks: Record<Migration['state'], StateName> = {
  pending: 'queued',
  applied: 'succeeded',
  reformatted: 'succeeded',
  changed: 'queued',
  edited: 'failed',
  missing: 'failed',
  failed: 'failed',
  'out of order': 'warning',
  partial: 'warning',
}

/** What is said of a state beside its mark. */
export const stateWords: Record<Migration['state'], string> = {
  pending: 'pending',
  applied: 'applied',
  reformatted: 'file differs: comments',
  changed: 'changed, runs again',
  edited: 'edited after it was applied',
  missing: 'the file is gone',
  failed: 'failed, pending',
  'out of order': 'out of order',
  partial: 'done in part',
}

export const isPending = ({ state }: Pick<Migration, 'state'>) =>
  ['pending', 'out of order', 'failed', 'changed', 'partial'].includes(state)

export const fileNameOf = ({ fileName, version, name }: Migration) => fileName ?? `${version}_${name}.sql`
