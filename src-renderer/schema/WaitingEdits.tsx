import { useQuery } from '@tanstack/react-query'
import { rpc } from '../rpc/client.ts'
import { plural } from '../ui/format.ts'
import { useCloseWarning } from '../ui/useCloseWarning.ts'
import type { OpenPlace } from './place.ts'

/** How many staged changes wait in which tables; leads to the first of them, and asks before the window closes. */
export function WaitingEdits({ open }: { open: OpenPlace }) {
  const waiting = useQuery(rpc.drafts.listEdits.queryOptions()).data ?? []
  useCloseWarning(waiting.length > 0)
  const [first] = waiting
  if (!first) return null
  const count = waiting.reduce((sum, { edits }) => sum + edits, 0)
  return (
    <button
      type="button"
      className="link t-warn"
      title={waiting.map(({ schema, name, edits }) => `${schema}.${name}: ${edits}`).join('\n')}
      onClick={() => open({ schema: first.schema, table: first.name, tab: 'data' })}
    >
      {plural(count, 'staged change')}
      {waiting.length > 1 && ` in ${waiting.length} tables`}
    </button>
  )
}
