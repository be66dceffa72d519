import type Docker from 'dockerode'
import { hashNetwork, hashService, hashVolume } from '../compose/hash.ts'
import type { ComposeModel, ServiceModel } from '../compose/model.ts'
import { withDependencies } from '../compose/order.ts'
import { label } from '../engine/labels.ts'
import { imageOf, type Snapshot } from '../engine/snapshot.ts'
import type { PlanStep } from '../planContract.ts'
import { replicasOf } from '../states.ts'

export interface PlanOptions {
  services?: string[] | undefined
  recreate: 'changed' | 'always' | 'never'
  shouldBuild: boolean
}

/** One container that `up` makes, replaces, starts, leaves or takes away. */
export interface ContainerStep {
  service: string
  number: number
  action: 'create' | 'recreate' | 'start' | 'leave' | 'remove'
  reason: string
  /** The one that is there. */
  container: Docker.ContainerInfo | undefined
}

export interface UpPlan {
  /** In start order. */
  services: string[]
  images: { service: string; image: string; action: 'pull' | 'build'; reason: string }[]
  networks: {
    key: string
    name: string
    action: 'create' | 'recreate' | 'leave' | 'missing'
    reason: string
  }[]
  volumes: { key: string; name: string; action: 'create' | 'leave' | 'keep' | 'missing'; reason: string }[]
  containers: ContainerStep[]
  /** Services of containers that the files do not know. */
  orphans: string[]
}

/** What `up` would do, from what the files want and what the engine has: compose's own rules. Pure. */
export function planUp(
  model: ComposeModel,
  disabled: Record<string, ServiceModel>,
  snapshot: Snapshot,
  options: PlanOptions,
): UpPlan {
  const services = withDependencies(model, options.services)
  const networks = Object.entries(model.networks).map(([key, network]) => {
    const found = snapshot.networks.get(network.name)
    const name = network.name
    if (network.external)
      return found
        ? { key, name, action: 'leave' as const, reason: 'it is external and there' }
        : { key, name, action: 'missing' as const, reason: 'it is external and does not exist' }
    if (!found) return { key, name, action: 'create' as const, reason: 'it does not exist' }
    const hash = found.Labels?.[label.configHash]
    return hash !== undefined && hash !== hashNetwork(network) && found.Labels?.[label.project] === model.name
      ? { key, name, action: 'recreate' as const, reason: 'its definition changed' }
      : { key, name, action: 'leave' as const, reason: 'it is there' }
  })
  const changedNetworks = new Set(
    networks.flatMap(({ name, action }) => (action === 'recreate' ? [name] : [])),
  )
  const volumes = Object.entries(model.volumes).map(([key, volume]) => {
    const found = snapshot.volumes.get(volume.name)
    const name = volume.name
    if (volume.external && !found)
      return { key, name, action: 'missing' as const, reason: 'it is external and does not exist' }
    if (!found) return { key, name, action: 'create' as const, reason: 'it does not exist' }
    const hash = found.Labels?.[label.configHash]
    return hash !== undefined && hash !== hashVolume(volume)
      ? {
          key,
          name,
          action: 'keep' as const,
          reason: 'its definition changed; a volume with data is never replaced',
        }
      : { key, name, action: 'leave' as const, reason: 'it is there, with its data' }
  })
  const images = services.flatMap((key) => imageSteps(model, key, snapshot, options))
  const built = new Set(images.map(({ service }) => service))
  const replaced = new Set<string>()
  const containers = services.flatMap((key) => {
    const steps = containerSteps(model, key, snapshot, options, {
      replaced,
      changedNetworks,
      isImageNew: built.has(key),
    })
    if (steps.some(({ action }) => action === 'recreate' || action === 'create')) replaced.add(key)
    return steps
  })
  const known = new Set([...Object.keys(model.services), ...Object.keys(disabled)])
  const orphans = [
    ...new Set(
      snapshot.containers
        .filter(({ Labels }) => Labels[label.oneoff] !== 'True')
        .map(({ Labels }) => Labels[label.service] ?? '')
        .filter((service) => !known.has(service)),
    ),
  ].sort()
  return { services, images, networks, volumes, containers, orphans }
}

function imageSteps(
  model: ComposeModel,
  key: string,
  snapshot: Snapshot,
  { shouldBuild }: PlanOptions,
): UpPlan['images'] {
  const service = model.services[key]
  if (!service) return []
  const image = imageOf(model, key, service)
  const isThere = snapshot.images.has(image)
  const policy = service.pull_policy ?? 'missing'
  const step = (action: 'pull' | 'build', reason: string) => [{ service: key, image, action, reason }]
  if (service.build) {
    if (shouldBuild || policy === 'build') return step('build', 'it is asked for')
    return isThere ? [] : step('build', 'the image is not there')
  }
  if (policy === 'never') return []
  if (policy === 'always') return step('pull', 'its pull policy is always')
  return isThere ? [] : step('pull', 'the image is not there')
}

function containerSteps(
  model: ComposeModel,
  key: string,
  snapshot: Snapshot,
  options: PlanOptions,
  changed: { replaced: Set<string>; changedNetworks: Set<string>; isImageNew: boolean },
): ContainerStep[] {
  const service = model.services[key]
  if (!service) return []
  const own = snapshot.containers
    .filter(({ Labels }) => Labels[label.service] === key && Labels[label.oneoff] !== 'True')
    .sort((a, b) => numberOf(a) - numberOf(b))
  const count = replicasOf(service)
  const kept = own.slice(0, count)
  const free = Array.from({ length: count + own.length }, (_item, index) => index + 1).filter(
    (number) => !kept.some((container) => numberOf(container) === number),
  )
  const present = kept.map((container): ContainerStep => {
    const base = { service: key, number: numberOf(container), container }
    const reason = reasonToRecreate(model, key, service, container, snapshot, options, changed)
    if (reason) return { ...base, action: 'recreate', reason }
    return container.State === 'running' || container.State === 'restarting'
      ? { ...base, action: 'leave', reason: 'it runs and is up to date' }
      : { ...base, action: 'start', reason: `it is ${container.State}` }
  })
  const missing = Array.from(
    { length: count - kept.length },
    (_item, index): ContainerStep => ({
      service: key,
      number: free[index] ?? index + 1,
      action: 'create',
      reason: 'it has no container',
      container: undefined,
    }),
  )
  const surplus = own.slice(count).map(
    (container): ContainerStep => ({
      service: key,
      number: numberOf(container),
      action: 'remove',
      reason: `${count} of it are wanted`,
      container,
    }),
  )
  return [...present, ...missing, ...surplus]
}

function reasonToRecreate(
  model: ComposeModel,
  key: string,
  service: ServiceModel,
  container: Docker.ContainerInfo,
  snapshot: Snapshot,
  { recreate, services }: PlanOptions,
  {
    replaced,
    changedNetworks,
    isImageNew,
  }: { replaced: Set<string>; changedNetworks: Set<string>; isImageNew: boolean },
): string | undefined {
  if (recreate === 'never') return undefined
  if (recreate === 'always' && (!services?.length || services.includes(key))) return 'it is asked for'
  const parent = sharedWith(service).find((name) => replaced.has(name))
  if (parent) return `it shares something with ${parent}, which is replaced`
  if (container.State === 'dead' || container.State === 'removing') return `it is ${container.State}`
  const image = snapshot.images.get(imageOf(model, key, service))
  if (isImageNew || (image && image.Id !== container.ImageID)) return 'its image is another one now'
  const made = container.Labels[label.specHash] ?? container.Labels[label.configHash]
  if (made !== hashService(service) && !snapshot.adopted.has(container.Id)) return 'its definition changed'
  const attached = new Set(Object.keys(container.NetworkSettings?.Networks ?? {}))
  const lost = Object.keys(service.networks ?? {})
    .map((network) => model.networks[network]?.name ?? network)
    .find((name) => changedNetworks.has(name) || (container.State === 'running' && !attached.has(name)))
  if (lost) return `it is not on the network ${lost} as it is now`
  const mounted = new Set(container.Mounts.map(({ Name }) => Name))
  const unmounted = (service.volumes ?? []).find(
    ({ type, source }) => type === 'volume' && source && !mounted.has(model.volumes[source]?.name),
  )
  return unmounted ? `it lacks the volume ${unmounted.source}` : undefined
}

function sharedWith(service: ServiceModel): string[] {
  const namespaces = [service.network_mode, service.ipc, service.pid].map(
    (mode) => /^service:(.+)$/.exec(mode ?? '')?.[1],
  )
  const volumes = (service.volumes_from ?? []).map((from) => from.split(':')[0])
  return [...namespaces, ...volumes].filter((name) => name !== undefined)
}

export function numberOf({ Labels }: Docker.ContainerInfo): number {
  return Number(Labels[label.number] ?? 1)
}

/** The plan as it crosses, without what a person need not see. */
export function describeSteps(
  plan: UpPlan,
  model: ComposeModel,
  changes: Map<string, PlanStep['changes']>,
): PlanStep[] {
  const step = (
    kind: PlanStep['kind'],
    name: string,
    action: PlanStep['action'],
    reason: string,
  ): PlanStep => ({
    kind,
    name,
    action,
    reason,
    changes: [],
    keptVolumes: [],
  })
  return [
    ...plan.images.map(({ image, action, reason }) => step('image', image, action, reason)),
    ...plan.networks.map(({ name, action, reason }) =>
      step('network', name, action === 'missing' ? 'leave' : action, reason),
    ),
    ...plan.volumes.map(({ name, action, reason }) =>
      step('volume', name, action === 'missing' ? 'leave' : action, reason),
    ),
    ...plan.containers.map(({ service, number, action, reason, container }) => ({
      ...step('service', number === 1 ? service : `${service} ${number}`, action, reason),
      changes: action === 'recreate' ? (changes.get(container?.Id ?? '') ?? []) : [],
      keptVolumes: action === 'recreate' ? namedVolumes(model, service) : [],
    })),
  ]
}

/** The real names of the volumes that outlive the containers of a service. */
export function namedVolumes(model: ComposeModel, key: string): string[] {
  return (model.services[key]?.volumes ?? []).flatMap(({ type, source }) =>
    type === 'volume' && source ? [model.volumes[source]?.name ?? source] : [],
  )
}
