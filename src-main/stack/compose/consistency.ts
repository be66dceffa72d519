import { ComposeProblem, type Path } from './composeFile.ts'
import type { ComposeModel, ServiceModel } from './model.ts'

/**
 * What no schema can say of a project: names that nobody declares, fields that exclude each other, services that wait
 * for themselves. `disabled` are services whose profiles are off.
 */
export function findInconsistencies(
  model: ComposeModel,
  disabled: Record<string, ServiceModel>,
): ComposeProblem[] {
  const problems: ComposeProblem[] = []
  for (const [name, service] of Object.entries(model.services)) {
    const add = (steps: Path, message: string) =>
      problems.push(new ComposeProblem(['services', name, ...steps], message))
    if (!service.image && !service.build) add([], `the service ${name} has neither an image nor a build`)
    if (service.build?.dockerfile && service.build.dockerfile_inline)
      add(['build', 'dockerfile_inline'], 'dockerfile and dockerfile_inline exclude each other')
    if (service.network_mode && service.networks)
      add(['network_mode'], 'network_mode and networks exclude each other')
    for (const network of Object.keys(service.networks ?? {})) {
      if (!model.networks[network]) add(['networks', network], `the network ${network} is not declared`)
    }
    for (const [index, mount] of (service.volumes ?? []).entries()) {
      if (mount.type === 'volume' && mount.source && !model.volumes[mount.source])
        add(['volumes', index], `the volume ${mount.source} is not declared`)
      if (mount.type === 'bind' && !mount.source) add(['volumes', index], 'a bind mount needs a source')
    }
    for (const field of ['secrets', 'configs'] as const) {
      for (const [index, { source }] of (service[field] ?? []).entries()) {
        if (!model[field][source]) add([field, index], `the ${field.slice(0, -1)} ${source} is not declared`)
      }
    }
    for (const [dependency, { required }] of Object.entries(service.depends_on ?? {})) {
      if (model.services[dependency]) continue
      if (!required) continue
      add(
        ['depends_on', dependency],
        disabled[dependency]
          ? `${name} waits for ${dependency}, whose profiles (${disabled[dependency].profiles?.join(', ')}) are off`
          : `${name} waits for ${dependency}, which does not exist`,
      )
    }
    const test = service.healthcheck?.test?.[0]
    if (test !== undefined && !['CMD', 'CMD-SHELL', 'NONE'].includes(test))
      add(['healthcheck', 'test'], 'a test begins with CMD, CMD-SHELL or NONE')
    const replicas = service.scale ?? service.deploy?.replicas ?? 1
    if (service.container_name && replicas > 1)
      add(['container_name'], `${replicas} containers cannot share the name ${service.container_name}`)
    if (
      service.scale !== undefined &&
      service.deploy?.replicas !== undefined &&
      service.scale !== service.deploy.replicas
    )
      add(['scale'], 'scale and deploy.replicas say different numbers')
    const limits = service.deploy?.resources?.limits
    if (limits?.cpus !== undefined && service.cpus !== undefined && limits.cpus !== service.cpus)
      add(['cpus'], 'cpus and deploy.resources.limits.cpus say different limits')
    if (
      limits?.memory !== undefined &&
      service.mem_limit !== undefined &&
      limits.memory !== service.mem_limit
    )
      add(['mem_limit'], 'mem_limit and deploy.resources.limits.memory say different limits')
  }
  const cycle = findCycle(model)
  if (cycle)
    problems.push(
      new ComposeProblem(
        ['services', cycle[0] ?? '', 'depends_on'],
        `these services wait for each other: ${cycle.join(' → ')}`,
      ),
    )
  for (const section of ['secrets', 'configs'] as const) {
    for (const [key, object] of Object.entries(model[section])) {
      const sources = [object.file, object.environment, object.content, object.external].filter(
        (source) => source !== undefined,
      )
      if (sources.length !== 1)
        problems.push(
          new ComposeProblem(
            [section, key],
            `${key} needs exactly one of file, environment, content and external`,
          ),
        )
      else if (object.external)
        problems.push(new ComposeProblem([section, key], `${key} is external: that needs a swarm`))
    }
  }
  return problems
}

function findCycle(model: ComposeModel): string[] | undefined {
  const done = new Set<string>()
  const visit = (name: string, path: string[]): string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name]
    if (done.has(name)) return undefined
    for (const next of Object.keys(model.services[name]?.depends_on ?? {})) {
      const cycle = visit(next, [...path, name])
      if (cycle) return cycle
    }
    done.add(name)
    return undefined
  }
  for (const name of Object.keys(model.services)) {
    const cycle = visit(name, [])
    if (cycle) return cycle
  }
  return undefined
}
