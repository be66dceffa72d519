import { useState } from 'react'
import type { EngineEvent } from '../../src-main/containers/contract.ts'
import { formatExact } from '../ui/format.ts'

const badActions = /^(die|oom|kill|health_status: unhealthy)/
const shownAtFirst = 12

/** `health_status: healthy` and `exec_start: sh` are of one kind with all of their sort. */
const kindOf = ({ action }: EngineEvent) => action.split(':')[0] ?? action

/** What the engine told, the newest first; of one service and one kind where they are chosen. */
export function EventList({ events }: { events: readonly EngineEvent[] }) {
  const [isAll, setAll] = useState(false)
  const [service, setService] = useState('')
  const [kind, setKind] = useState('')
  const chosen = events.filter(
    (event) => (service === '' || event.service === service) && (kind === '' || kindOf(event) === kind),
  )
  const shown = isAll ? chosen : chosen.slice(-shownAtFirst)
  return (
    <section className="drawer__section">
      <h3 className="drawer__label">
        Events
        {chosen.length > shownAtFirst && (
          <button type="button" className="link stack__copy" onClick={() => setAll(!isAll)}>
            {isAll ? 'Fewer' : `All ${chosen.length}`}
          </button>
        )}
      </h3>
      {events.length === 0 && <p className="small t3">None since this view was opened.</p>}
      {events.length > 0 && (
        <div className="row">
          <Narrow
            label="Service of the events"
            all="All services"
            names={events.map((event) => event.service)}
            value={service}
            onChange={setService}
          />
          <Narrow
            label="Kind of the events"
            all="All kinds"
            names={events.map(kindOf)}
            value={kind}
            onChange={setKind}
          />
        </div>
      )}
      {events.length > 0 && chosen.length === 0 && <p className="small t3">None of these.</p>}
      {chosen.length > 0 && (
        <ul className="steps mono" aria-label="Events of the engine">
          {shown.toReversed().map(({ at, action, service, detail }, index) => (
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
      )}
    </section>
  )
}

interface NarrowProps {
  label: string
  all: string
  names: string[]
  value: string
  onChange: (value: string) => void
}

/** One of the names that there are; what was chosen stays to be left when its last event is gone. */
function Narrow({ label, all, names, value, onChange }: NarrowProps) {
  const choices = [...new Set(value === '' ? names : [...names, value])].sort()
  return (
    <select
      className="input input--sm grow"
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      <option value="">{all}</option>
      {choices.map((name) => (
        <option key={name}>{name}</option>
      ))}
    </select>
  )
}
