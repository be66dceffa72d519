import { expect, test } from 'vitest'
import { isSecret, masked, maskedJson } from '../../src-main/containers/inside/masking.ts'
import { sampleOf, totalsOf } from '../../src-main/containers/live/stats.ts'
import { kindOf } from '../../src-main/containers/probes/kinds.ts'

const place = { service: 'db', container: 'c' }

test('a sample counts processor and memory as Docker does, and rates since the one before', () => {
  const first = {
    read: '2026-11-25T09:00:00Z',
    networks: { eth0: { rx_bytes: 1000, tx_bytes: 10 }, eth1: { rx_bytes: 0, tx_bytes: 0 } },
    blkio_stats: {
      io_service_bytes_recursive: [
        { op: 'Read', value: 4096 },
        { op: 'write', value: 0 },
      ],
    },
  }
  const second = {
    ...first,
    read: '2026-11-25T09:00:02Z',
    cpu_stats: { cpu_usage: { total_usage: 3e9 }, system_cpu_usage: 20e9, online_cpus: 4 },
    precpu_stats: { cpu_usage: { total_usage: 2e9 }, system_cpu_usage: 12e9 },
    memory_stats: { usage: 1000, stats: { inactive_file: 300 } },
    networks: { eth0: { rx_bytes: 3000, tx_bytes: 10 } },
    blkio_stats: {
      io_service_bytes_recursive: [
        { op: 'Read', value: 4096 },
        { op: 'write', value: 8192 },
      ],
    },
    pids_stats: { current: 7 },
  }
  expect(sampleOf(second, totalsOf(first), place)).toEqual({
    ...place,
    at: Date.parse('2026-11-25T09:00:02Z'),
    cpuPercent: 50,
    memoryBytes: 700,
    receivedBytesPerS: 1000,
    sentBytesPerS: 0,
    readBytesPerS: 0,
    writtenBytesPerS: 4096,
    processes: 7,
  })
})

test('an engine that leaves fields out answers noughts, not errors', () => {
  expect(sampleOf({}, undefined, place)).toMatchObject({
    cpuPercent: 0,
    memoryBytes: 0,
    receivedBytesPerS: 0,
  })
})

test('secrets are masked wherever an inspection holds them', () => {
  expect(isSecret('POSTGRES_PASSWORD', 'x')).toBe(true)
  expect(isSecret('PREFECT_SERVER_API_AUTH_STRING', 'a:b')).toBe(true)
  expect(isSecret('POSTGRES_USER', 'atlas')).toBe(false)
  expect(masked('ATLAS_DATABASE_URL', 'postgres://u:hunter2@db:5432/d')).toBe(
    'postgres://u:••••••••@db:5432/d',
  )
  const json = maskedJson({
    Config: {
      Env: ['POSTGRES_PASSWORD=hunter2', 'ATLAS_REDIS_URL=redis://:hunter2@redis:6379/0', 'TZ=UTC'],
      Cmd: ['redis-server', '--requirepass', 'hunter2'],
    },
    Labels: { token: 'hunter2' },
  })
  expect(json).not.toContain('hunter2')
  expect(json).toContain('TZ=UTC')
})

test.each([
  ['postgres:18', 'db', {}, 'postgres'],
  ['docker.io/library/postgres@sha256:abc', 'x', {}, 'postgres'],
  ['own/db:1', 'warehouse', { PGDATA: '/d' }, 'postgres'],
  ['redis:7', 'cache', {}, 'redis'],
  ['pgsty/minio:RELEASE.2026', 'minio', {}, 'minio'],
  ['marquezproject/marquez:0.51.1', 'marquez', {}, 'marquez'],
  ['prefecthq/prefect:3.8.3-python3.12', 'prefect', {}, 'prefect'],
  ['atlas-desktop:local', 'worker', { ATLAS_WORKER_HEARTBEAT_FILE: '/data/heartbeat' }, 'worker'],
  ['busybox', 'db', {}, 'other'],
  ['prom/postgres-exporter', 'exporter', {}, 'other'],
] as const)('%s as %s is %s', (image, service, variables, kind) => {
  expect(kindOf({ image, service, command: '', variables: new Map(Object.entries(variables)) })).toBe(kind)
})
