import { useMutation, useQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Drift, Plan, Rehearsal } from '../../src-main/migrations/report.contract.ts'
import type { Migration, RunnerState } from '../../src-main/migrations/state.contract.ts'
import { queryClient, rpc } from '../rpc/client.ts'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { formatDuration, plural } from '../ui/format.ts'
import { State, type StateName } from '../ui/State.tsx'
import { Findings } from './Findings.tsx'

interface Props {
  migration: Migration | undefined
  migrations: readonly Migration[]
  plan: Plan | undefined
  rehearsal: Rehearsal | null | undefined
  drift: Drift | null | undefined
  live: RunnerState | undefined
  isBusy: boolean
  onCheckDrift: () => void
  onShowDrift: () => void
}

const shownFindings = 20

/** What speaks for and against applying now, the lint of the chosen file, and what is left over. */
export function SidePanel({ migration, migrations, plan, rehearsal, drift, live, isBusy, ...act }: Props) {
  const { tab } = useSearch({ strict: false })
  const file = plan?.files.find(({ version }) => version === migration?.version)
  const checks = plan ? readChecks(migrations, plan, rehearsal) : []
  const isGo = checks.every(({ name }) => name !== 'failed')
  const severe = file?.findings.filter(({ severity }) => severity !== 'info').length ?? 0
  return (
    <aside className="drawer mig__side" aria-label="Checks">
      <div className="drawer__body">
        {plan && (
          <section className="drawer__section">
            <h3 className="drawer__label">
              Before it starts
              <span className="toolbar__fill" />
              {plan.files.length > 0 && (
                <span className={`chip ${isGo ? 'chip--ok' : 'chip--failed'}`}>
                  <State name={isGo ? 'succeeded' : 'failed'} />
                  {isGo ? 'go' : 'stop'}
                </span>
              )}
            </h3>
            <ul className="checks">
              {checks.map(({ name, title, detail }) => (
                <li key={title}>
                  <State name={name} />
                  <span>
                    {title}
                    {detail && <i>{detail}</i>}
                  </span>
                </li>
              ))}
            </ul>
          </section>
        )}
        {/* In the file they stand on their lines, those of what is not saved yet among them. */}
        {tab !== 'file' && file && file.findings.length > 0 && (
          <section className="drawer__section">
            <h3 className="drawer__label">
              Lint
              <span className={`count${severe > 0 ? ' count--warning' : ''}`}>{file.findings.length}</span>
            </h3>
            <Findings findings={file.findings.slice(0, shownFindings)} />
            {file.findings.length > shownFindings && (
              <p className="t3 small">The others stand on their lines in the file.</p>
            )}
          </section>
        )}
        <InvalidIndexes />
        {live && (live.wait?.held.length ?? 0) > 0 && (
          <section className="drawer__section">
            <h3 className="drawer__label">Locks held now</h3>
            <table className="locks">
              <tbody>
                {live.wait?.held.map(({ object, mode }) => (
                  <tr key={`${object} ${mode}`}>
                    <td className="mono clip">{object}</td>
                    <td>{mode}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        )}
        <section className="drawer__section">
          <h3 className="drawer__label">
            Drift
            <span className="toolbar__fill" />
            <button type="button" className="link" disabled={isBusy} onClick={act.onCheckDrift}>
              Check
            </button>
          </h3>
          <ul className="checks">
            <Check
              name={!drift ? 'queued' : drift.differences.length === 0 ? 'succeeded' : 'warning'}
              title={
                !drift
                  ? 'Not checked in this session'
                  : drift.differences.length === 0
                    ? `The schema is what the ledger makes, ${plural(drift.objects, 'object')}`
                    : `${plural(drift.differences.length, 'object')} not as the ledger makes them`
              }
            >
              {drift && drift.differences.length > 0 && (
                <button type="button" className="link link--accent" onClick={act.onShowDrift}>
                  Show them
                </button>
              )}
            </Check>
          </ul>
        </section>
      </div>
    </aside>
  )
}

function Check({ name, title, children }: { name: StateName; title: string; children?: ReactNode }) {
  return (
    <li>
      <State name={name} />
      <span>
        {title}
        {children && <i>{children}</i>}
      </span>
    </li>
  )
}

/** What an interrupted build has left, with what removes it. */
function InvalidIndexes() {
  const found = useQuery(rpc.migrations.invalidIndexes.queryOptions())
  const drop = useMutation({
    ...rpc.migrations.dropInvalidIndex.mutationOptions(),
    onSuccess: () => queryClient.invalidateQueries(),
  })
  if (!found.data || found.data.length === 0) return null
  return (
    <section className="drawer__section">
      <h3 className="drawer__label">
        Invalid indexes
        <span className="count count--warning">{found.data.length}</span>
      </h3>
      {found.data.map(({ schema, name, table, isBuilding, sql }) => (
        <div key={`${schema}.${name}`} className="lint">
          <p className="lint__head">
            <State name={isBuilding ? 'running' : 'warning'} />
            <b className="mono clip">
              {schema}.{name}
            </b>
          </p>
          <p>
            {isBuilding
              ? `It is being built on ${table}.`
              : `An interrupted build left it on ${table}: it slows writes and answers no query.`}
          </p>
          <p className="mono small t2">{sql}</p>
          {!isBuilding && (
            <button
              type="button"
              className="link link--accent"
              disabled={drop.isPending}
              onClick={() => drop.mutate({ schema, name })}
            >
              Drop it
            </button>
          )}
        </div>
      ))}
      {drop.error && <ErrorNotice error={drop.error} />}
    </section>
  )
}

interface CheckLine {
  name: StateName
  title: string
  detail?: string | undefined
}

function readChecks(
  migrations: readonly Migration[],
  plan: Plan,
  rehearsal: Rehearsal | null | undefined,
): CheckLine[] {
  const reformatted = migrations.filter(({ state }) => state === 'reformatted')
  const applied = migrations.filter(({ appliedAt }) => appliedAt !== null)
  const errors = plan.files.flatMap(({ fileName, findings, fault }) => [
    ...(fault ? [`${fileName}: ${fault.message}`] : []),
    ...findings
      .filter(({ severity }) => severity === 'error')
      .map(({ title, line }) => `${fileName}:${line}: ${title}`),
  ])
  const lost = plan.files.flatMap(({ statements }) =>
    statements.filter(({ isIrreversible }) => isIrreversible),
  )
  const [oldest] = plan.transactions
  const holders = plan.transactions.filter(({ tables }) => tables.length > 0)
  return [
    ...plan.stops.map(
      ({ version, name, state, next }): CheckLine => ({
        name: 'failed',
        title: `${version}_${name} is ${state}`,
        detail: next,
      }),
    ),
    {
      name: 'succeeded',
      title:
        applied.length === 0
          ? 'Nothing is applied yet'
          : `Checksums of ${plural(applied.length, 'file')} compared`,
      detail:
        reformatted.length > 0 ? `${plural(reformatted.length, 'file')} differ in comments only` : undefined,
    },
    ...(plan.files.length === 0 ? [] : pendingChecks(errors, lost.length, plan, rehearsal)),
    holders.length > 0
      ? {
          name: 'warning' as const,
          title: `${plural(holders.length, 'open transaction')} on a table that is touched`,
          detail: holders
            .map((one) => `process ${one.processId} (${one.application}) on ${one.tables.join(', ')}`)
            .join('; '),
        }
      : {
          name: 'succeeded' as const,
          title: 'No open transaction on a table that is touched',
          detail: oldest ? `Oldest open elsewhere: ${formatDuration(oldest.ageSeconds * 1000)}` : undefined,
        },
  ]
}

function pendingChecks(
  errors: string[],
  lost: number,
  plan: Plan,
  rehearsal: Rehearsal | null | undefined,
): CheckLine[] {
  const rehearsed = plan.files.every(({ version }) =>
    rehearsal?.files.some((file) => file.version === version),
  )
  return [
    errors.length > 0
      ? {
          name: 'failed',
          title: `${plural(errors.length, 'error')} in the files`,
          detail: errors.slice(0, 4).join('\n'),
        }
      : { name: 'succeeded', title: 'The files can be run' },
    rehearsal && rehearsed
      ? {
          name: rehearsal.isPassed ? 'succeeded' : 'failed',
          title: `${rehearsal.isPassed ? 'Rehearsed' : 'The rehearsal failed'} in ${formatDuration(rehearsal.durationMs)}`,
          detail: `on ${rehearsal.place}`,
        }
      : { name: 'queued', title: 'Not rehearsed' },
    ...(lost > 0
      ? [{ name: 'warning' as const, title: `${plural(lost, 'statement')} cannot be undone` }]
      : []),
  ]
}
