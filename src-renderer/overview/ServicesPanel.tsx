import { IconArrowRight } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import type { HealthAnswer } from '../../src-main/health/contract.ts'
import { Dot } from '../ui/Dot.tsx'
import { formatDuration } from '../ui/format.ts'

const dots = { ready: 'ok', absent: 'stopped', failing: 'failed' } as const
const names = { postgres: 'PostgreSQL', redis: 'Redis', docker: 'Docker' } as const

/** What Atlas stands on; each but PostgreSQL may be absent. */
export function ServicesPanel({ health }: { health: HealthAnswer | undefined }) {
  const services = ['postgres', 'redis', 'docker'] as const
  const ready = services.filter((name) => health?.[name].status === 'ready').length
  return (
    <section className="panel services">
      <header className="panel__head">
        <h2 className="panel__title">Services</h2>
        <span className="panel__note num">{health ? `${ready} ready` : 'asking'}</span>
        <span className="panel__actions">
          <Link className="link" to="/stack">
            Stack
            <IconArrowRight className="icon" />
          </Link>
        </span>
      </header>
      <ul className="panel__body">
        {services.map((name) => {
          const service = health?.[name]
          return (
            <li key={name} className="todo" style={{ flex: 'none' }}>
              <Dot state={service ? dots[service.status] : 'stopped'} />
              <div className="grow">
                <p className="todo__title">{service?.status === 'ready' ? service.detail : names[name]}</p>
                <p className="todo__text clip" title={service?.address}>
                  {service?.status === 'ready' ? service.address : service?.detail}
                </p>
              </div>
              <span className="num t2 small">
                {service?.status === 'ready' &&
                  service.latencyMs !== undefined &&
                  formatDuration(service.latencyMs)}
              </span>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
