import { useQuery } from '@tanstack/react-query'
import type { Run, TaskRun } from '../../src-main/pipelines/contract.ts'
import { rpc } from '../rpc/client.ts'
import { DrawerHead } from '../ui/DrawerHead.tsx'
import { FaultNotice } from '../ui/ErrorNotice.tsx'
import { Facts } from '../ui/Facts.tsx'
import { formatCount, formatDuration, formatExact } from '../ui/format.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { State } from '../ui/State.tsx'
import { markOf } from './taskState.ts'

interface Props {
  run: Run
  task: TaskRun
  onClose: () => void
}

/** One task: its error, its figures, the records that it rejected, the parameters of the run. */
export function TaskDrawer({ run, task, onClose }: Props) {
  const rejected = useQuery({
    ...rpc.pipelines.listRejected.queryOptions({ input: { runId: run.runId, task: task.id } }),
    enabled: task.rowsRejected > 0,
  })
  return (
    <aside className="drawer" aria-label={task.id}>
      <DrawerHead onClose={onClose}>
        <h2 className="drawer__title mono-title">{task.id}</h2>
        <p className="drawer__sub">
          <State name={markOf(task)} label={task.status} />
          {task.status.replace('_', ' ')}
        </p>
      </DrawerHead>
      <div className="drawer__body">
        {task.error && <FaultNotice fault={task.error} />}
        <Facts
          facts={[
            ['Kind', task.kind],
            ['Waits for', task.dependsOn.join(', ')],
            ['Attempts', `${task.attempts} of ${task.maxAttempts}`],
            [
              'Read',
              <span key="in" className="num">
                {formatCount(task.rowsIn)} rows
              </span>,
            ],
            [
              'Written',
              <span key="out" className="num">
                {formatCount(task.rowsOut)} rows
              </span>,
            ],
            [
              'Rejected',
              task.rowsRejected > 0 && (
                <span key="rejected" className="num t-warn">
                  {formatCount(task.rowsRejected)} rows
                </span>
              ),
            ],
            ['Began', task.startedAt && formatExact(task.startedAt).slice(0, 20)],
            [
              'Took',
              task.durationMs !== null && (
                <span key="took" className="num">
                  {formatDuration(task.durationMs)}
                </span>
              ),
            ],
            ['Kept from', task.keptFrom !== null && `#${task.keptFrom}`],
          ]}
        />
        {task.rowsRejected > 0 && (
          <section className="drawer__section">
            <h3 className="drawer__label">
              Rejected<span className="t3">the first 50</span>
            </h3>
            <QueryPanel query={rejected} rows={4}>
              {(rows) => (
                <ul className="column" style={{ gap: 6 }}>
                  {rows.map((row) => (
                    <li key={row.sourceRow} className="small">
                      <b className="num">Row {row.sourceRow}</b>{' '}
                      {row.reasons.map(({ column, reason }) => `${column} ${reason}`).join('; ')}
                      <span className="mono t3 clip" style={{ display: 'block' }} title={row.record}>
                        {row.record}
                      </span>
                    </li>
                  ))}
                </ul>
              )}
            </QueryPanel>
          </section>
        )}
        <section className="drawer__section">
          <h3 className="drawer__label">Parameters of the run</h3>
          <table className="params" aria-label="Parameters">
            <tbody>
              {Object.entries(run.parameters).map(([name, value]) => (
                <tr key={name}>
                  <td>
                    <span className="mono">{name}</span>
                  </td>
                  <td className="mono params__value">{String(value)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </div>
    </aside>
  )
}
