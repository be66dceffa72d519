import { readFileSync } from 'node:fs'
import type Docker from 'dockerode'
import type {
  AttachmentModel,
  ComposeModel,
  DeviceRequestModel,
  HealthcheckModel,
  ServiceModel,
} from '../compose/model.ts'
import { expandRange } from '../compose/shortForms.ts'
import { parseBytes, parseDuration } from '../compose/units.ts'
import { mountsOf } from './translateMounts.ts'
import { resourcesOf } from './translateResources.ts'

/** What the Engine API is asked for one container of a service. */
export interface Translation {
  options: Docker.ContainerCreateOptions
  /** Networks beside the first: older engines take one at creation, the others are connected before the start. */
  otherNetworks: { name: string; endpoint: Docker.EndpointSettings }[]
}

export interface TranslationContext {
  model: ComposeModel
  folder: string
  /** The container that a service shares something with: its first one. */
  containerOf: (service: string) => string
  /** The name of the container that this becomes. */
  name: string
  image: string
  labels: Record<string, string>
  /** Anonymous volumes of the container that this one replaces, by their place. */
  inherited?: Record<string, string>
}

/** One container of a service in the words of the Engine API (v1.41 and later). Pure but for seccomp profiles, which are read. */
export function translateService(
  key: string,
  service: ServiceModel,
  context: TranslationContext,
): Translation {
  const { model, containerOf } = context
  const [first, ...others] = networkKeys(service)
  const endpoint = (network: string) => endpointOf(key, service, service.networks?.[network] ?? null, context)
  const shared = (value: string | undefined) =>
    value?.replace(/^service:(.+)$/, (_all, name: string) => `container:${containerOf(name)}`)
  const nameOf = (network: string) => model.networks[network]?.name ?? network
  const { binds, mounts, anonymous } = mountsOf(service, context)
  const hostConfig: Docker.HostConfig = {
    ...resourcesOf(service),
    Binds: binds,
    Mounts: mounts,
    CapAdd: service.cap_add,
    CapDrop: service.cap_drop,
    NetworkMode: shared(service.network_mode) ?? (first ? nameOf(first) : 'none'),
    Init: service.init,
    IpcMode: shared(service.ipc),
    CgroupnsMode: service.cgroup,
    CgroupParent: service.cgroup_parent,
    ReadonlyRootfs: service.read_only,
    RestartPolicy: restartPolicyOf(service),
    ShmSize: service.shm_size === undefined ? undefined : parseBytes(service.shm_size),
    Sysctls: service.sysctls,
    PortBindings: portBindingsOf(service),
    VolumesFrom: service.volumes_from?.map((from) =>
      from.startsWith('container:') ? from.slice('container:'.length) : from.replace(/^[^:]+/, containerOf),
    ),
    Dns: service.dns,
    DnsSearch: service.dns_search,
    DnsOptions: service.dns_opt,
    ExtraHosts: service.extra_hosts?.map((host) => host.replace('=', ':')),
    SecurityOpt: service.security_opt?.map(readSeccomp),
    StorageOpt: service.storage_opt,
    UsernsMode: service.userns_mode,
    UTSMode: service.uts,
    Privileged: service.privileged,
    PidMode: shared(service.pid),
    Tmpfs: service.tmpfs && Object.fromEntries(service.tmpfs.map((entry) => split(entry, ':'))),
    Isolation: service.isolation,
    Runtime: service.runtime,
    LogConfig: service.logging && {
      Type: service.logging.driver ?? '',
      Config: service.logging.options ?? {},
    },
    GroupAdd: service.group_add,
    OomScoreAdj: service.oom_score_adj,
    DeviceRequests: [
      ...(service.gpus ?? []),
      ...(service.deploy?.resources?.reservations?.devices ?? []),
    ].map(deviceRequest),
    ...(service.annotations && { Annotations: service.annotations }),
  } as Docker.HostConfig
  return {
    options: {
      name: context.name,
      ...(service.platform && { platform: service.platform }),
      Image: context.image,
      Labels: context.labels,
      Cmd: service.command ?? undefined,
      Entrypoint: service.entrypoint ?? undefined,
      Env: Object.entries(service.environment ?? {}).flatMap(([name, value]) =>
        value === null ? [] : [`${name}=${value}`],
      ),
      User: service.user,
      WorkingDir: service.working_dir,
      Hostname: service.hostname,
      Domainname: service.domainname,
      Tty: service.tty,
      OpenStdin: service.stdin_open,
      StopSignal: service.stop_signal,
      StopTimeout:
        service.stop_grace_period === undefined
          ? undefined
          : Math.ceil(parseDuration(service.stop_grace_period) / 1e9),
      ExposedPorts: exposedPortsOf(service),
      Healthcheck: service.healthcheck && healthcheckOf(service.healthcheck),
      Volumes: anonymous,
      MacAddress: service.mac_address,
      HostConfig: hostConfig,
      ...(first && { NetworkingConfig: { EndpointsConfig: { [nameOf(first)]: endpoint(first) } } }),
    },
    otherNetworks: others.map((network) => ({ name: nameOf(network), endpoint: endpoint(network) })),
  }
}

/** The networks of a service: by priority, then by name, as compose chooses the first. */
function networkKeys(service: ServiceModel): string[] {
  return Object.entries(service.networks ?? {})
    .sort(([a, left], [b, right]) => (right?.priority ?? 0) - (left?.priority ?? 0) || (a < b ? -1 : 1))
    .map(([key]) => key)
}

function endpointOf(
  key: string,
  service: ServiceModel,
  attachment: AttachmentModel | null,
  { name, containerOf }: TranslationContext,
): Docker.EndpointSettings {
  const { ipv4_address, ipv6_address, link_local_ips } = attachment ?? {}
  const links = service.links?.map((link) => {
    const [other = '', alias = other] = link.split(':')
    return `${containerOf(other)}:${alias}`
  })
  return {
    Aliases: [...new Set([name, key, ...(attachment?.aliases ?? [])])],
    ...((links || service.external_links) && {
      Links: [...(links ?? []), ...(service.external_links ?? [])],
    }),
    ...((ipv4_address || ipv6_address || link_local_ips) && {
      IPAMConfig: { IPv4Address: ipv4_address, IPv6Address: ipv6_address, LinkLocalIPs: link_local_ips },
    }),
    ...(attachment?.driver_opts && { DriverOpts: attachment.driver_opts }),
    ...(attachment?.mac_address && { MacAddress: attachment.mac_address }),
  } as Docker.EndpointSettings
}

function exposedPortsOf({ ports = [], expose = [] }: ServiceModel): Record<string, object> {
  const exposed = expose.flatMap((entry) => {
    const [range, protocol] = split(entry, '/')
    return expandRange(range).map((port) => `${port}/${protocol || 'tcp'}`)
  })
  return Object.fromEntries(
    [...ports.map(({ target, protocol }) => `${target}/${protocol}`), ...exposed].map((port) => [port, {}]),
  )
}

function portBindingsOf({ ports = [] }: ServiceModel): Docker.PortMap {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {}
  for (const { target, protocol, host_ip = '', published = '' } of ports) {
    const key = `${target}/${protocol}`
    bindings[key] = [...(bindings[key] ?? []), { HostIp: host_ip, HostPort: published }]
  }
  return bindings
}

/** Durations are nanoseconds; what is not set is inherited from the image. */
function healthcheckOf(check: HealthcheckModel): Docker.HealthConfig {
  if (check.disable) return { Test: ['NONE'] }
  const time = (value: string | undefined) => (value === undefined ? undefined : parseDuration(value))
  return {
    Test: check.test,
    Interval: time(check.interval),
    Timeout: time(check.timeout),
    StartPeriod: time(check.start_period),
    StartInterval: time(check.start_interval),
    Retries: check.retries,
  } as Docker.HealthConfig
}

/** `deploy.restart_policy` counts before `restart`. */
function restartPolicyOf({ restart, deploy }: ServiceModel): Docker.HostRestartPolicy | undefined {
  const policy = deploy?.restart_policy
  if (policy) {
    const names: Record<string, string> = { none: 'no', any: 'always' }
    const condition = policy.condition ?? 'any'
    return { Name: names[condition] ?? condition, MaximumRetryCount: policy.max_attempts ?? 0 }
  }
  if (restart === undefined) return undefined
  const [name, count] = split(restart, ':')
  return { Name: name, MaximumRetryCount: Number(count || 0) }
}

function deviceRequest({
  driver,
  count,
  device_ids,
  capabilities,
  options,
}: DeviceRequestModel): Docker.DeviceRequest {
  return {
    Driver: driver ?? '',
    Count: device_ids ? 0 : (count ?? -1),
    DeviceIDs: device_ids ?? [],
    Capabilities: [capabilities ?? ['gpu']],
    Options: options ?? {},
  }
}

/** A seccomp profile is a file here and JSON at the engine. */
function readSeccomp(option: string): string {
  const file = /^seccomp[:=](?!unconfined|builtin)(.+)$/.exec(option)?.[1]
  return file ? `seccomp=${JSON.stringify(JSON.parse(readFileSync(file, 'utf8')))}` : option
}

function split(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
