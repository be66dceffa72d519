import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { EditableTable } from '../../src-main/rowEditContract.ts'
import { rpc } from '../rpc/client.ts'
import { Dialog } from './Dialog.tsx'
import { ErrorNotice } from './ErrorNotice.tsx'
import { plural } from './format.ts'
import { Loading } from './Loading.tsx'
import { SqlBlock } from './SqlBlock.tsx'

interface Props {
  table: Pick<EditableTable, 'schema' | 'name'>
  count: number
  /** The statements, once they are known. */
  sql: string | undefined
  error: unknown
  isPending: boolean
  onApply: () => void
  onClose: () => void
}

/** Staged changes as the statements that will run, all of them or none; in production the table's name is typed first. */
export function ApplyEditsDialog({ table, count, sql, error, isPending, onApply, onClose }: Props) {
  const environment = useQuery(rpc.environments.current.queryOptions())
  const [typed, setTyped] = useState('')
  const isProduction = environment.data?.kind === 'production'
  const isConfirmed = environment.data !== undefined && (!isProduction || typed === table.name)
  return (
    <Dialog
      title={`Apply ${plural(count, 'change')} to ${table.schema}.${table.name}?`}
      width={680}
      onClose={onClose}
      foot={
        <>
          <span className="t3 small grow">All of them or none, in one transaction.</span>
          <button type="button" className="btn btn--ghost" onClick={onClose}>
            Not yet
          </button>
          <button
            type="button"
            className="btn btn--primary"
            disabled={isPending || count === 0 || !isConfirmed}
            onClick={onApply}
          >
            Apply {plural(count, 'change')}
          </button>
        </>
      }
    >
      {error ? <ErrorNotice error={error} /> : null}
      <div className="staged__sql scroll">
        {sql === undefined ? (
          !error && <Loading rows={4} />
        ) : (
          <SqlBlock text={sql} label="SQL that will run" />
        )}
      </div>
      {isProduction && (
        <label className="confirm__type">
          <span>
            This is production. Type <b className="mono">{table.name}</b> to go on.
          </span>
          <input className="input" value={typed} onChange={(event) => setTyped(event.target.value)} />
        </label>
      )}
    </Dialog>
  )
}
