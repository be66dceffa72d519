import type Docker from 'dockerode'
import type { ServiceModel } from '../compose/model.ts'
import { parseBytes } from '../compose/units.ts'

/** Limits of memory, processors, processes and devices, from `deploy.resources` or the older fields. */
export function resourcesOf(service: ServiceModel): Partial<Docker.HostConfig> {
  const { limits, reservations } = service.deploy?.resources ?? {}
  const bytes = (value: string | undefined) => (value === undefined ? undefined : parseBytes(value))
  const cpus = limits?.cpus ?? service.cpus
  const blkio = service.blkio_config
  const rates = (list: { path: string; rate: string }[] | undefined) =>
    list?.map(({ path, rate }) => ({ Path: path, Rate: parseBytes(rate) }))
  return {
    Memory: bytes(limits?.memory ?? service.mem_limit),
    MemoryReservation: bytes(reservations?.memory ?? service.mem_reservation),
    MemorySwap: bytes(service.memswap_limit),
    MemorySwappiness: service.mem_swappiness === undefined ? undefined : Number(service.mem_swappiness),
    NanoCpus: cpus === undefined ? undefined : Math.round(cpus * 1e9),
    CpuShares: service.cpu_shares,
    CpusetCpus: service.cpuset,
    CpuPeriod: service.cpu_period,
    CpuQuota: service.cpu_quota,
    CpuRealtimePeriod: service.cpu_rt_period,
    CpuRealtimeRuntime: service.cpu_rt_runtime,
    CpuCount: service.cpu_count,
    CpuPercent: service.cpu_percent,
    PidsLimit: limits?.pids ?? service.pids_limit,
    OomKillDisable: service.oom_kill_disable,
    Ulimits: Object.entries(service.ulimits ?? {}).map(([Name, limit]) =>
      typeof limit === 'number'
        ? { Name, Soft: limit, Hard: limit }
        : { Name, Soft: limit.soft, Hard: limit.hard },
    ),
    Devices: service.devices?.map(({ source, target, permissions }) => ({
      PathOnHost: source,
      PathInContainer: target,
      CgroupPermissions: permissions,
    })),
    DeviceCgroupRules: service.device_cgroup_rules,
    BlkioWeight: blkio?.weight,
    BlkioWeightDevice: blkio?.weight_device?.map(({ path, weight }) => ({ Path: path, Weight: weight })),
    BlkioDeviceReadBps: rates(blkio?.device_read_bps),
    BlkioDeviceReadIOps: rates(blkio?.device_read_iops),
    BlkioDeviceWriteBps: rates(blkio?.device_write_bps),
    BlkioDeviceWriteIOps: rates(blkio?.device_write_iops),
  } as Partial<Docker.HostConfig>
}
