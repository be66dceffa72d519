import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Prepared } from '../../src-main/activity/contract.ts'
import { queryClient, rpc } from '../rpc/client.ts'
import { formatDuration, plural } from '../ui/format.ts'
import { State } from '../ui/State.tsx'
import { StatementDialog } from '../ui/StatementDialog.tsx'
import { toneOf } from './thresholds.ts'

type Outcome = 'commit' | 'rollback'

/** Transactions that nobody is connected to any more and that hold their locks until somebody decides. */
export function PreparedList({ prepared }: { prepared: Prepared[] }) {
  const [act, setAct] = useState<{ one: Prepared; outcome: Outcome }>()
  if (prepared.length === 0) return null
  return (
    <section className="locks" aria-label="Prepared transactions">
      <h2 className="section-head">Prepared transactions</h2>
      {prepared.map((one) => (
        <div key={`${one.name} ${one.transaction}`} className="locks__line locks__line--still">
          <State name={toneOf(one.ageMs) ? 'warning' : 'queued'} label="prepared" />
          <b className="mono clip" title={one.name}>
            {one.name}
          </b>
          <span className="t2">
            {one.owner} in {one.database}
          </span>
          <span className={`num ${toneOf(one.ageMs) ?? 't2'}`}>
            {formatDuration(Math.max(0, one.ageMs))} old
          </span>
          <span
            className="t2"
            title="Transactions that began since it did. Vacuum removes no row that went in that time."
          >
            {plural(one.transactionsSince, 'transaction')} since
          </span>
          <span className="mono t3 clip grow" title={one.locks.join('\n')}>
            {one.locks.join(', ')}
          </span>
          {(['commit', 'rollback'] as const).map((outcome) => (
            <button
              key={outcome}
              type="button"
              className={`btn btn--sm ${outcome === 'rollback' ? 'btn--danger' : ''}`}
              disabled={!one.isFinishable}
              title={
                one.isFinishable
                  ? undefined
                  : `Only ${one.owner} or a superuser finishes it, connected to ${one.database}.`
              }
              onClick={() => setAct({ one, outcome })}
            >
              {outcome === 'commit' ? 'Commit…' : 'Roll back…'}
            </button>
          ))}
        </div>
      ))}
      {act && <FinishDialog {...act} onClose={() => setAct(undefined)} />}
    </section>
  )
}

function FinishDialog({
  one: { name, transaction, ageMs, locks },
  outcome,
  onClose,
}: {
  one: Prepared
  outcome: Outcome
  onClose: () => void
}) {
  const preview = useQuery(rpc.activity.previewFinish.queryOptions({ input: { name, outcome } }))
  const finish = useMutation(
    rpc.activity.finishPrepared.mutationOptions({
      onSuccess: () => {
        void queryClient.invalidateQueries({ queryKey: rpc.activity.key() })
        onClose()
      },
    }),
  )
  return (
    <StatementDialog
      title={outcome === 'commit' ? 'Commit a prepared transaction' : 'Roll a prepared transaction back'}
      sql={preview.data?.sql}
      error={finish.error ?? preview.error}
      confirm={name}
      action={outcome === 'commit' ? 'Commit it' : 'Roll it back'}
      isDangerous
      canApply={!finish.isPending}
      onApply={() => finish.mutate({ name, transaction, outcome })}
      onClose={onClose}
    >
      <p>
        <b className="mono">{name}</b> was prepared {formatDuration(Math.max(0, ageMs))} ago, as one part of a
        commit on several databases.{' '}
        {outcome === 'commit' ? 'What it wrote becomes visible for good' : 'What it wrote is lost for good'},
        whatever the other parts did: ask its transaction manager for their outcome first. Its{' '}
        {plural(locks.length, 'lock')} on tables of this database {locks.length === 1 ? 'is' : 'are'} let go.
      </p>
    </StatementDialog>
  )
}
