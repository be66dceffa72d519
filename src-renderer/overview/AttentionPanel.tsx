import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { HealthAnswer } from '../../src-main/health/contract.ts'
import type { Overview } from '../../src-main/overview/contract.ts'
import { rpc } from '../rpc/client.ts'
import { plural } from '../ui/format.ts'
import { State, type StateName } from '../ui/State.tsx'

interface Item {
  state: StateName
  title: string
  text: string
  action: string
  path: '/pipelines' | '/partitions' | '/migrations' | '/settings'
  search?: Record<string, string>
}

/** What somebody should look at now, the worst first. */
export function AttentionPanel({
  overview,
  health,
}: {
  overview: Overview
  health: HealthAnswer | undefined
}) {
  const runs = useQuery(rpc.pipelines.listRuns.queryOptions({ input: { limit: 50 } }))
  const partitions = useQuery(rpc.partitions.check.queryOptions())
  const migrations = useQuery(rpc.migrations.status.queryOptions())
  const navigate = useNavigate()
  const newest = new Map((runs.data ?? []).toReversed().map((run) => [run.pipeline, run]))
  const items: Item[] = [
    ...[...newest.values()]
      .filter(({ status }) => status === 'failed')
      .map(
        (run): Item => ({
          state: 'failed',
          title: `${run.pipeline} #${run.runNumber} failed`,
          text: run.failedTask
            ? `at ${run.failedTask}; the tasks before it keep their results`
            : 'no task could go on',
          action: 'Open run',
          path: '/pipelines',
          search: { run: run.runId },
        }),
      ),
    ...(['redis', 'docker'] as const)
      .filter((name) => health?.[name].status === 'failing')
      .map(
        (name): Item => ({
          state: 'warning',
          title: `${name === 'redis' ? 'Redis' : 'Docker'} does not answer`,
          text: health?.[name].fault?.next ?? '',
          action: 'Settings',
          path: '/settings',
        }),
      ),
    ...(partitions.data?.tables ?? []).flatMap(({ schema, name, findings }) =>
      findings
        .filter(({ severity }) => severity !== 'note')
        .map(
          ({ severity, text }): Item => ({
            state: severity === 'failed' ? 'failed' : 'warning',
            title: `${schema}.${name}`,
            text,
            action: 'Show',
            path: '/partitions',
            search: { table: `${schema}.${name}` },
          }),
        ),
    ),
    ...((migrations.data?.pending ?? 0) > 0
      ? [
          {
            state: 'warning',
            title: `${plural(migrations.data?.pending ?? 0, 'migration')} pending`,
            text: 'The schema is older than this Atlas.',
            action: 'Review',
            path: '/migrations',
          } satisfies Item,
        ]
      : []),
    ...(overview.openAlerts > 0
      ? [
          {
            state: 'warning',
            title: plural(overview.openAlerts, 'open alert'),
            text: 'Raised by pipelines.',
            action: 'Pipelines',
            path: '/pipelines',
          } satisfies Item,
        ]
      : []),
  ]
  return (
    <section className="panel attention">
      <header className="panel__head">
        <h2 className="panel__title">Needs attention</h2>
        {items.length > 0 && <span className="count count--failed">{items.length}</span>}
      </header>
      <ul className="panel__body scroll">
        {items.length === 0 && (
          <li className="todo" style={{ flex: 'none' }}>
            <State name="succeeded" />
            <div className="grow">
              <p className="todo__title">Nothing</p>
              <p className="todo__text">The last runs passed, and partitions reach far enough ahead.</p>
            </div>
          </li>
        )}
        {items.map((item) => (
          <li key={item.title + item.text} className="todo" style={{ flex: 'none' }}>
            <State name={item.state} />
            <div className="grow">
              <p className="todo__title clip">{item.title}</p>
              <p className="todo__text">{item.text}</p>
            </div>
            <button
              type="button"
              className="btn btn--sm"
              onClick={() => void navigate({ to: item.path, search: item.search ?? {} })}
            >
              {item.action}
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
