import { IconPlayerPlay } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import type { Migration } from '../../src-main/migrations/state.contract.ts'
import { rpc } from '../rpc/client.ts'
import { useCommands } from '../shell/commands.ts'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { FilterInput } from '../ui/FilterInput.tsx'
import { formatDuration, plural } from '../ui/format.ts'
import { JobCard } from '../ui/JobCard.tsx'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { State, type StateName } from '../ui/State.tsx'
import { useJobs } from '../ui/useJobs.ts'
import { ViewHeader } from '../ui/ViewHeader.tsx'
import { MigrationDetail } from './MigrationDetail.tsx'
import './migrations.css'

const marks: Record<Migration['state'], StateName> = {
  pending: 'queued',
  applied: 'succeeded',
  reformatted: 'succeeded',
  edited: 'failed',
  missing: 'failed',
  'out of order': 'warning',
  changed: 'queued',
  failed: 'failed',
  partial: 'warning',
}

/** Every migration, its plan before it runs, and running what is pending. */
export function MigrationsView() {
  const status = useQuery(rpc.migrations.status.queryOptions())
  const plan = useQuery(rpc.migrations.plan.queryOptions())
  const apply = useMutation(rpc.migrations.apply.mutationOptions())
  const { version } = useSearch({ strict: false })
  const navigate = useNavigate()
  const [filter, setFilter] = useState('')
  const job = useJobs().find(({ title }) => title === 'Apply migrations')
  const isApplying = job?.status === 'running'
  const pending = status.data?.pending ?? 0
  const run = () => apply.mutate({})
  useCommands(pending > 0 ? [{ label: 'Apply pending migrations', run }] : [], `migrations ${pending}`)

  return (
    <>
      <ViewHeader
        title="Migrations"
        state={
          status.data && (
            <>
              <StateLine migrations={status.data.migrations} />
              {(plan.data?.transactions.length ?? 0) > 0 && (
                <span className="t-warn">
                  <State name="warning" />
                  {plural(plan.data?.transactions.length ?? 0, 'open transaction')} in the way
                </span>
              )}
            </>
          )
        }
        actions={
          <button
            type="button"
            className="btn btn--primary"
            disabled={pending === 0 || isApplying}
            onClick={run}
          >
            <IconPlayerPlay className="icon" />
            {isApplying ? 'Applying…' : pending > 0 ? `Apply ${pending}` : 'Nothing pending'}
          </button>
        }
      />
      <QueryPanel query={status}>
        {({ migrations }) => {
          const shown = migrations.filter(({ version: number, name }) =>
            `${number}_${name}`.toLowerCase().includes(filter.toLowerCase()),
          )
          const selected =
            migrations.find((one) => one.version === version) ??
            migrations.find(({ state }) => state !== 'applied') ??
            migrations[0]
          return (
            <div className="view-body mig" style={{ gridTemplateColumns: '316px minmax(0, 1fr)' }}>
              <section className="mig__list" aria-label="Migrations">
                <div className="toolbar">
                  <FilterInput label="Filter by name" value={filter} onChange={setFilter} />
                </div>
                <div className="scroll">
                  <Group
                    title="Pending"
                    items={shown.filter(({ appliedAt }) => !appliedAt)}
                    selected={selected}
                  />
                  <Group
                    title="Applied"
                    items={shown.filter(({ appliedAt }) => appliedAt)}
                    selected={selected}
                  />
                </div>
                <dl className="facts mig__ledger" style={{ marginTop: 'auto' }}>
                  <dt>Ledger</dt>
                  <dd className="mono">public.schema_migrations</dd>
                  <dt>Folder</dt>
                  <dd className="mono">migrations/</dd>
                </dl>
              </section>
              <section className="mig__detail">
                {apply.error && <ErrorNotice error={apply.error} />}
                {job && (isApplying || job.status === 'failed') && (
                  <div style={{ padding: '8px 16px' }}>
                    <JobCard job={job} />
                  </div>
                )}
                {selected && (
                  <MigrationDetail
                    migration={selected}
                    plan={plan.data?.files.find((file) => file.version === selected.version)?.statements}
                  />
                )}
              </section>
            </div>
          )
        }}
      </QueryPanel>
    </>
  )

  function Group({
    title,
    items,
    selected,
  }: {
    title: string
    items: Migration[]
    selected: Migration | undefined
  }) {
    if (items.length === 0) return null
    return (
      <>
        <p className="mig__group">
          {title}
          <span className="num">{items.length}</span>
        </p>
        {items.map((item) => (
          <button
            key={item.version}
            type="button"
            className={`mig__item${item === selected ? ' is-selected' : ''}`}
            style={{ width: '100%', cursor: 'pointer' }}
            aria-current={item === selected}
            onClick={() => void navigate({ to: '/migrations', search: { version: item.version } })}
          >
            <State name={marks[item.state]} label={item.state} />
            <span className="grow">
              <span className="mono clip mig__name" style={{ display: 'block' }}>
                {item.version}_{item.name}
              </span>
              <span className="mig__desc">
                {item.appliedAt ? (
                  <>
                    {item.state === 'applied' ? 'applied' : item.state} <RelativeTime time={item.appliedAt} />
                  </>
                ) : (
                  item.state
                )}
              </span>
            </span>
            <span className="num mig__time">
              {item.durationMs !== null && formatDuration(item.durationMs)}
            </span>
          </button>
        ))}
      </>
    )
  }
}

function StateLine({ migrations }: { migrations: Migration[] }) {
  const count = (...states: Migration['state'][]) =>
    migrations.filter(({ state }) => states.includes(state)).length
  const broken = count('edited', 'missing')
  return (
    <>
      {broken > 0 && (
        <span className="t-fail">
          <State name="failed" />
          {broken} edited or missing
        </span>
      )}
      {count('pending', 'out of order') > 0 && (
        <span>
          <State name="queued" />
          {count('pending', 'out of order')} pending
        </span>
      )}
      <span>
        <State name="succeeded" />
        {count('applied', 'reformatted')} applied
      </span>
    </>
  )
}
