import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ServiceHealth } from '../../src-main/health/contract.ts'
import { rpc } from '../rpc/client.ts'
import { useConnectionStore } from '../rpc/connection.ts'
import { Dot } from '../ui/Dot.tsx'
import { formatDuration, plural } from '../ui/format.ts'
import { State } from '../ui/State.tsx'
import { useJobs } from '../ui/useJobs.ts'

const dots = { ready: 'ok', absent: 'stopped', failing: 'failed' } as const

const connectionWords = {
  connecting: 'Connecting to Atlas',
  lost: 'Atlas does not answer; reconnecting',
  refused: 'This address is no longer valid: open the one that Atlas printed last',
  open: '',
}

/** What answers, what runs, and which Atlas this is. */
export function StatusBar({ onActivity }: { onActivity: () => void }) {
  const { data: health } = useQuery({ ...rpc.health.get.queryOptions(), refetchInterval: 15_000 })
  const { data: about } = useQuery({
    ...rpc.settings.about.queryOptions(),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const running = useJobs().filter(({ status }) => status === 'running')
  const connection = useConnectionStore(({ state }) => state)
  return (
    <footer className="statusbar">
      {connection !== 'open' && (
        <span className="statusbar__item statusbar__item--elevated" role="status">
          {connectionWords[connection]}
        </span>
      )}
      <Service name="PostgreSQL" health={health?.postgres} />
      <Service name="Redis" health={health?.redis} />
      <Link to="/stack" className="statusbar__link" aria-label="Docker: open the stack">
        <Service name="Docker" health={health?.docker} />
      </Link>
      {running.length > 0 && (
        <button
          type="button"
          className="statusbar__item"
          title="Open the activity centre"
          onClick={onActivity}
        >
          <State name="running" />
          {plural(running.length, 'job')} running
          <span className="meter">
            <span style={{ width: `${(running[0]?.progress ?? 0.05) * 100}%` }} />
          </span>
        </button>
      )}
      <span className="statusbar__fill" />
      <span className="statusbar__item">
        Atlas <span className="num">{about?.version}</span>
      </span>
    </footer>
  )
}

function Service({ name, health }: { name: string; health: ServiceHealth | undefined }) {
  return (
    <span
      className="statusbar__item"
      title={health ? `${health.detail}${health.address ? `, ${health.address}` : ''}` : name}
    >
      <Dot state={health ? dots[health.status] : 'stopped'} />
      {health?.status === 'ready' ? health.detail : name}
      <span className="num">
        {health?.status === 'ready' && health.latencyMs !== undefined && formatDuration(health.latencyMs)}
        {health?.status === 'absent' && 'absent'}
        {health?.status === 'failing' && 'does not answer'}
      </span>
    </span>
  )
}
