import type { FakeEngine, FakeRequest } from '../support/fakeEngine.ts'
import { compose } from '../support/fakeEngineViews.ts'

type Labels = Record<string, string>

const isRead = ({ method, path }: FakeRequest) =>
  (method === 'GET' || method === 'HEAD') && !/^\/containers\/[^/]+\/(?!json)/.test(path)

/** What a request acts on, where it names one object. */
function objectOf({ path }: FakeRequest): { kind: string; reference: string } | undefined {
  const [, kind, reference] =
    /^\/(containers|volumes|networks|exec|images|plugins|swarm|services|secrets|configs)\/?([^/]*)/.exec(
      path,
    ) ?? []
  return kind ? { kind, reference: decodeURIComponent(reference ?? '') } : undefined
}

/** Judges what an engine was asked, by what its objects bear and what a body gives; the folder is the project's. */
export function createJudge(engine: FakeEngine, project: string, folder: string) {
  /** What was done to objects without the label of the project, and bodies that give power; both as sentences. */
  function trespasses(labelsBefore: ReadonlyMap<string, Labels>): string[] {
    return engine.requests
      .filter((request) => !isRead(request))
      .flatMap((request): string[] => {
        const { method, path, body } = request
        const line = `${method} ${path}`
        if (/^\/(plugins|swarm|services|secrets|configs|session|commit)\b/.test(path)) return [line]
        if (/\/create$/.test(path) && body)
          return [...powersOf(path, body), ...foreignLabels(path, body)].map((power) => `${line}: ${power}`)
        const object = objectOf(request)
        if (!object || object.kind === 'images') return []
        const labels = labelsBefore.get(object.reference) ?? labelsOf(object.reference)
        // An exec and a helper were made by Atlas itself, in what was judged when it was made.
        if (!labels || labels['dev.atlas.helper']) return []
        return labels[compose.project] === project ? [] : [line]
      })
  }

  const labelsOf = (reference: string) =>
    [...engine.containers.values()].find(({ id, name }) => id === reference || name === reference)?.labels ??
    engine.volumes.get(reference)?.labels ??
    [...engine.networks].find(([name, { id }]) => id === reference || name === reference)?.[1].labels

  function foreignLabels(path: string, body: Record<string, unknown>): string[] {
    if (path.startsWith('/images')) return []
    const labels = (body.Labels ?? {}) as Record<string, string>
    const isOwn =
      labels[compose.project] === project ||
      (labels['dev.atlas.helper'] && labels['dev.atlas.project'] === project)
    return isOwn ? [] : [`labels ${JSON.stringify(labels)}`]
  }

  /** The fields of a body that reach beyond the project. Written from the Engine API, and not from the policy. */
  function powersOf(path: string, body: Record<string, unknown>): string[] {
    const found: string[] = []
    const host = (body.HostConfig ?? {}) as Record<string, unknown>
    const own = (name: string) => engine.volumes.get(name)?.labels[compose.project] === project
    const isAllowed = (source: string) =>
      source === folder || source.startsWith(`${folder}/`) || (!source.includes('/') && own(source))
    const list = (field: string) => (host[field] ?? []) as string[]
    if (host.Privileged) found.push('Privileged')
    for (const cap of list('CapAdd')) if (!/^(CAP_)?NET_BIND_SERVICE$/i.test(cap)) found.push(`CapAdd ${cap}`)
    for (const field of ['Devices', 'DeviceCgroupRules', 'DeviceRequests', 'VolumesFrom', 'Links'])
      if (list(field).length > 0) found.push(field)
    for (const field of ['NetworkMode', 'PidMode', 'IpcMode', 'UTSMode', 'UsernsMode', 'CgroupnsMode']) {
      const value = String(host[field] ?? '')
      const other = /^container:(.+)$/.exec(value)?.[1]
      if (value === 'host' || (other && labelsOf(other)?.[compose.project] !== project))
        found.push(`${field} ${value}`)
    }
    for (const option of list('SecurityOpt'))
      if (!option.startsWith('no-new-privileges')) found.push(`SecurityOpt ${option}`)
    for (const bind of list('Binds')) if (!isAllowed(bind.split(':')[0] ?? '')) found.push(`Binds ${bind}`)
    for (const { Type, Source } of (host.Mounts ?? []) as { Type: string; Source: string }[])
      if (Type !== 'tmpfs' && !isAllowed(Source)) found.push(`Mounts ${Source}`)
    if (host.Runtime) found.push('Runtime')
    if (host.CgroupParent) found.push('CgroupParent')
    const endpoints = Object.keys(
      (body.NetworkingConfig as { EndpointsConfig?: object })?.EndpointsConfig ?? {},
    )
    for (const network of [...endpoints, String(host.NetworkMode ?? '')]) {
      const other_network = engine.networks.get(network)
      if (other_network && other_network.labels[compose.project] !== project) found.push(`network ${network}`)
    }
    if (path.startsWith('/volumes')) {
      const { device, o } = (body.DriverOpts ?? {}) as { device?: string; o?: string }
      if (body.Driver !== 'local') found.push(`Driver ${body.Driver}`)
      if (device && device !== 'tmpfs') found.push(`device ${device} ${o}`)
    }
    if (path.startsWith('/networks') && body.Driver !== 'bridge') found.push(`Driver ${body.Driver}`)
    return found
  }

  /** By every way that an object can be named. */
  const labelsNow = () =>
    new Map<string, Labels>([
      ...[...engine.containers.values()].flatMap(({ id, name, labels }): [string, Labels][] => [
        [id, labels],
        [id.slice(0, 12), labels],
        [name, labels],
      ]),
      ...[...engine.volumes, ...engine.networks].flatMap(([name, { id, labels }]): [string, Labels][] => [
        [name, labels],
        [id, labels],
      ]),
    ])

  return { labelsNow, trespasses }
}
