import type { Run } from '../../src-main/pipelines/contract.ts'
import { formatDuration } from '../ui/format.ts'
import { State } from '../ui/State.tsx'
import { markOf } from './taskState.ts'

interface Props {
  run: Run
  selected: string | undefined
  onSelect: (task: string) => void
}

/** When each task waited and ran. */
export function Gantt({ run, selected, onSelect }: Props) {
  const own = run.tasks.filter(({ keptFrom }) => keptFrom === null)
  const begin = Math.min(
    run.createdAt.getTime(),
    ...own.flatMap(({ startedAt }) => startedAt?.getTime() ?? []),
  )
  const end = Math.max(begin + 1, (run.finishedAt ?? new Date()).getTime())
  const at = (time: Date) => ((time.getTime() - begin) / (end - begin)) * 100
  const ticks = [0, 0.25, 0.5, 0.75].map((part) => ({ part, label: formatDuration((end - begin) * part) }))
  return (
    <div className="gantt">
      <div className="gantt__axis">
        <span className="gantt__label">Tasks</span>
        <div>
          {ticks.map(({ part, label }) => (
            <span key={part} className="num" style={{ left: `${part * 100}%` }}>
              {part === 0 ? '0' : label}
            </span>
          ))}
        </div>
        <span className="gantt__label right">Time</span>
      </div>
      <div className="gantt__rows scroll" style={{ maxHeight: 180 }}>
        {run.tasks.map((task) => (
          <button
            key={task.id}
            type="button"
            className={`gantt__row${task.id === selected ? ' is-selected' : ''}`}
            style={{ width: '100%', cursor: 'pointer' }}
            onClick={() => onSelect(task.id)}
          >
            <span className="gantt__name">
              <State name={markOf(task)} label={task.status} />
              <span className="mono clip">{task.id}</span>
            </span>
            <span className="gantt__track">
              {task.keptFrom !== null && <span className="gantt__kept">kept from #{task.keptFrom}</span>}
              {task.keptFrom === null && task.readyAt && task.startedAt && (
                <span
                  className="gantt__bar gantt__bar--wait"
                  style={{
                    left: `${at(task.readyAt)}%`,
                    width: `${Math.max(0, at(task.startedAt) - at(task.readyAt))}%`,
                  }}
                />
              )}
              {task.keptFrom === null && task.startedAt && (
                <span
                  className={`gantt__bar gantt__bar--${task.status === 'running' ? 'running' : 'ok'}`}
                  style={{
                    left: `${at(task.startedAt)}%`,
                    width: `${Math.max(0.4, at(task.finishedAt ?? new Date(end)) - at(task.startedAt))}%`,
                    ...(task.status === 'failed' && { background: 'var(--failed)' }),
                    ...(task.status === 'cancelled' && { background: 'var(--muted)' }),
                  }}
                />
              )}
            </span>
            <span className="gantt__time num">
              {task.durationMs !== null && task.keptFrom === null && formatDuration(task.durationMs)}
            </span>
          </button>
        ))}
      </div>
    </div>
  )
}
