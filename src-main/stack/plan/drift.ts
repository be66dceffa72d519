import type Docker from 'dockerode'
import type { Translation } from '../engine/translate.ts'

export interface FieldChange {
  field: string
  before: string | null
  after: string | null
}

/** One side of a comparison: fields by name, as text. */
type Fields = Map<string, string>

/**
 * What differs between a container and the one that the files would make, field by field. What the image or the engine
 * fills in is no difference. Values that look like secrets are masked.
 */
export function compareContainer(
  wanted: Translation,
  found: Docker.ContainerInspectInfo,
  image: Docker.ImageInspectInfo | undefined,
): FieldChange[] {
  const [before, after] = [fieldsOfContainer(found, image), fieldsOfTranslation(wanted, image)]
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((field) => {
    const [left, right] = [before.get(field) ?? null, after.get(field) ?? null]
    return left === right ? [] : [{ field, before: mask(field, left), after: mask(field, right) }]
  })
}

function fieldsOfTranslation(
  { options, otherNetworks }: Translation,
  image: Docker.ImageInspectInfo | undefined,
): Fields {
  const host = options.HostConfig ?? {}
  const defaults = image?.Config
  const networks = [
    ...Object.keys(options.NetworkingConfig?.EndpointsConfig ?? {}),
    ...otherNetworks.map(({ name }) => name),
  ]
  return collect({
    image: options.Image,
    command: list(options.Cmd ?? (options.Entrypoint ? undefined : defaults?.Cmd)),
    entrypoint: list(options.Entrypoint ?? defaults?.Entrypoint),
    user: options.User ?? defaults?.User,
    working_dir: options.WorkingDir ?? defaults?.WorkingDir,
    hostname: options.Hostname,
    tty: flag(options.Tty),
    stop_signal: options.StopSignal ?? stopSignal(defaults),
    stop_grace_period: text(options.StopTimeout),
    healthcheck: health(options.Healthcheck, defaults?.Healthcheck),
    networks: list(networks.sort()),
    ...prefixed('environment', pairs(options.Env)),
    ...prefixed('labels', ownLabels(options.Labels, defaults?.Labels)),
    ...prefixed('ports', ports(host.PortBindings)),
    ...prefixed('volumes', mountsWanted(host, options.Volumes)),
    ...hostFields(host),
  })
}

function fieldsOfContainer(
  { Config: config, HostConfig: host, NetworkSettings, Mounts }: Docker.ContainerInspectInfo,
  image: Docker.ImageInspectInfo | undefined,
): Fields {
  const defaults = image?.Config
  const fromImage = new Set(defaults?.Env ?? [])
  const isOwnNetwork = /^(host|none|container:|default$)/.test(host.NetworkMode ?? '')
  const hostname = config.Hostname
  return collect({
    image: config.Image,
    command: list(config.Cmd),
    entrypoint: list(config.Entrypoint ?? undefined),
    user: config.User,
    working_dir: config.WorkingDir,
    // Without one of its own a container is called by the beginning of its id.
    hostname: /^[0-9a-f]{12}$/.test(hostname) || isOwnNetwork ? undefined : hostname,
    tty: flag(config.Tty),
    stop_signal: stopSignal(config),
    stop_grace_period: text((config as { StopTimeout?: number }).StopTimeout),
    healthcheck: health(config.Healthcheck, defaults?.Healthcheck),
    networks: isOwnNetwork ? undefined : list(Object.keys(NetworkSettings.Networks).sort()),
    ...prefixed('environment', pairs((config.Env ?? []).filter((entry) => !fromImage.has(entry)))),
    ...prefixed('labels', ownLabels(config.Labels, defaults?.Labels)),
    ...prefixed('ports', ports(host.PortBindings as Docker.PortMap)),
    ...prefixed('volumes', mountsFound(Mounts, defaults?.Volumes)),
    ...hostFields(host),
  })
}

/** Fields that the host's configuration says alike on both sides. */
function hostFields(host: Docker.HostConfig): Record<string, string | undefined> {
  return {
    network_mode: /^(host|none|container:)/.exec(host.NetworkMode ?? '') ? host.NetworkMode : undefined,
    privileged: flag(host.Privileged),
    read_only: flag(host.ReadonlyRootfs),
    init: flag(host.Init),
    restart: restart(host.RestartPolicy),
    mem_limit: positive(host.Memory),
    mem_reservation: positive(host.MemoryReservation),
    cpus: host.NanoCpus ? String(host.NanoCpus / 1e9) : undefined,
    cpu_shares: positive(host.CpuShares),
    pids_limit: positive(host.PidsLimit ?? undefined),
    shm_size: host.ShmSize && host.ShmSize !== 67_108_864 ? String(host.ShmSize) : undefined,
    cap_add: list(host.CapAdd),
    cap_drop: list(host.CapDrop),
    security_opt: list(host.SecurityOpt),
    extra_hosts: list(host.ExtraHosts),
    dns: list(host.Dns),
    devices: list(
      host.Devices?.map(
        (device: { PathOnHost: string; PathInContainer: string }) =>
          `${device.PathOnHost}:${device.PathInContainer}`,
      ),
    ),
    ulimits: list(host.Ulimits?.map(({ Name, Soft, Hard }) => `${Name}=${Soft}:${Hard}`)),
    pid: host.PidMode || undefined,
    ipc: host.IpcMode && !['private', 'shareable'].includes(host.IpcMode) ? host.IpcMode : undefined,
    ...(host.LogConfig?.Type && {
      logging:
        `${host.LogConfig.Type} ${JSON.stringify(Object.fromEntries(Object.entries(host.LogConfig.Config ?? {}).sort()))}`.replace(
          'json-file {}',
          '',
        ) || undefined,
    }),
  }
}

const stopSignal = (config: unknown) => (config as { StopSignal?: string } | undefined)?.StopSignal
const text = (value: unknown) => (value === undefined || value === null ? undefined : String(value))
const flag = (value: boolean | null | undefined) => (value ? 'true' : undefined)
const positive = (value: number | undefined) => (value && value > 0 ? String(value) : undefined)
const list = (items: string[] | string | null | undefined) => {
  const all = items === null || items === undefined ? [] : [items].flat()
  return all.length === 0 ? undefined : JSON.stringify(all)
}

const restart = (policy: Docker.HostRestartPolicy | undefined) =>
  !policy?.Name || policy.Name === 'no'
    ? undefined
    : policy.Name + (policy.MaximumRetryCount ? `:${policy.MaximumRetryCount}` : '')

/** What is not set is inherited from the image. */
function health(
  check: Docker.HealthConfig | undefined,
  fromImage: Docker.HealthConfig | undefined,
): string | undefined {
  if (!check?.Test?.length && !fromImage?.Test?.length) return undefined
  const merged = Object.entries({ ...fromImage, ...check }).filter(
    ([, value]) => value !== undefined && value !== 0,
  )
  return JSON.stringify(Object.fromEntries(merged.sort()))
}

/** `A=b` entries as a mapping; what has no `=` has no value. */
export function pairs(entries: readonly string[] | null | undefined): Record<string, string> {
  return Object.fromEntries(
    (entries ?? []).map((entry) => {
      const at = entry.indexOf('=')
      return at === -1 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)]
    }),
  )
}

/** Without compose's and Atlas's own, and without the image's. */
function ownLabels(
  labels: Record<string, string> | undefined,
  fromImage: Record<string, string> | undefined,
) {
  return Object.fromEntries(
    Object.entries(labels ?? {}).filter(
      ([name, value]) => !/^(com\.docker\.compose|dev\.atlas)\./.test(name) && fromImage?.[name] !== value,
    ),
  )
}

function ports(bindings: Docker.PortMap | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(bindings ?? {}).map(([port, hosts]) => [
      port,
      ((hosts ?? []) as { HostIp?: string; HostPort?: string }[])
        .map(({ HostIp, HostPort }) => `${HostIp || '0.0.0.0'}:${HostPort || 'any'}`)
        .join(', '),
    ]),
  )
}

function mountsWanted(host: Docker.HostConfig, anonymous: object | undefined): Record<string, string> {
  const binds = (host.Binds ?? []).map((bind) => {
    const parts = bind.split(':')
    const [options, target] = [parts.at(-1) ?? '', parts.at(-2) ?? '']
    return [
      target,
      `${parts.slice(0, -2).join(':')}${options.split(',').includes('ro') ? ' (read-only)' : ''}`,
    ]
  })
  const mounts = (host.Mounts ?? []).map(({ Target, Source, ReadOnly, Type }) => [
    Target,
    `${Type === 'tmpfs' ? 'tmpfs' : Source}${ReadOnly ? ' (read-only)' : ''}`,
  ])
  return Object.fromEntries([
    ...binds,
    ...mounts,
    ...Object.keys(anonymous ?? {}).map((target) => [target, 'anonymous']),
  ])
}

function mountsFound(
  mounts: Docker.ContainerInspectInfo['Mounts'],
  fromImage: Record<string, object> | undefined,
): Record<string, string> {
  return Object.fromEntries(
    mounts.flatMap(({ Type, Name, Source, Destination, RW }) => {
      const isAnonymous = Type === 'volume' && /^[0-9a-f]{64}$/.test(Name ?? '')
      if (isAnonymous && fromImage && Destination in fromImage) return []
      const source = isAnonymous ? 'anonymous' : Type === 'tmpfs' ? 'tmpfs' : (Name ?? Source)
      return [[Destination, `${source}${RW ? '' : ' (read-only)'}`]]
    }),
  )
}

function prefixed(prefix: string, values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}.${name}`, value]))
}

function collect(values: Record<string, string | undefined>): Fields {
  return new Map(Object.entries(values).filter((entry): entry is [string, string] => Boolean(entry[1])))
}

const secretName = /pass|secret|token|key|credential|auth/i

/** A value of a secret's name is not shown, nor is the password inside an address. */
function mask(field: string, value: string | null): string | null {
  if (value === null) return null
  if (field.startsWith('environment.') && secretName.test(field)) return '••••'
  return value.replaceAll(/(\w+:\/\/[^\s:/@]*):[^\s@/]+@/g, '$1:••••@')
}
