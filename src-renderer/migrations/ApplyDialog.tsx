import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Plan } from '../../src-main/migrations/report.contract.ts'
import { rpc } from '../rpc/client.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { plural } from '../ui/format.ts'
import { State } from '../ui/State.tsx'

interface Props {
  plan: Plan
  onClose: () => void
  onApply: () => void
  onRehearse: () => void
}

/** Whether somebody should look before the plan runs. */
export function needsLook(plan: Plan): boolean {
  return plan.files.some(({ statements }) =>
    statements.some(
      ({ blocks, isIrreversible }) => isIrreversible || blocks === 'reads and writes' || blocks === 'writes',
    ),
  )
}

/** What applying would do to others and for ever; in production the environment's name is typed. */
export function ApplyDialog({ plan, onClose, onApply, onRehearse }: Props) {
  const { data: environment } = useQuery(rpc.environments.current.queryOptions())
  const [typed, setTyped] = useState('')
  const isProduction = environment?.kind === 'production'
  const statements = plan.files.flatMap((file) =>
    file.statements.map((one) => ({ ...one, fileName: file.fileName })),
  )
  const blocking = statements.filter(({ blocks }) => blocks === 'reads and writes' || blocks === 'writes')
  const lost = statements.filter(({ isIrreversible }) => isIrreversible)
  return (
    <Dialog
      title={`Apply ${plural(plan.files.length, 'migration')} to ${environment?.name ?? ''}`}
      onClose={onClose}
      width={620}
      foot={
        <>
          <span className="grow mono t3 small clip">atlas-desktop migrate apply</span>
          <button type="button" className="btn btn--ghost" onClick={onClose}>
            Cancel
          </button>
          <button type="button" className="btn" onClick={onRehearse}>
            Rehearse first
          </button>
          <button
            type="button"
            className="btn btn--primary"
            disabled={isProduction && typed !== environment?.name}
            onClick={onApply}
          >
            Apply {plan.files.length}
          </button>
        </>
      }
    >
      <p className="t2">
        {plural(statements.length, 'statement')}; each file and its row of the ledger are one transaction.
      </p>
      <List
        title={`Others wait for ${plural(blocking.length, 'statement')}`}
        rows={blocking.map(({ summary, blocks }) => [summary, `${blocks} wait`])}
      />
      <List
        title={`${plural(lost.length, 'statement')} cannot be undone`}
        rows={lost.map(({ summary, fileName }) => [summary, fileName])}
      />
      {isProduction && (
        <label className="field confirm__type">
          <span>
            Type <b className="mono">{environment.name}</b> to go on
          </span>
          <input
            className="input mono"
            aria-label="Name of the environment"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        </label>
      )}
    </Dialog>
  )
}

function List({ title, rows }: { title: string; rows: [string, string][] }) {
  if (rows.length === 0) return null
  return (
    <div>
      <p className="cell">
        <State name="warning" />
        <b>{title}</b>
      </p>
      <table className="locks" style={{ width: '100%', tableLayout: 'fixed' }}>
        <tbody>
          {rows.slice(0, 12).map(([name, words]) => (
            <tr key={name}>
              <td className="mono clip">{name}</td>
              <td style={{ width: 160 }}>{words}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > 12 && <p className="t3 small">and {rows.length - 12} more, in the plan</p>}
    </div>
  )
}
