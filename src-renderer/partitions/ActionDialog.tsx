import { IconLock } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import type { Action, Plan } from '../../src-main/partitions/action.contract.ts'
import { rpc } from '../rpc/client.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { plural } from '../ui/format.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { SqlBlock } from '../ui/SqlBlock.tsx'
import { State } from '../ui/State.tsx'

interface Props {
  /** Undefined while the user has not said enough. */
  action: Action | undefined
  title: string
  /** What else the user may take; called in place of this action. */
  onInstead?: { label: string; run: () => void } | undefined
  onClose: () => void
  /** Called with the job that was started and what takes it back. */
  onStarted: (jobId: string, undo: Plan['undo']) => void
  /** What the user says of the action. */
  children?: ReactNode
}

/** An action before it runs: what it touches, its statements with their locks, what is in its way; then the button. */
export function ActionDialog({ action, title, onInstead, onClose, onStarted, children }: Props) {
  const plan = useQuery({
    ...rpc.partitions.plan.queryOptions({ input: { action: action ?? nothing } }),
    enabled: action !== undefined,
    staleTime: 0,
  })
  const environment = useQuery(rpc.environments.current.queryOptions())
  const apply = useMutation(
    rpc.partitions.apply.mutationOptions({
      onSuccess: ({ jobId }) => {
        onStarted(jobId, shown?.undo ?? null)
        onClose()
      },
    }),
  )
  const [typed, setTyped] = useState('')
  const isProduction = environment.data?.kind === 'production'
  const shown = action ? plan.data : undefined
  const mustType = isProduction && shown?.confirm ? shown.confirm : undefined
  const canRun =
    shown && !shown.refusal && !plan.isFetching && !apply.isPending && (!mustType || typed === mustType)
  return (
    <Dialog
      title={shown?.title ?? title}
      onClose={onClose}
      width={620}
      foot={
        <>
          {onInstead && (
            <button type="button" className="btn" onClick={onInstead.run}>
              {onInstead.label}
            </button>
          )}
          <span className="grow" />
          <button type="button" className="btn btn--ghost" onClick={onClose}>
            Cancel
          </button>
          <button
            type="button"
            className={shown?.isDestructive ? 'btn btn--danger' : 'btn btn--primary'}
            disabled={!canRun}
            onClick={() =>
              action &&
              apply.mutate({ action, ...(shown?.confirm && { confirm: mustType ? typed : shown.confirm }) })
            }
          >
            {shown?.button ?? 'Run'}
          </button>
        </>
      }
    >
      {isProduction && (
        <p className="confirm__where">
          <State name="warning" />
          <b>production</b>
        </p>
      )}
      {children}
      {action && (
        <QueryPanel query={plan} rows={5}>
          {(data) => <PlanShown plan={data} />}
        </QueryPanel>
      )}
      {mustType && (
        <label className="confirm__type">
          <span>
            Type <span className="mono">{mustType}</span> to go on
          </span>
          <span className="input">
            <input type="text" value={typed} onChange={(event) => setTyped(event.target.value)} />
          </span>
        </label>
      )}
      {apply.error && <ErrorNotice error={apply.error} />}
    </Dialog>
  )
}

const nothing: Action = { kind: 'analyze', table: { schema: '-', name: '-' } }

function PlanShown({ plan }: { plan: Plan }) {
  const steps = plan.transactions.flatMap((one) => one.steps)
  const locks = strongest(steps)
  return (
    <>
      {plan.facts.length > 0 && (
        <table className="blast">
          <tbody>
            {plan.facts.map(({ name, value, isWarning }) => (
              <tr key={name + value}>
                <th scope="row">{name}</th>
                <td className={isWarning ? 'blast__bad' : undefined}>
                  {isWarning && <State name="warning" />}
                  {value}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {plan.refusal && (
        <div className="notice notice--warning" role="alert">
          <State name="warning" />
          <span>
            <b>{plan.refusal.reason}</b> {plan.refusal.instead}
          </span>
        </div>
      )}
      {steps.length > 0 && (
        <details className="confirm__sql" open>
          <summary>
            SQL that will run
            <span className="t3">
              {plural(steps.length, 'statement')} in {plural(plan.transactions.length, 'transaction')}
            </span>
          </summary>
          <div className="plan-sql">
            <SqlBlock text={sqlOf(plan)} label="SQL that will run" />
          </div>
        </details>
      )}
      {locks.length > 0 && (
        <table className="blast" aria-label="Locks">
          <tbody>
            {locks.map(({ lock, on, blocks, note }) => (
              <tr key={`${lock} ${on}`}>
                <th scope="row">
                  <IconLock className="icon icon--14" /> Lock
                </th>
                <td>
                  <b>{lock}</b>
                  <span className="t2">
                    {' '}
                    on <span className="mono">{on}</span>
                    {blocks ? `: keeps out ${blocks}` : ': others go on'}
                    {note ? `; ${note}` : ''}
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  )
}

type Step = Plan['transactions'][number]['steps'][number]

const levels = [
  'access share',
  'row exclusive',
  'share update exclusive',
  'share row exclusive',
  'access exclusive',
]

/** Of each object the strongest lock alone, the strongest first. */
function strongest(steps: Step[]): Step[] {
  const byObject = new Map<string, Step>()
  for (const step of steps) {
    if (step.lock === null || step.on === null || step.lock === 'access share') continue
    const known = byObject.get(step.on)
    if (!known || levels.indexOf(step.lock) > levels.indexOf(known.lock ?? '')) byObject.set(step.on, step)
  }
  return [...byObject.values()]
    .sort((a, b) => levels.indexOf(b.lock ?? '') - levels.indexOf(a.lock ?? ''))
    .slice(0, 4)
}

const shownTransactions = 12

function sqlOf({ transactions }: Plan): string {
  const blocks = transactions.slice(0, shownTransactions).map(({ isTransaction, steps }) => {
    const lines = steps.map(({ sql, note }) => `${note ? `-- ${note}\n` : ''}${sql};`)
    return isTransaction ? ['begin;', ...lines, 'commit;'].join('\n') : lines.join('\n')
  })
  const more = transactions.length - shownTransactions
  return blocks.join('\n\n') + (more > 0 ? `\n\n-- and ${more} transactions more of the same kind` : '')
}
