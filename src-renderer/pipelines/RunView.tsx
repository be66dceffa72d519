import { IconPlayerStop, IconRepeat } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { Run } from '../../src-main/pipelines/contract.ts'
import { client, rpc } from '../rpc/client.ts'
import { useLive } from '../rpc/useLive.ts'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { formatCount, formatDuration, formatExact } from '../ui/format.ts'
import { Graph } from '../ui/Graph.tsx'
import { Loading } from '../ui/Loading.tsx'
import { State } from '../ui/State.tsx'
import { Gantt } from './Gantt.tsx'
import { RunLog } from './RunLog.tsx'
import { TaskDrawer } from './TaskDrawer.tsx'
import { markOf } from './taskState.ts'

const taskBox = { width: 176, height: 44 }

interface Props {
  runId: string
  selectedTask: string | undefined
  onRun: (runId: string) => void
}

/** One run, live: the graph of its tasks, the same as a Gantt chart, its log; a task in the drawer. */
export function RunView({ runId, selectedTask, onRun }: Props) {
  const live = useLive(`run ${runId}`, (signal) => client.pipelines.watchRun({ runId }, { signal }))
  const [task, setTask] = useState(selectedTask)
  const cancel = useMutation(rpc.pipelines.cancel.mutationOptions())
  const rerun = useMutation({
    ...rpc.pipelines.rerun.mutationOptions(),
    onSuccess: ({ runId: next }) => onRun(next),
  })
  const run = live.data
  if (!run) return live.error ? <ErrorNotice error={live.error} /> : <Loading rows={12} />
  const isOpen = run.status === 'running' || run.status === 'queued'
  const shown = run.tasks.find(({ id }) => id === task) ?? run.tasks.find(({ status }) => status === 'failed')
  const error = cancel.error ?? rerun.error

  return (
    <div className="panes" style={{ gridTemplateColumns: shown ? 'minmax(0, 1fr) 320px' : 'minmax(0, 1fr)' }}>
      <section className="run-view">
        <header className="run-view__head">
          <State name={run.status} />
          <h2 className="drawer__title">
            <span className="mono-title">{run.pipeline}</span>{' '}
            <span className="num t2">#{run.runNumber}</span>
          </h2>
          <p className="drawer__sub num">
            {run.rerunOf !== null && (
              <>
                <span className="t-accent">rerun of #{run.rerunOf}</span>
                <i className="sep" />
              </>
            )}
            {run.requestedBy}
            <i className="sep" />
            <span title={run.startedAt ? formatExact(run.startedAt) : undefined}>{describe(run)}</span>
          </p>
          <span className="toolbar__fill" />
          {isOpen && (
            <button
              type="button"
              className="btn btn--sm btn--danger"
              disabled={run.cancelRequestedAt !== null || cancel.isPending}
              onClick={() => cancel.mutate({ runId })}
            >
              <IconPlayerStop className="icon icon--14" />
              {run.cancelRequestedAt ? 'Cancelling…' : 'Cancel'}
            </button>
          )}
          {(run.status === 'failed' || run.status === 'cancelled') && (
            <button
              type="button"
              className="btn btn--sm"
              disabled={rerun.isPending}
              onClick={() => rerun.mutate({ runId })}
            >
              <IconRepeat className="icon icon--14" />
              Rerun from here
            </button>
          )}
        </header>
        {error && <ErrorNotice error={error} />}
        <Graph
          label="Task graph; the table below is its twin"
          nodes={run.tasks.map(({ id, dependsOn }) => ({ id, dependsOn }))}
          width={taskBox.width}
          height={taskBox.height}
          renderNode={(id) => {
            const node = run.tasks.find((one) => one.id === id)
            if (!node) return null
            return (
              <button
                type="button"
                className={`task task--${markOf(node) === 'succeeded' ? 'ok' : markOf(node)}${shown?.id === id ? ' is-selected' : ''}`}
                style={{ position: 'static', ...taskBox }}
                onClick={() => setTask(id)}
              >
                <span className="task__name">
                  <State name={markOf(node)} label={node.status} />
                  <span className="mono clip">{id}</span>
                </span>
                <span className="task__note num clip">{noteOf(node)}</span>
              </button>
            )
          }}
          edgeState={(from) => {
            const status = run.tasks.find(({ id }) => id === from)?.status
            return status === 'succeeded' ? 'done' : status === 'running' ? 'live' : 'waiting'
          }}
        />
        <Gantt run={run} selected={shown?.id} onSelect={setTask} />
        <RunLog runId={runId} isOpen={isOpen} tasks={run.tasks.map(({ id }) => id)} />
      </section>
      {shown && <TaskDrawer run={run} task={shown} onClose={() => setTask('')} />}
    </div>
  )
}

function describe(run: Run): string {
  if (!run.startedAt) return 'waits for a worker'
  const duration = formatDuration((run.finishedAt ?? new Date()).getTime() - run.startedAt.getTime())
  return run.finishedAt ? `${run.status} after ${duration}, ${formatCount(run.rowsOut)} rows` : duration
}

function noteOf({
  status,
  keptFrom,
  progress,
  rowsOut,
  durationMs,
  rowsRejected,
}: Run['tasks'][number]): string {
  if (keptFrom !== null) return `kept from #${keptFrom}`
  if (status === 'succeeded')
    return `${formatDuration(durationMs ?? 0)}, ${formatCount(rowsOut)} rows${rowsRejected > 0 ? `, ${formatCount(rowsRejected)} rejected` : ''}`
  if (status === 'running') return progress.note ?? 'running'
  return {
    queued: 'waits',
    ready: 'ready',
    failed: 'failed',
    cancelled: 'cancelled',
    skipped: 'skipped',
    upstream_failed: 'blocked',
  }[status]
}
