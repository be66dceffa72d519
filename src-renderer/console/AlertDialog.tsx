import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { AlertCondition } from '../../src-main/console/alertContract.ts'
import { rpc } from '../rpc/client.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import type { HeldStatement } from './heldStatement.ts'
import { paces } from './paces.ts'

interface Props {
  sessionId: string
  statement: HeldStatement
  onClose: () => void
}

const operators = ['>', '<', '=', 'changes'] as const

/** Waits for something of a statement's result, and tells when it is so, wherever one looks by then. */
export function AlertDialog({ sessionId, statement, onClose }: Props) {
  const [condition, setCondition] = useState<AlertCondition>({ column: null, op: '>', value: '' })
  const [everyMs, setEvery] = useState(5000)
  const start = useMutation({ ...rpc.console.startAlert.mutationOptions(), onSuccess: onClose })
  const { column, op, value } = condition
  const needsValue = op !== 'changes'
  const isWhole = !needsValue || (column === null ? /^\d+$/.test(value) : value !== '')
  return (
    <Dialog title="Alert" onClose={onClose}>
      <form
        className="con__form"
        onSubmit={(event) => {
          event.preventDefault()
          // A browser asks whether it may; the window of the desktop is refused, and the app itself tells.
          if ('Notification' in window) void Notification.requestPermission()
          start.mutate({ sessionId, resultId: statement.resultId, everyMs, condition })
        }}
      >
        <div className="field">
          Tell me when
          <span className="row con__alert">
            <select
              className="input"
              aria-label="What is looked at"
              value={column ?? ''}
              onChange={({ target }) =>
                setCondition({ ...condition, column: target.value === '' ? null : Number(target.value) })
              }
            >
              <option value="">the number of rows</option>
              {statement.columns.map(({ name }, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: two columns may have one name
                <option key={at} value={at}>
                  {name || '?'} of the first row
                </option>
              ))}
            </select>
            <select
              className="input"
              aria-label="How"
              value={op}
              onChange={({ target }) =>
                setCondition({ ...condition, op: target.value as AlertCondition['op'] })
              }
            >
              {operators.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
            {needsValue && (
              <input
                type="text"
                className="input mono"
                aria-label="Value"
                value={value}
                onChange={({ target }) => setCondition({ ...condition, value: target.value })}
              />
            )}
          </span>
        </div>
        <label className="field">
          Looked at every
          <select
            className="input"
            aria-label="How often"
            value={everyMs}
            onChange={({ target }) => setEvery(Number(target.value))}
          >
            {paces.map(([label, pace]) => (
              <option key={pace} value={pace}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <p className="small t3">
          The statement runs in read-only transactions on a session of its own, as a job of the activity
          centre, until this has come true: it did not hold before, and does. Then you are told, in another
          window too.
        </p>
        {start.error && <ErrorNotice error={start.error} />}
        <p className="row con__submit">
          <span className="grow" />
          <button type="button" className="btn btn--ghost" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn btn--primary" disabled={!isWhole || start.isPending}>
            Wait for it
          </button>
        </p>
      </form>
    </Dialog>
  )
}
