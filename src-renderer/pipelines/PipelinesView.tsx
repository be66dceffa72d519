import { IconDatabaseImport, IconPlayerPlay } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import type { RunSummary } from '../../src-main/pipelines/contract.ts'
import { client, rpc } from '../rpc/client.ts'
import { useLive } from '../rpc/useLive.ts'
import { useCommands } from '../shell/commands.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { FilterInput } from '../ui/FilterInput.tsx'
import { formatCount, formatDuration, formatTime } from '../ui/format.ts'
import { JobCard } from '../ui/JobCard.tsx'
import { Loading } from '../ui/Loading.tsx'
import { State } from '../ui/State.tsx'
import { useJobs } from '../ui/useJobs.ts'
import { ViewHeader } from '../ui/ViewHeader.tsx'
import { RunView } from './RunView.tsx'
import { TriggerDialog } from './TriggerDialog.tsx'
import './pipelines.css'

/** Runs of every pipeline, live; one of them as a graph with its log; starting a new one. */
export function PipelinesView() {
  const search = useSearch({ strict: false })
  const navigate = useNavigate()
  const [filter, setFilter] = useState('')
  const runs = useLive('runs', (signal) => client.pipelines.watchRuns({ limit: 200 }, { signal }))
  const pipelines = useQuery(rpc.pipelines.list.queryOptions())
  const samples = useMutation(rpc.pipelines.loadSamples.mutationOptions())
  const sampleJob = useJobs().find(({ title }) => title === 'Load sample data')
  const trigger = (name?: string) =>
    void navigate({ to: '/pipelines', search: { run: search.run, trigger: name ?? 'yes' } })
  const show = (run: string | undefined) => void navigate({ to: '/pipelines', search: { run } })
  const all = runs.data ?? []
  const isOpen = ({ status }: RunSummary) => status === 'running' || status === 'queued'
  const shown = all.filter(({ pipeline, runNumber }) => `${pipeline} #${runNumber}`.includes(filter))
  const selected = all.find(({ runId }) => runId === search.run) ?? shown[0]
  const failed = all.filter(({ status }) => status === 'failed').length
  useCommands(
    (pipelines.data ?? []).map(({ name }) => ({ label: `Trigger ${name}`, run: () => trigger(name) })),
    `pipelines ${pipelines.data?.length}`,
  )

  return (
    <>
      <ViewHeader
        title="Pipelines"
        state={
          runs.data && (
            <>
              {failed > 0 && (
                <span className="t-fail">
                  <State name="failed" />
                  {failed} of {all.length} failed
                </span>
              )}
              {all.some(isOpen) && (
                <span>
                  <State name="running" />
                  {all.filter(isOpen).length} running
                </span>
              )}
              <span>
                <State name="succeeded" />
                {all.filter(({ status }) => status === 'succeeded').length} succeeded
              </span>
            </>
          )
        }
        actions={
          <button type="button" className="btn btn--primary" onClick={() => trigger()}>
            <IconPlayerPlay className="icon" />
            Trigger pipeline
          </button>
        }
      />
      {!runs.data && runs.error !== undefined ? (
        <ErrorNotice error={runs.error} />
      ) : !runs.data ? (
        <Loading rows={12} />
      ) : all.length === 0 ? (
        <div className="view-body column">
          <EmptyState
            icon={<IconDatabaseImport className="icon icon--18" />}
            title="Nothing has run yet"
            actions={
              <>
                <button
                  type="button"
                  className="btn btn--primary"
                  disabled={samples.isPending}
                  onClick={() => samples.mutate(undefined)}
                >
                  Load sample data
                </button>
                <button type="button" className="btn btn--ghost" onClick={() => trigger()}>
                  Trigger one pipeline
                </button>
              </>
            }
          >
            {pipelines.data?.length ?? 0} pipelines are defined. The sample data runs each of them once: it
            lands files, validates their records and publishes what is valid.
          </EmptyState>
          {samples.error && <ErrorNotice error={samples.error} />}
          {sampleJob && <JobCard job={sampleJob} />}
        </div>
      ) : (
        <div className="view-body pipe-view" style={{ gridTemplateColumns: '252px minmax(0, 1fr)' }}>
          <section className="runs-list column" aria-label="Runs">
            <div className="toolbar">
              <FilterInput label="Filter runs" value={filter} onChange={setFilter} />
            </div>
            <div className="scroll">
              <Group title="Running" runs={shown.filter(isOpen)} />
              <Group title="Finished" runs={shown.filter((run) => !isOpen(run))} />
            </div>
          </section>
          {selected && (
            <RunView key={selected.runId} runId={selected.runId} selectedTask={search.task} onRun={show} />
          )}
        </div>
      )}
      {search.trigger && pipelines.data && (
        <TriggerDialog
          pipelines={pipelines.data}
          initial={
            pipelines.data.find(({ name }) => name === search.trigger)?.name ?? pipelines.data[0]?.name ?? ''
          }
          onClose={() => show(search.run)}
          onStarted={show}
        />
      )}
    </>
  )

  function Group({ title, runs: list }: { title: string; runs: RunSummary[] }) {
    if (list.length === 0) return null
    return (
      <>
        <h2 className="runs-list__group">
          {title}
          <span className="num">{list.length}</span>
        </h2>
        {list.map((run) => (
          <button
            key={run.runId}
            type="button"
            className={`run${run.runId === selected?.runId ? ' is-selected' : ''}`}
            style={{ width: '100%' }}
            aria-current={run.runId === selected?.runId}
            onClick={() => show(run.runId)}
          >
            <State name={run.status} />
            <span className="grow">
              <span className="run__name">
                <span className="mono clip">{run.pipeline}</span>
                <span className="num t3 small">#{run.runNumber}</span>
              </span>
              <span className="run__meta num">
                <span>{formatTime(run.createdAt).slice(12, 17)}</span>
                {run.startedAt && (
                  <span>
                    {formatDuration((run.finishedAt ?? new Date()).getTime() - run.startedAt.getTime())}
                  </span>
                )}
                <span className={`clip run__note${run.status === 'failed' ? ' t-fail' : ''}`}>
                  {run.failedTask ??
                    (isOpen(run)
                      ? `${run.tasksDone} of ${run.tasks} tasks`
                      : `${formatCount(run.rowsOut)} rows`)}
                </span>
              </span>
            </span>
          </button>
        ))}
      </>
    )
  }
}
