import type { Path } from './composeFile.ts'
import {
  cleanTarget,
  isRemoteContext,
  parseDevice,
  parseMount,
  parsePort,
  resolvePath,
} from './shortForms.ts'
import {
  below,
  type Convert,
  decimal,
  duration,
  fields,
  integer,
  isMapping,
  keep,
  labels,
  listOf,
  type Mapping,
  mapOf,
  micros,
  pairs,
  parsed,
  size,
  text,
  texts,
  truth,
  words,
} from './values.ts'

/** Brings a value of one file into its one long form, so that files can be merged field by field. No defaults yet. */

const path: Convert = parsed(resolvePath)

const flat =
  (convert: Convert): Convert =>
  (value, place) =>
    ((value ?? []) as unknown[]).flatMap((item, index) => convert(item, below(place, index)) as unknown[])

const port: Convert = (value, place) =>
  isMapping(value)
    ? [fields({ target: integer, published: text, host_ip: text, protocol: text, mode: text })(value, place)]
    : parsed(parsePort)(value, place)

const bindFields = { create_host_path: truth, propagation: text, selinux: text }
const mountFields = {
  read_only: truth,
  bind: fields(bindFields),
  volume: fields({ nocopy: truth, labels }),
  tmpfs: fields({ size, mode: integer }),
  target: ((value) => cleanTarget(String(value))) satisfies Convert,
}
const mount: Convert = (value, place) => {
  if (!isMapping(value)) return parsed(parseMount)(value, place)
  const long = fields(mountFields)(value, place) as Mapping
  return long.type === 'bind' && typeof long.source === 'string'
    ? { ...long, source: resolvePath(long.source, place.folder) }
    : long
}

const device: Convert = (value, place) =>
  isMapping(value)
    ? { permissions: 'rwm', target: value.source, ...value }
    : parsed(parseDevice)(value, place)

const reference: Convert = (value, place) =>
  isMapping(value)
    ? fields({
        mode: ((mode) =>
          typeof mode === 'number' ? `0${mode.toString(8)}` : String(mode)) satisfies Convert,
      })(value, place)
    : { source: String(value) }

const dependencies: Convert = (value, place) =>
  Array.isArray(value)
    ? Object.fromEntries(
        value.map((name: unknown) => [String(name), { condition: 'service_started', required: true }]),
      )
    : mapOf(fields({ required: truth, restart: truth }))(value, place)

const attachments: Convert = (value, place) =>
  Array.isArray(value)
    ? Object.fromEntries(value.map((name: unknown) => [String(name), null]))
    : mapOf((item, at) =>
        item === null
          ? null
          : fields({ aliases: texts, link_local_ips: texts, driver_opts: labels, priority: integer })(
              item,
              at,
            ),
      )(value, place)

const ulimit: Convert = (value, place) =>
  isMapping(value) ? fields({ soft: integer, hard: integer })(value, place) : integer(value, place)

/** `host:address` or `host=address`, or a mapping with one or several addresses; as `host=address`. */
const hosts: Convert = (value) => {
  const entries = Array.isArray(value)
    ? value.map((item) => String(item).replace(/^([^=:]+)[=:]/, '$1='))
    : Object.entries((value ?? {}) as Mapping).flatMap(([host, address]) =>
        [address].flat().map((one) => `${host}=${String(one)}`),
      )
  return entries.map((entry) => entry.replace(/=\[(.*)\]$/, '=$1')).sort()
}

const envFiles: Convert = (value, place) =>
  [value]
    .flat()
    .map((item) =>
      isMapping(item)
        ? { required: true, ...item, path: resolvePath(String(item.path), place.folder) }
        : { path: resolvePath(String(item), place.folder), required: true },
    )

const build: Convert = (value, place) => {
  const long = isMapping(value) ? value : { context: value }
  return fields({
    context: (context, at) => (isRemoteContext(String(context)) ? context : path(context, at)),
    args: pairs,
    labels,
    cache_from: texts,
    cache_to: texts,
    extra_hosts: hosts,
    no_cache: truth,
    platforms: texts,
    privileged: truth,
    pull: truth,
    shm_size: size,
    tags: texts,
    target: text,
    ulimits: mapOf(ulimit),
    secrets: listOf(reference),
    additional_contexts: pairs,
  })(long, place)
}

const healthcheck: Convert = fields({
  disable: truth,
  test: (value) => (Array.isArray(value) ? value.map(String) : ['CMD-SHELL', String(value)]),
  interval: duration,
  timeout: duration,
  start_period: duration,
  start_interval: duration,
  retries: integer,
})

const logging: Convert = fields({ options: labels })

const deviceRequest: Convert = fields({
  capabilities: texts,
  device_ids: texts,
  count: (value, place) => (value === 'all' ? -1 : integer(value, place)),
  options: labels,
})

const deploy: Convert = fields({
  labels,
  replicas: integer,
  resources: fields({
    limits: fields({ cpus: decimal, memory: size, pids: integer }),
    reservations: fields({ cpus: decimal, memory: size, devices: listOf(deviceRequest) }),
  }),
  restart_policy: fields({ delay: duration, window: duration, max_attempts: integer }),
  update_config: fields({
    delay: duration,
    monitor: duration,
    parallelism: integer,
    max_failure_ratio: decimal,
  }),
  rollback_config: fields({
    delay: duration,
    monitor: duration,
    parallelism: integer,
    max_failure_ratio: decimal,
  }),
})

const rates = listOf(fields({ rate: size, weight: integer }))

const service: Convert = fields({
  annotations: labels,
  attach: truth,
  blkio_config: fields({
    weight: integer,
    weight_device: rates,
    device_read_bps: rates,
    device_read_iops: rates,
    device_write_bps: rates,
    device_write_iops: rates,
  }),
  build,
  cap_add: texts,
  cap_drop: texts,
  command: words,
  configs: listOf(reference),
  cpu_count: integer,
  cpu_percent: decimal,
  cpu_period: micros,
  cpu_quota: micros,
  cpu_rt_period: micros,
  cpu_rt_runtime: micros,
  cpu_shares: integer,
  cpus: decimal,
  depends_on: dependencies,
  deploy,
  device_cgroup_rules: texts,
  devices: listOf(device),
  dns: texts,
  dns_opt: texts,
  dns_search: texts,
  entrypoint: words,
  env_file: envFiles,
  environment: pairs,
  expose: texts,
  external_links: texts,
  extra_hosts: hosts,
  gpus: (value, place) => (value === 'all' ? [{ count: -1 }] : listOf(deviceRequest)(value, place)),
  group_add: texts,
  healthcheck,
  init: truth,
  label_file: (value, place) => [value].flat().map((item) => resolvePath(String(item), place.folder)),
  labels,
  links: texts,
  logging,
  mem_limit: size,
  mem_reservation: size,
  mem_swappiness: text,
  memswap_limit: size,
  networks: attachments,
  oom_kill_disable: truth,
  oom_score_adj: integer,
  pids_limit: integer,
  ports: flat(port),
  privileged: truth,
  profiles: texts,
  read_only: truth,
  scale: integer,
  secrets: listOf(reference),
  security_opt: texts,
  shm_size: size,
  stdin_open: truth,
  stop_grace_period: duration,
  storage_opt: labels,
  sysctls: labels,
  tmpfs: texts,
  tty: truth,
  ulimits: mapOf(ulimit),
  user: text,
  volumes: listOf(mount),
  volumes_from: texts,
})

const network: Convert = fields({
  attachable: truth,
  driver_opts: labels,
  enable_ipv4: truth,
  enable_ipv6: truth,
  external: external,
  internal: truth,
  labels,
  ipam: fields({ options: labels }),
})
const volume: Convert = fields({ driver_opts: labels, external: external, labels })
const fileObject: Convert = fields({ external: external, file: path, labels })

/** `external: {name: x}` is an old way to write `external: true` with a name. */
function external(value: unknown, place: Parameters<Convert>[1]): unknown {
  return isMapping(value) ? value : truth(value, place)
}

const hoistName: (convert: Convert) => Convert = (convert) => (value, place) => {
  const long = convert(value ?? {}, place) as Mapping
  return isMapping(long.external) ? { ...long, external: true, name: long.name ?? long.external.name } : long
}

const sections: Record<string, Convert> = {
  services: mapOf(service),
  networks: mapOf(hoistName(network)),
  volumes: mapOf(hoistName(volume)),
  secrets: mapOf(hoistName(fileObject)),
  configs: mapOf(hoistName(fileObject)),
  name: text,
  version: keep,
}

/** The canonical form of one file. Throws `ComposeProblem` for the first value that cannot be taken. */
export function toCanonical(value: Mapping, folder: string): Mapping {
  const at = (name: string): Path => [name]
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, section]) => {
      const convert = sections[name]
      return convert && section !== null ? [[name, convert(section, { path: at(name), folder })]] : []
    }),
  )
}

/** One service in its canonical form, as `extends` needs it. */
export function toCanonicalService(value: unknown, name: string, folder: string): Mapping {
  return service(value, { path: ['services', name], folder }) as Mapping
}
