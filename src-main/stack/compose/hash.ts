import { createHash } from 'node:crypto'
import type { NetworkModel, ServiceModel, VolumeModel } from './model.ts'

/**
 * Compose's config-hash: SHA-256 over the JSON that Go writes of the object, whose fields stand in the order of their Go
 * structs (compose-go, types/types.go; pkg/compose/hash.go of docker/compose 2.40). A field that is missing here would
 * change the hash, so the orders name every field that this model can hold. Env files are not hashed: `up` puts what
 * they hold into `environment` first (`config --hash` alone does not).
 */
const serviceOrder =
  `annotations attach blkio_config cap_add cap_drop cgroup_parent cgroup cpu_count cpu_percent cpu_period cpu_quota
  cpu_rt_period cpu_rt_runtime cpus cpuset cpu_shares command configs container_name deploy device_cgroup_rules devices
  dns dns_opt dns_search domainname entrypoint environment expose external_links extra_hosts group_add gpus
  hostname healthcheck image init ipc isolation labels links logging mem_limit mem_reservation memswap_limit
  mem_swappiness mac_address network_mode networks oom_kill_disable oom_score_adj pid pids_limit platform ports privileged
  read_only restart runtime secrets security_opt shm_size stdin_open stop_grace_period stop_signal storage_opt sysctls
  tmpfs tty ulimits user userns_mode uts volumes volumes_from working_dir`.split(/\s+/)

const nestedOrders: Record<string, string[]> = {
  blkio_config: [
    'weight',
    'weight_device',
    'device_read_bps',
    'device_read_iops',
    'device_write_bps',
    'device_write_iops',
  ],
  healthcheck: ['test', 'timeout', 'interval', 'retries', 'start_period', 'start_interval', 'disable'],
  logging: ['driver', 'options'],
  deploy: [
    'mode',
    'labels',
    'update_config',
    'rollback_config',
    'resources',
    'restart_policy',
    'placement',
    'endpoint_mode',
  ],
  resources: ['limits', 'reservations'],
  limits: ['cpus', 'memory', 'pids', 'devices', 'generic_resources'],
  reservations: ['cpus', 'memory', 'pids', 'devices', 'generic_resources'],
  restart_policy: ['condition', 'delay', 'max_attempts', 'window'],
  update_config: ['parallelism', 'delay', 'failure_action', 'monitor', 'max_failure_ratio', 'order'],
  rollback_config: ['parallelism', 'delay', 'failure_action', 'monitor', 'max_failure_ratio', 'order'],
  ports: ['name', 'mode', 'host_ip', 'target', 'published', 'protocol', 'app_protocol'],
  volumes: ['type', 'source', 'target', 'read_only', 'consistency', 'bind', 'volume', 'tmpfs', 'image'],
  bind: ['selinux', 'propagation', 'create_host_path', 'recursive'],
  volume: ['labels', 'nocopy', 'subpath'],
  tmpfs: ['size', 'mode'],
  devices: ['source', 'target', 'permissions', 'capabilities', 'driver', 'count', 'device_ids', 'options'],
  gpus: ['capabilities', 'driver', 'count', 'device_ids', 'options'],
  secrets: ['source', 'target', 'uid', 'gid', 'mode'],
  configs: ['source', 'target', 'uid', 'gid', 'mode'],
  ulimits: ['single', 'soft', 'hard'],
  attachment: [
    'aliases',
    'driver_opts',
    'gw_priority',
    'interface_name',
    'ipv4_address',
    'ipv6_address',
    'link_local_ips',
    'mac_address',
    'priority',
  ],
}

const networkOrder = [
  'name',
  'driver',
  'driver_opts',
  'ipam',
  'external',
  'internal',
  'attachable',
  'labels',
  'enable_ipv4',
  'enable_ipv6',
]
const ipamOrder = ['driver', 'config', 'options']
const poolOrder = ['subnet', 'gateway', 'ip_range', 'aux_addresses']
const volumeOrder = ['name', 'driver', 'driver_opts', 'external', 'labels']

export function hashService(service: ServiceModel): string {
  return sha256(writeObject(service, serviceOrder))
}

export function hashNetwork(network: NetworkModel): string {
  return sha256(writeObject(network, networkOrder))
}

/** A volume without a driver is hashed with `local`, as compose does. */
export function hashVolume(volume: VolumeModel): string {
  return sha256(writeObject({ driver: 'local', ...volume }, volumeOrder))
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function writeObject(value: object, order: string[]): string {
  const entries = order.flatMap((key) => {
    const item = (value as Record<string, unknown>)[key]
    return item === undefined || isEmptyInGo(key, item) ? [] : [`${write(key)}:${writeField(key, item)}`]
  })
  return `{${entries.join(',')}}`
}

/** `omitempty` drops false, zero and empty lists and mappings; these fields are kept: Go holds them as pointers or structs. */
const kept = new Set([
  'command',
  'entrypoint',
  'ipam',
  'resources',
  'placement',
  'volume',
  'bind',
  'init',
  'attach',
  'retries',
  'enable_ipv4',
  'enable_ipv6',
  'max_attempts',
  'parallelism',
])

function isEmptyInGo(key: string, item: unknown): boolean {
  if (kept.has(key)) return false
  if (item === null || item === false || item === 0 || item === '' || item === '0') return true
  return Array.isArray(item) ? item.length === 0 : typeof item === 'object' && Object.keys(item).length === 0
}

function writeField(key: string, item: unknown): string {
  if (key === 'ipam') return writeObject(item as object, ipamOrder)
  if (key === 'config') return writeList(item as object[], (pool) => writeObject(pool, poolOrder))
  if (key === 'networks')
    return writeMap(item as object, (one) =>
      one === null ? 'null' : writeObject(one as object, nestedOrders.attachment ?? []),
    )
  if (key === 'ulimits')
    return writeMap(item as object, (one) =>
      typeof one === 'number' ? String(one) : writeObject(one as object, nestedOrders.ulimits ?? []),
    )
  // Go writes these two without names of their own.
  if (/^(weight_device|device_(read|write)_(bps|iops))$/.test(key))
    return writeList(
      item as Record<string, unknown>[],
      ({ path, rate, weight }) =>
        `{"Path":${write(path)},${rate === undefined ? `"Weight":${write(weight)}` : `"Rate":${write(rate)}`}}`,
    )
  const order = nestedOrders[key]
  if (order && Array.isArray(item) && item.some((one) => typeof one === 'object'))
    return writeList(item as object[], (one) => writeObject(one, order))
  if (order && item !== null && typeof item === 'object' && !Array.isArray(item))
    return writeObject(item, order)
  if (item !== null && typeof item === 'object' && !Array.isArray(item)) return writeMap(item, write)
  return write(item)
}

function writeList<T>(items: T[], writeItem: (item: T) => string): string {
  return `[${items.map(writeItem).join(',')}]`
}

/** Go sorts the keys of a mapping by their bytes. */
function writeMap(value: object, writeItem: (item: unknown) => string): string {
  const entries = Object.entries(value).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  return `{${entries.map(([key, item]) => `${write(key)}:${writeItem(item)}`).join(',')}}`
}

/** Go's JSON escapes what could end a script element, and the two line separators of JavaScript. */
function write(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
