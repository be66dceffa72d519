import type { Sample } from '../detailContract.ts'

/** What the engine streams each second; fields differ between Linux with cgroup v1, v2, and Windows. */
export interface EngineStats {
  read?: string
  cpu_stats?: CpuStats
  precpu_stats?: CpuStats
  memory_stats?: { usage?: number; stats?: Record<string, number> }
  networks?: Record<string, { rx_bytes?: number; tx_bytes?: number }>
  blkio_stats?: { io_service_bytes_recursive?: { op?: string; value?: number }[] | null }
  pids_stats?: { current?: number }
}

interface CpuStats {
  cpu_usage?: { total_usage?: number; percpu_usage?: number[] | null }
  system_cpu_usage?: number
  online_cpus?: number
}

/** Totals that rates are made of. */
export interface Totals {
  at: number
  received: number
  sent: number
  read: number
  written: number
}

export function totalsOf(stats: EngineStats): Totals {
  const networks = Object.values(stats.networks ?? {})
  const blocks = stats.blkio_stats?.io_service_bytes_recursive ?? []
  const blocksOf = (op: string) =>
    blocks.reduce((sum, entry) => sum + (entry.op?.toLowerCase() === op ? (entry.value ?? 0) : 0), 0)
  return {
    at: stats.read ? Date.parse(stats.read) : Date.now(),
    received: networks.reduce((sum, { rx_bytes = 0 }) => sum + rx_bytes, 0),
    sent: networks.reduce((sum, { tx_bytes = 0 }) => sum + tx_bytes, 0),
    read: blocksOf('read'),
    written: blocksOf('write'),
  }
}

/**
 * A second of a container. Processor and memory as Docker's command line counts them: the container's share of the
 * machine's time since the sample before, times the processors; memory without the page cache that can be dropped
 * (docker/cli, cli/command/container/stats_helpers.go).
 */
export function sampleOf(
  stats: EngineStats,
  before: Totals | undefined,
  place: Pick<Sample, 'service' | 'container'>,
): Sample {
  const now = totalsOf(stats)
  const cpu =
    (stats.cpu_stats?.cpu_usage?.total_usage ?? 0) - (stats.precpu_stats?.cpu_usage?.total_usage ?? 0)
  const system = (stats.cpu_stats?.system_cpu_usage ?? 0) - (stats.precpu_stats?.system_cpu_usage ?? 0)
  const processors = stats.cpu_stats?.online_cpus || stats.cpu_stats?.cpu_usage?.percpu_usage?.length || 1
  const details = stats.memory_stats?.stats ?? {}
  const cache = details.total_inactive_file ?? details.inactive_file ?? 0
  const usage = stats.memory_stats?.usage ?? 0
  const seconds = before ? (now.at - before.at) / 1000 : 0
  const rate = (name: keyof Totals) =>
    before && seconds > 0 ? Math.max(0, (now[name] - before[name]) / seconds) : 0
  return {
    ...place,
    at: now.at,
    cpuPercent: cpu > 0 && system > 0 ? (cpu / system) * processors * 100 : 0,
    memoryBytes: Math.max(0, cache < usage ? usage - cache : usage),
    receivedBytesPerS: rate('received'),
    sentBytesPerS: rate('sent'),
    readBytesPerS: rate('read'),
    writtenBytesPerS: rate('written'),
    processes: stats.pids_stats?.current ?? 0,
  }
}
