import type Docker from 'dockerode'
import type { Container, Failure, ReadinessStep, Status } from '../contract.ts'
import { label } from '../own.ts'
import { kindOf, variablesOf } from '../probes/kinds.ts'

/** What the probes found out about a container. */
export interface Probed {
  check: string
  checkMs: number | null
  steps: ReadinessStep[]
  /** When the last step succeeded, of this start of the container. */
  readyAt: number | null
  /** It was seen on its way: `readyAt` is when it became ready, and not merely when it was first asked. */
  isWitnessed: boolean
}

type Health = Container['health']
type InspectState = Docker.ContainerInspectInfo['State'] & {
  // Podman before 4.6 has another name for it.
  Healthcheck?: { Status: string }
}

export function healthOf(inspect: Docker.ContainerInspectInfo): Health {
  const state = inspect.State as InspectState
  const status = (state.Health ?? state.Healthcheck)?.Status
  return status === 'starting' || status === 'healthy' || status === 'unhealthy' ? status : 'none'
}

/** A container as it is shown: the engine's state, what the probes know, and why it is not ready. */
export function toContainer(
  inspect: Docker.ContainerInspectInfo,
  probed: Probed | undefined,
  failure: Failure | null,
): Container {
  const { Config: config, State: state } = inspect
  const labels = config.Labels ?? {}
  const command = [...[config.Entrypoint ?? []].flat(), ...[config.Cmd ?? []].flat()].join(' ')
  const service = labels[label.service] ?? ''
  const startedAt = timeOf(state.StartedAt)
  const health = healthOf(inspect)
  const status = statusOf(inspect, probed)
  return {
    id: inspect.Id,
    name: inspect.Name.replace(/^\//, ''),
    service,
    number: Number(labels[label.number] ?? 1),
    kind: kindOf({ image: config.Image, service, command, variables: variablesOf(config.Env) }),
    status,
    reason: reasonOf(inspect, status, probed),
    state: state.Status,
    health,
    exitCode: state.Running || state.Status === 'created' ? null : state.ExitCode,
    restarts: inspect.RestartCount ?? 0,
    image: config.Image,
    createdAt: timeOf(inspect.Created) ?? new Date(0),
    startedAt,
    finishedAt: state.Running ? null : timeOf(state.FinishedAt),
    readyAfterMs:
      probed?.readyAt && startedAt && probed.isWitnessed
        ? Math.max(0, probed.readyAt - startedAt.getTime())
        : null,
    ports: portsOf(inspect),
    memoryLimitBytes: inspect.HostConfig?.Memory || null,
    check: probed?.check ?? '',
    checkMs: probed?.checkMs ?? null,
    steps: probed?.steps ?? [],
    failure,
  }
}

function statusOf(inspect: Docker.ContainerInspectInfo, probed: Probed | undefined): Status {
  const { State: state } = inspect
  switch (state.Status) {
    case 'created':
      return state.Error ? 'failed' : 'waiting'
    case 'paused':
      return 'paused'
    case 'restarting':
      return 'failed'
    case 'running':
      if (healthOf(inspect) === 'unhealthy' || probed?.steps.some(({ status }) => status === 'failed'))
        return 'unhealthy'
      return probed?.readyAt && probed.steps.every(({ status }) => status === 'succeeded')
        ? 'ready'
        : 'starting'
    default:
      // 130, 137 and 143: ended by a signal, which is how a stop ends what does not listen to it.
      return state.OOMKilled || state.Error || ![0, 130, 137, 143].includes(state.ExitCode)
        ? 'failed'
        : 'stopped'
  }
}

function reasonOf(inspect: Docker.ContainerInspectInfo, status: Status, probed: Probed | undefined): string {
  const { State: state } = inspect
  const open = probed?.steps.find(({ status: step }) => step !== 'succeeded')
  switch (status) {
    case 'ready':
      return ''
    case 'waiting':
      return 'made, not started'
    case 'paused':
      return 'paused: its processes are frozen'
    case 'unhealthy':
      return open && open.label !== 'Health check says healthy'
        ? `${open.label}: ${open.detail}`
        : 'its health check fails'
    case 'starting':
      return open ? `${open.label}${open.detail ? `: ${open.detail}` : ''}` : 'has just started'
    default: {
      if (state.Status === 'created') return state.Error
      const again = state.Status === 'restarting' ? `, restarted ${inspect.RestartCount} times` : ''
      return `exited with ${state.ExitCode}${state.OOMKilled ? ', out of memory' : ''}${signalOf(state.ExitCode)}${again}`
    }
  }
}

function signalOf(exitCode: number): string {
  const name = { 130: 'SIGINT', 134: 'SIGABRT', 137: 'SIGKILL', 139: 'SIGSEGV', 143: 'SIGTERM' }[exitCode]
  return name ? ` (${name})` : ''
}

function portsOf(inspect: Docker.ContainerInspectInfo): Container['ports'] {
  // A running container's own answer counts; of a stopped one only what was asked for is known.
  const bound = inspect.NetworkSettings?.Ports ?? {}
  const wanted = (inspect.HostConfig?.PortBindings ?? {}) as typeof bound
  const source = Object.values(bound).some(Boolean) ? bound : wanted
  const seen = new Set<string>()
  return Object.entries(source).flatMap(([port, bindings]) => {
    const [containerPort, protocol = 'tcp'] = port.split('/')
    return (bindings ?? []).flatMap(({ HostIp, HostPort }) => {
      // One port on both families is one port to a person.
      const key = `${HostPort} ${port}`
      if (!HostPort || seen.has(key)) return []
      seen.add(key)
      return [
        {
          hostIp: HostIp || '0.0.0.0',
          hostPort: Number(HostPort),
          containerPort: Number(containerPort),
          protocol,
        },
      ]
    })
  })
}

/** The engine writes `0001-01-01T00:00:00Z` for never. */
export function timeOf(text: string | undefined): Date | null {
  if (!text || text.startsWith('0001-')) return null
  return new Date(text)
}

const worstFirst: Status[] = [
  'failed',
  'unhealthy',
  'waiting',
  'starting',
  'paused',
  'stopped',
  'absent',
  'ready',
]

/** The status of a service with several containers is that of its worst. */
export function worstOf(containers: readonly Container[]): Container | undefined {
  return [...containers].sort((a, b) => worstFirst.indexOf(a.status) - worstFirst.indexOf(b.status))[0]
}
