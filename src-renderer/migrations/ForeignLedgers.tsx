import { useMutation } from '@tanstack/react-query'
import type { ForeignLedger } from '../../src-main/migrations/state.contract.ts'
import { queryClient, rpc } from '../rpc/client.ts'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { plural } from '../ui/format.ts'
import { State } from '../ui/State.tsx'
import { useSource } from './source.ts'

/** Ledgers of other tools in this database, to be taken over. */
export function ForeignLedgers({ ledgers }: { ledgers: readonly ForeignLedger[] }) {
  const source = useSource()
  const take = useMutation({
    ...rpc.migrations.importLedger.mutationOptions(),
    onSuccess: () => queryClient.invalidateQueries(),
  })
  return (
    <>
      {ledgers.map(({ tool, schema, table }) => (
        <p key={tool} className="notice mig__why">
          <State name="warning" />
          <span className="grow">
            {tool} keeps a ledger in{' '}
            <span className="mono">
              {schema}.{table}
            </span>
            . Taking it over records what it has applied; nothing is run.
          </span>
          <button
            type="button"
            className="btn"
            disabled={take.isPending}
            onClick={() => take.mutate({ ...source, tool })}
          >
            Take over
          </button>
        </p>
      ))}
      {take.error && <ErrorNotice error={take.error} />}
      {take.data && (
        <div className="notice mig__why" role="status">
          <State name={take.data.warnings.length > 0 ? 'warning' : 'succeeded'} />
          <span>
            {plural(take.data.recorded, 'file')} recorded. {take.data.warnings.join(' ')}
          </span>
        </div>
      )}
    </>
  )
}
