import type { ComposeModel, ServiceModel } from './compose/model.ts'
import { startOrder } from './compose/order.ts'
import type { LoadedStack } from './compose/project.ts'
import { expandRange } from './compose/shortForms.ts'
import type { Stack, StackContainer, StackService } from './contract.ts'

/** The services of a stack, in start order, each with its containers; then containers that no file knows. */
export function describeServices(stack: LoadedStack, containers: StackContainer[]): StackService[] {
  const own = containers.filter(({ isOneOff }) => !isOneOff)
  const byService = Map.groupBy(own, ({ service }) => service)
  const enabled = stack.model ? startOrder(stack.model) : []
  const known = [
    ...enabled.map((name) => describe(name, stack.model?.services[name], true, byService.get(name) ?? [])),
    ...Object.entries(stack.disabled).map(([name, service]) =>
      describe(name, service, false, byService.get(name) ?? []),
    ),
  ]
  const names = new Set(known.map(({ name }) => name))
  const others = [...byService].filter(([name]) => !names.has(name))
  return [...known, ...others.map(([name, found]) => describe(name, undefined, true, found))]
}

function describe(
  name: string,
  service: ServiceModel | undefined,
  isEnabled: boolean,
  containers: StackContainer[],
): StackService {
  return {
    name,
    profiles: service?.profiles ?? [],
    isEnabled,
    isInFiles: service !== undefined,
    image: service?.image ?? containers[0]?.image ?? '',
    isBuilt: service?.build !== undefined,
    hasHealthcheck: service?.healthcheck !== undefined || containers.some(({ health }) => health !== 'none'),
    dependsOn: Object.entries(service?.depends_on ?? {}).map(([other, dependency]) => ({
      service: other,
      condition: dependency.condition,
      restart: dependency.restart ?? false,
      isRequired: dependency.required,
    })),
    ports: service ? publishedPorts(service) : (containers[0]?.ports ?? []),
    volumes: (service?.volumes ?? []).flatMap(({ type, source }) =>
      type === 'volume' && source ? [source] : [],
    ),
    replicas: service ? replicasOf(service) : containers.length,
    ...summarise(containers),
    containers,
  }
}

/** How many containers a service has. */
export function replicasOf(service: ServiceModel): number {
  return service.scale ?? service.deploy?.replicas ?? 1
}

/** Ports as the files publish them; a range becomes its first port. */
export function publishedPorts(service: ServiceModel): StackService['ports'] {
  return (service.ports ?? []).map(({ host_ip = '', published, target, protocol }) => ({
    hostIp: host_ip,
    hostPort: published === undefined || published === '' ? null : (expandRange(published)[0] ?? null),
    containerPort: target,
    protocol,
  }))
}

/** The state that matters most of several containers, and why it is what it is. */
function summarise(containers: StackContainer[]): Pick<StackService, 'state' | 'reason'> {
  const found = containers.map(stateOf)
  const first = severity.map((state) => found.find((one) => one.state === state)).find((one) => one)
  return first ?? { state: 'absent', reason: 'it has no container' }
}

const severity: StackService['state'][] = [
  'restarting',
  'unhealthy',
  'exited',
  'paused',
  'starting',
  'created',
  'running',
  'healthy',
]

function stateOf({
  state,
  health,
  exitCode,
  isOutOfMemory,
  status,
}: StackContainer): Pick<StackService, 'state' | 'reason'> {
  if (state === 'running') {
    if (health === 'starting') return { state: 'starting', reason: 'its health check has not passed yet' }
    if (health === 'unhealthy') return { state: 'unhealthy', reason: 'its health check fails' }
    return { state: health === 'healthy' ? 'healthy' : 'running', reason: status }
  }
  if (state === 'paused') return { state: 'paused', reason: 'it is paused' }
  if (state === 'restarting')
    return { state: 'restarting', reason: `it ended with ${exitCode ?? '?'} and is started again and again` }
  if (state === 'created') return { state: 'created', reason: 'it was made and has not been started' }
  if (isOutOfMemory)
    return { state: 'exited', reason: `the engine killed it for want of memory (${exitCode})` }
  return { state: 'exited', reason: exitCode === null ? status : `${describeExit(exitCode)}` }
}

/** 128 and a signal's number is how a shell says which signal ended a process. */
function describeExit(code: number): string {
  if (code === 0) return 'it ended well (0)'
  if (code === 137) return 'it was killed (137): by hand or by the stop timeout'
  if (code === 143) return 'it was asked to stop (143)'
  if (code === 127) return 'its command was not found (127)'
  if (code === 126) return 'its command may not be run (126)'
  return `it ended with ${code}`
}

/** Networks or volumes of a model, as they cross. */
export function describeResources(
  section: ComposeModel['networks'] | ComposeModel['volumes'],
): Stack['networks'] {
  return Object.entries(section).map(([key, { name, external }]) => ({
    key,
    name,
    isExternal: external ?? false,
  }))
}
