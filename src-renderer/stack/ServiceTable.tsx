import type { Service } from '../../src-main/containers/contract.ts'
import type { Sample } from '../../src-main/containers/detailContract.ts'
import { DataTable } from '../ui/DataTable.tsx'
import { Dot } from '../ui/Dot.tsx'
import { formatBytes, formatDuration } from '../ui/format.ts'
import { Spark } from '../ui/Spark.tsx'
import { dotOf, formatUptime, shortImage } from './states.ts'

interface Props {
  services: readonly Service[]
  samples: ReadonlyMap<string, readonly Sample[]>
  now: number
  selected: string | undefined
  onSelect: (service: string) => void
}

const shownSamples = 60

/** A row a service: what it is, whether it is ready, what it takes. */
export function ServiceTable({ services, samples, now, selected, onSelect }: Props) {
  const last = (service: Service) => samples.get(service.name)?.at(-1)
  return (
    <DataTable
      label="Services"
      rows={services}
      keyOf={({ name }) => name}
      selected={selected}
      onSelect={({ name }) => onSelect(name)}
      columns={[
        {
          name: 'service',
          label: 'Service',
          width: 118,
          sortBy: ({ name }) => name,
          render: ({ name, status, containers }) => (
            <span className="cell">
              <Dot state={dotOf[status]} label={status} />
              <span className="mono clip">{name}</span>
              {containers.length > 1 && <span className="count">{containers.length}</span>}
            </span>
          ),
        },
        {
          name: 'profile',
          label: 'Profile',
          width: 92,
          sortBy: ({ profiles }) => profiles[0] ?? '',
          render: ({ profiles }) => <span className="small t3">{profiles.join(' ') || 'core'}</span>,
        },
        {
          name: 'image',
          label: 'Image',
          width: 132,
          sortBy: ({ image }) => shortImage(image),
          render: ({ image }) => (
            <span className="mono t2 clip" title={image}>
              {shortImage(image)}
            </span>
          ),
        },
        { name: 'port', label: 'Port', width: 84, render: (service) => <Ports service={service} /> },
        { name: 'check', label: 'Health check', render: (service) => <Check service={service} now={now} /> },
        {
          name: 'cpu',
          label: 'CPU',
          width: 124,
          align: 'right',
          sortBy: (service) => last(service)?.cpuPercent ?? -1,
          render: (service) => (
            <span className="cell cell--r">
              <Spark
                values={(samples.get(service.name) ?? []).slice(-shownSamples).map((one) => one.cpuPercent)}
                floor={20}
                tone={service.status === 'starting' ? 'accent' : undefined}
              />
              <span className="num small stack__pct">{percent(last(service)?.cpuPercent)}</span>
            </span>
          ),
        },
        {
          name: 'memory',
          label: 'Memory',
          width: 132,
          align: 'right',
          sortBy: (service) => last(service)?.memoryBytes ?? -1,
          render: (service) => <Memory service={service} samples={samples.get(service.name) ?? []} />,
        },
        {
          name: 'up',
          label: 'Up',
          width: 74,
          align: 'right',
          sortBy: ({ containers }) => containers[0]?.startedAt?.getTime() ?? 0,
          render: ({ containers }) => {
            const container = containers[0]
            const isRunning = container?.state === 'running' && container.startedAt
            return (
              <span className="small num">
                {isRunning ? formatUptime(now - (container.startedAt?.getTime() ?? now)) : ''}
              </span>
            )
          },
        },
      ]}
    />
  )
}

const percent = (value: number | undefined) => (value === undefined ? '' : `${value.toFixed(1)} %`)

function Memory({ service, samples }: { service: Service; samples: readonly Sample[] }) {
  const limit = service.containers[0]?.memoryLimitBytes
  const values = samples.slice(-shownSamples).map(({ memoryBytes }) => memoryBytes)
  const newest = values.at(-1)
  return (
    <span className="cell cell--r" title={limit ? `limit ${formatBytes(limit)}` : undefined}>
      <Spark
        values={values}
        floor={limit ?? (newest ?? 0) * 1.4}
        tone={limit && newest && newest > limit * 0.9 ? 'warn' : undefined}
      />
      <span className="num small stack__mem">{newest === undefined ? '' : formatBytes(newest)}</span>
    </span>
  )
}

function Ports({ service }: { service: Service }) {
  const ports = service.containers[0]?.ports ?? []
  if (ports.length === 0) return <span className="mono t3">none</span>
  return (
    <span className="mono t2 clip" title={ports.map((port) => `${port.hostIp}:${port.hostPort}`).join(', ')}>
      {ports.map(({ hostPort }) => hostPort).join(' ')}
    </span>
  )
}

/** How it is asked and how long it took; while it is not ready, what it lacks. */
function Check({ service, now }: { service: Service; now: number }) {
  const { status, reason, containers } = service
  const container = containers[0]
  if (status === 'ready')
    return (
      <span className="cell small">
        <span className="clip">{container?.check || 'runs'}</span>
        <span className="t3 num">
          {container?.check === 'heartbeat'
            ? container.steps.find(({ label }) => label === 'Beats')?.detail
            : container?.checkMs != null && formatDuration(container.checkMs)}
        </span>
      </span>
    )
  if (status === 'starting' && container?.startedAt)
    return (
      <span className="cell small" title={reason}>
        <span className="t-accent num">starting {formatUptime(now - container.startedAt.getTime())}</span>
        <span className="t3 clip">{reason}</span>
      </span>
    )
  const tone = status === 'failed' ? 't-fail' : status === 'unhealthy' ? 't-warn' : 't3'
  return (
    <span className={`small clip ${tone}`} title={container?.failure?.title ?? reason}>
      {container?.failure?.title ?? reason}
    </span>
  )
}
