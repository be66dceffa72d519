import { IconArrowRight } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
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
                <col style={{ width: 76 }} />
                <col style={{ width: 76 }} />
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
                    <td className="s r">
                      {run.startedAt &&
                        formatDuration((run.finishedAt ?? new Date()).getTime() - run.startedAt.getTime())}
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
