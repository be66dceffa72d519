import type { EngineEvent } from '../../src-main/containers/contract.ts'
import { formatExact } from '../ui/format.ts'

const badActions = /^(die|oom|kill|health_status: unhealthy)/

/** What the engine told, the newest first. */
export function EventList({ events }: { events: readonly EngineEvent[] }) {
  if (events.length === 0) return <p className="small t3">None since this view was opened.</p>
  return (
    <ul className="steps mono" aria-label="Events of the engine">
      {[...events].reverse().map(({ at, action, service, detail }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two events may be alike in all they say
        <li key={`${at.getTime()} ${index}`} style={{ fontSize: 11.5 }}>
          <span className="t3" title={formatExact(at)}>
            {at.toLocaleTimeString('en-GB')}
          </span>
          <span>{service}</span>
          <span className={badActions.test(action) ? 't-warn' : 't2'}>{action}</span>
          <span className="num t3">{detail}</span>
        </li>
      ))}
    </ul>
  )
}
