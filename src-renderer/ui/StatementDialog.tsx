import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { rpc } from '../rpc/client.ts'
import { Dialog } from './Dialog.tsx'
import { ErrorNotice } from './ErrorNotice.tsx'
import { Loading } from './Loading.tsx'
import { SqlBlock } from './SqlBlock.tsx'

interface Props {
  title: string
  width?: number
  /** What is decided, and what comes of it. */
  children?: ReactNode
  /** What will run, once it is known. */
  sql: string | undefined
  /** Stands where the statement will, while there is none to wait for. */
  unwritten?: ReactNode
  error: unknown
  /** What became of it, where the dialog stays open. */
  outcome?: ReactNode
  /** Typed first in production; left out where nothing needs it. */
  confirm?: string
  note?: ReactNode
  back?: string
  action: string
  isDangerous?: boolean
  canApply: boolean
  onApply: () => void
  onClose: () => void
}

/** A change with the SQL that will run, which is read before it is applied; in production a name is typed first. */
export function StatementDialog({
  title,
  width,
  children,
  sql,
  unwritten,
  error,
  outcome,
  confirm,
  note,
  back = 'Back',
  action,
  isDangerous = false,
  canApply,
  onApply,
  onClose,
}: Props) {
  const environment = useQuery(rpc.environments.current.queryOptions())
  const [typed, setTyped] = useState('')
  const isProduction = environment.data?.kind === 'production'
  const isConfirmed =
    confirm === undefined || (environment.data !== undefined && (!isProduction || typed === confirm))
  return (
    <Dialog
      title={title}
      width={width}
      onClose={onClose}
      foot={
        <>
          <span className="t3 small grow">{note}</span>
          <button type="button" className="btn" onClick={onClose}>
            {back}
          </button>
          <button
            type="button"
            className={isDangerous ? 'btn btn--danger-solid' : 'btn btn--primary'}
            disabled={sql === undefined || !isConfirmed || !canApply}
            onClick={onApply}
          >
            {action}
          </button>
        </>
      }
    >
      {children}
      {sql === undefined ? (
        (unwritten ?? (!error && <Loading rows={1} />))
      ) : (
        <div className="confirm__statement scroll">
          <SqlBlock text={sql} label="SQL that will run" />
        </div>
      )}
      {confirm !== undefined && isProduction && (
        <label className="confirm__type">
          <span>
            This is production. Type <b className="mono">{confirm}</b> to go on.
          </span>
          <input className="input" value={typed} onChange={(event) => setTyped(event.target.value)} />
        </label>
      )}
      {error ? <ErrorNotice error={error} /> : null}
      {outcome}
    </Dialog>
  )
}
