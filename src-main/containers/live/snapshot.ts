import type Docker from 'dockerode'
import type { Failure, Service, Snapshot } from '../contract.ts'
import { label } from '../own.ts'
import { type Dependency, edgesOf, parseDependencies } from './startOrder.ts'
import { type Probed, toContainer, worstOf } from './state.ts'

/** A container with what was found out about it. */
export interface Known {
  inspect: Docker.ContainerInspectInfo
  probed: Probed | undefined
  failure: Failure | null
}

/** A service as the compose files have it. */
export interface ModelService {
  name: string
  profiles: string[]
  image: string
  isEnabled: boolean
  dependsOn: Dependency[]
}

interface Input extends Pick<Snapshot, 'engine' | 'project' | 'projects'> {
  known: readonly Known[]
  model: readonly ModelService[]
}

/** Everything that is known as it may cross: services of the files and of the engine under one name, and their order. */
export function buildSnapshot({ known, model, ...head }: Input): Snapshot {
  const containers = known
    .map(({ inspect, probed, failure }) => toContainer(inspect, probed, failure))
    .sort((a, b) => a.service.localeCompare(b.service) || a.number - b.number)
  const byModel = new Map(model.map((service) => [service.name, service]))
  const byService = Map.groupBy(containers, ({ service }) => service)
  // In the order of the files; what they do not know comes last.
  const names = [...new Set([...byModel.keys(), ...byService.keys()])]
  const services = names
    .filter((name) => byModel.get(name)?.isEnabled !== false || byService.has(name))
    .map((name): Service => {
      const own = byService.get(name) ?? []
      const worst = worstOf(own)
      return {
        name,
        profiles: byModel.get(name)?.profiles ?? [],
        image: own[0]?.image ?? byModel.get(name)?.image ?? '',
        status: worst?.status ?? 'absent',
        reason: worst ? worst.reason : 'no container',
        containers: own,
      }
    })
  return { ...head, services, edges: edgesOf(services, dependenciesOf(known, model)), at: new Date() }
}

/** The files' word counts; of containers that they do not know, the label that compose wrote. */
function dependenciesOf(known: readonly Known[], model: readonly ModelService[]): Map<string, Dependency[]> {
  const dependencies = new Map<string, Dependency[]>(model.map(({ name, dependsOn }) => [name, dependsOn]))
  for (const { inspect } of known) {
    const labels = inspect.Config.Labels ?? {}
    const service = labels[label.service] ?? ''
    if (!dependencies.has(service)) dependencies.set(service, parseDependencies(labels[label.dependsOn]))
  }
  return dependencies
}
