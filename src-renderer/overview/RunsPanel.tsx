import { IconArrowRight } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { RunSummary } from '../../src-main/pipelines/contract.ts'
import { rpc } from '../rpc/client.ts'
import { formatCount, formatDuration } from '../ui/format.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { State } from '../ui/State.tsx'

/** The last runs of every pipeline. */
export function RunsPanel() {
  const runs = useQuery({
    ...rpc.pipelines.listRuns.queryOptions({ input: { limit: 8 } }),
    refetchInterval: 5000,
  })
  return (
    <section className="panel runs">
      <header className="panel__head">
        <h2 className="panel__title">Last runs</h2>
        <span className="panel__actions">
          <Link className="link" to="/pipelines">
            All runs
            <IconArrowRight className="icon" />
          </Link>
        </span>
      </header>
      <QueryPanel query={runs} rows={6}>
        {(list) =>
          list.length === 0 ? (
            <p className="t2 small" style={{ padding: 12 }}>
              No pipeline has run yet.
            </p>
          ) : (
            <table className="table table--plain" aria-label="Last runs">
              <colgroup>
                <col style={{ width: 34 }} />
                <col />
                <col style={{ width: 60 }} />
                <col style={{ width: 90 }} />
                <col style={{ width: 116 }} />
                <col style={{ width: 68 }} />
              </colgroup>
              <tbody>
                {list.map((run) => (
                  <tr key={run.runId}>
                    <td>
                      <State name={run.status} />
                    </td>
                    <td className="mono">
                      <Link to="/pipelines" search={{ run: run.runId }}>
                        {run.pipeline}
                      </Link>
                    </td>
                    <td className="s num">#{run.runNumber}</td>
                    <td className="s r">
                      <RelativeTime time={run.createdAt} />
                    </td>
                    <td>
                      <span className="dur">
                        <span
                          className={`dur__bar dur__bar--${run.status}`}
                          style={{ width: (durationMs(run) / longest(list)) * 48 }}
                        />
                        <span className="num">{run.startedAt && formatDuration(durationMs(run))}</span>
                      </span>
                    </td>
                    <td className="s r">{formatCount(run.rowsOut)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </QueryPanel>
    </section>
  )
}

type Timed = Pick<RunSummary, 'startedAt' | 'finishedAt'>

function durationMs({ startedAt, finishedAt }: Timed): number {
  return startedAt ? (finishedAt ?? new Date()).getTime() - startedAt.getTime() : 0
}

const longest = (runs: Timed[]) => Math.max(1, ...runs.map(durationMs))
