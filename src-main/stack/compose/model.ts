/**
 * A compose project in its canonical form: files merged, interpolated, and every short form written out. The names are
 * those of the Compose Specification, because this is what `config` prints and what is hashed. Durations are Go's
 * (`1m30s`), sizes are bytes as text; what is not set is absent.
 */
export interface ComposeModel {
  name: string
  services: Record<string, ServiceModel>
  networks: Record<string, NetworkModel>
  volumes: Record<string, VolumeModel>
  secrets: Record<string, FileObjectModel>
  configs: Record<string, FileObjectModel>
}

export interface ServiceModel {
  annotations?: Record<string, string>
  attach?: boolean
  blkio_config?: BlkioModel
  build?: BuildModel
  cap_add?: string[]
  cap_drop?: string[]
  cgroup?: string
  cgroup_parent?: string
  command: string[] | null
  configs?: FileReferenceModel[]
  container_name?: string
  cpu_count?: number
  cpu_percent?: number
  cpu_period?: number
  cpu_quota?: number
  cpu_rt_period?: number
  cpu_rt_runtime?: number
  cpu_shares?: number
  cpus?: number
  cpuset?: string
  depends_on?: Record<string, DependencyModel>
  deploy?: DeployModel
  device_cgroup_rules?: string[]
  devices?: { source: string; target: string; permissions: string }[]
  dns?: string[]
  dns_opt?: string[]
  dns_search?: string[]
  domainname?: string
  entrypoint: string[] | null
  /** Read already: what they hold stands in `environment` and `labels`. */
  env_file?: { path: string; required: boolean; format?: string }[]
  label_file?: string[]
  /** Merged with the files of `env_file`; null takes the value from nowhere: it is left out of the container. */
  environment?: Record<string, string | null>
  expose?: string[]
  external_links?: string[]
  extra_hosts?: string[]
  gpus?: DeviceRequestModel[]
  group_add?: string[]
  healthcheck?: HealthcheckModel
  hostname?: string
  image?: string
  init?: boolean
  ipc?: string
  isolation?: string
  labels?: Record<string, string>
  links?: string[]
  logging?: { driver?: string; options?: Record<string, string> }
  mac_address?: string
  mem_limit?: string
  mem_reservation?: string
  mem_swappiness?: string
  memswap_limit?: string
  network_mode?: string
  networks?: Record<string, AttachmentModel | null>
  oom_kill_disable?: boolean
  oom_score_adj?: number
  pid?: string
  pids_limit?: number
  platform?: string
  ports?: PortModel[]
  privileged?: boolean
  profiles?: string[]
  pull_policy?: string
  read_only?: boolean
  restart?: string
  runtime?: string
  scale?: number
  secrets?: FileReferenceModel[]
  security_opt?: string[]
  shm_size?: string
  stdin_open?: boolean
  stop_grace_period?: string
  stop_signal?: string
  storage_opt?: Record<string, string>
  sysctls?: Record<string, string>
  tmpfs?: string[]
  tty?: boolean
  ulimits?: Record<string, number | { soft: number; hard: number }>
  user?: string
  userns_mode?: string
  uts?: string
  volumes?: MountModel[]
  volumes_from?: string[]
  working_dir?: string
}

export interface DependencyModel {
  condition: 'service_started' | 'service_healthy' | 'service_completed_successfully'
  required: boolean
  restart?: boolean
}

export interface BuildModel {
  context: string
  dockerfile?: string
  dockerfile_inline?: string
  args?: Record<string, string | null>
  cache_from?: string[]
  extra_hosts?: string[]
  isolation?: string
  labels?: Record<string, string>
  network?: string
  no_cache?: boolean
  platforms?: string[]
  pull?: boolean
  shm_size?: string
  tags?: string[]
  target?: string
  ulimits?: Record<string, number | { soft: number; hard: number }>
}

export interface HealthcheckModel {
  disable?: boolean
  test?: string[]
  interval?: string
  timeout?: string
  retries?: number
  start_period?: string
  start_interval?: string
}

export interface PortModel {
  name?: string
  mode: string
  host_ip?: string
  target: number
  published?: string
  protocol: string
  app_protocol?: string
}

export interface MountModel {
  type: 'bind' | 'volume' | 'tmpfs' | 'npipe' | 'cluster' | 'image'
  source?: string
  target: string
  read_only?: boolean
  consistency?: string
  bind?: { propagation?: string; create_host_path?: boolean; selinux?: string; recursive?: string }
  volume?: { nocopy?: boolean; subpath?: string; labels?: Record<string, string> }
  tmpfs?: { size?: string; mode?: number }
  image?: { subpath?: string }
}

export interface AttachmentModel {
  aliases?: string[]
  driver_opts?: Record<string, string>
  gw_priority?: number
  interface_name?: string
  ipv4_address?: string
  ipv6_address?: string
  link_local_ips?: string[]
  mac_address?: string
  priority?: number
}

export interface FileReferenceModel {
  source: string
  target?: string
  uid?: string
  gid?: string
  mode?: string
}

export interface DeployModel {
  mode?: string
  replicas?: number
  labels?: Record<string, string>
  resources?: {
    limits?: { cpus?: number; memory?: string; pids?: number }
    reservations?: { cpus?: number; memory?: string; devices?: DeviceRequestModel[] }
  }
  restart_policy?: { condition?: string; delay?: string; max_attempts?: number; window?: string }
  [other: string]: unknown
}

export interface DeviceRequestModel {
  capabilities?: string[]
  driver?: string
  count?: number
  device_ids?: string[]
  options?: Record<string, string>
}

export interface BlkioModel {
  weight?: number
  weight_device?: { path: string; weight: number }[]
  device_read_bps?: { path: string; rate: string }[]
  device_read_iops?: { path: string; rate: string }[]
  device_write_bps?: { path: string; rate: string }[]
  device_write_iops?: { path: string; rate: string }[]
}

export interface NetworkModel {
  name: string
  driver?: string
  driver_opts?: Record<string, string>
  ipam?: {
    driver?: string
    config?: {
      subnet?: string
      ip_range?: string
      gateway?: string
      aux_addresses?: Record<string, string>
    }[]
    options?: Record<string, string>
  }
  external?: boolean
  internal?: boolean
  attachable?: boolean
  enable_ipv4?: boolean
  enable_ipv6?: boolean
  labels?: Record<string, string>
}

export interface VolumeModel {
  name: string
  driver?: string
  driver_opts?: Record<string, string>
  external?: boolean
  labels?: Record<string, string>
}

/** A secret or a config: where its content comes from. */
export interface FileObjectModel {
  name: string
  file?: string
  environment?: string
  content?: string
  external?: boolean
  labels?: Record<string, string>
}
