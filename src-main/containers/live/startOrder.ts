import type { Edge, Service } from '../contract.ts'

export interface Dependency {
  service: string
  condition: Edge['condition']
  isRequired: boolean
}

/** Reads compose's own label: `db:service_healthy:false,redis:service_started:true`; older releases wrote names alone. */
export function parseDependencies(text: string | undefined): Dependency[] {
  return (text ?? '')
    .split(',')
    .filter(Boolean)
    .map((entry) => {
      const [service = '', condition] = entry.split(':')
      const known = condition === 'service_healthy' || condition === 'service_completed_successfully'
      return { service, condition: known ? condition : 'service_started', isRequired: true }
    })
}

const words = {
  service_started: 'has started',
  service_healthy: 'is healthy',
  service_completed_successfully: 'has ended successfully',
}

/**
 * The start order as edges, each with whether it is met. An edge blocks where it is not met and its target has not
 * started, or has and is not ready without it.
 */
export function edgesOf(
  services: readonly Service[],
  dependencies: ReadonlyMap<string, readonly Dependency[]>,
): Edge[] {
  const byName = new Map(services.map((service) => [service.name, service]))
  return [...dependencies].flatMap(([to, list]) => {
    const target = byName.get(to)
    if (!target) return []
    return list.flatMap(({ service: from, condition, isRequired }): Edge[] => {
      const source = byName.get(from)
      if (!source) return []
      const isMet = isConditionMet(source, condition)
      const isBlocking =
        !isMet && isRequired && ['waiting', 'starting', 'failed', 'unhealthy'].includes(target.status)
      const state = source.reason ? `${source.status}, ${source.reason}` : source.status
      return [
        {
          from,
          to,
          condition,
          isRequired,
          isMet,
          isBlocking,
          says: isMet
            ? `${from} ${words[condition]}, as ${to} needs`
            : `${to} ${isRequired ? 'waits until' : 'would use'} ${from}${isRequired ? ` ${words[condition]}` : ''}: ${from} is ${state}`,
        },
      ]
    })
  })
}

function isConditionMet({ status, containers }: Service, condition: Edge['condition']): boolean {
  switch (condition) {
    case 'service_started':
      return ['starting', 'ready', 'unhealthy'].includes(status)
    case 'service_healthy':
      return (
        containers.length > 0 &&
        containers.every(({ health, state }) => state === 'running' && health === 'healthy')
      )
    case 'service_completed_successfully':
      return (
        containers.length > 0 &&
        containers.every(({ state, exitCode }) => state === 'exited' && exitCode === 0)
      )
  }
}
