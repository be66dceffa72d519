import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Docker from 'dockerode'
import { openAppDb } from '../../src-main/adapters/appdb.ts'
import { openDocker } from '../../src-main/adapters/docker.ts'
import { openPostgres } from '../../src-main/adapters/postgres.ts'
import { openRedis } from '../../src-main/adapters/redis.ts'
import { createContainerFiles } from '../../src-main/containers/inside/files.ts'
import { createContainerShell } from '../../src-main/containers/inside/shell.ts'
import { createContainers } from '../../src-main/containers/service.ts'
import { createCheckpoints } from '../../src-main/containers/volumes/checkpoints.ts'
import { createVolumes } from '../../src-main/containers/volumes/volumeWork.ts'
import { createJobs } from '../../src-main/jobs/service.ts'
import { createLogger } from '../../src-main/log.ts'
import { openLogWith } from '../../src-main/logs/openLog.ts'
import { createLogs } from '../../src-main/logs/service.ts'
import { findProcess } from '../../src-main/stack/plan/portHolder.ts'

interface Made {
  image: string
  command?: string[]
  variables?: string[]
  volume?: { name: string; target: string }
  /** A folder in memory, full at `size`. */
  memoryFolder?: { target: string; size: string }
  user?: string
  port?: number
  hostPort?: number
  health?: string
  memoryBytes?: number
  dependsOn?: string
}

/** The slices on a real engine, and a compose project of its own, made as compose would make it. */
export async function openLiveStack(host: string, project: string) {
  const engine = openDocker({ DOCKER_HOST: host })
  const folder = mkdtempSync(join(tmpdir(), 'atlas-live-'))
  const db = openAppDb(folder)
  const jobs = createJobs(db, createLogger('silent').describe)
  const network = `${project}_default`
  const projectLabel = { 'com.docker.compose.project': project }
  const withDocker = <T>(work: (docker: Docker) => Promise<T>) =>
    engine.call(project, (docker) => work(docker))
  await withDocker((docker) => docker.createNetwork({ Name: network, Labels: projectLabel }))

  const containers = createContainers({
    engine,
    jobs,
    environmentId: 'test',
    ownProject: async () => project,
    listModel: async () => [],
    onPostgres: async (where, work) => {
      const once = openPostgres(async () => where, { applicationName: 'Atlas test', maxConnections: 1 })
      try {
        return await work(once)
      } finally {
        await once.close()
      }
    },
    askRedis: async (url) => {
      const once = openRedis(() => url)
      try {
        return { version: (await once.ping()).version, isLoading: await once.isLoading() }
      } finally {
        await once.close()
      }
    },
    findProcess,
  })
  const logs = createLogs({
    holdContainers: containers.holdForLogs,
    openLog: openLogWith(engine),
    folder: join(folder, 'logs'),
  })
  const checkpoints = createCheckpoints({
    engine,
    jobs,
    environmentId: 'test',
    ownProject: async () => project,
    folder: join(folder, 'checkpoints'),
  })

  return {
    engine,
    jobs,
    containers,
    logs,
    checkpoints,
    files: createContainerFiles(engine),
    volumes: createVolumes({ engine, jobs, environmentId: 'test', folder: join(folder, 'volumes') }),
    shell: createContainerShell(engine, { isProduction: false }),
    withDocker,

    /** Makes a container of the project; it is started apart. */
    make: (service: string, made: Made) =>
      withDocker(async (docker) => {
        if (made.volume)
          await docker.createVolume({
            Name: made.volume.name,
            Labels: { ...projectLabel, 'com.docker.compose.volume': service },
          })
        const port = `${made.port}/tcp`
        return docker.createContainer({
          name: `${project}-${service}-1`,
          Image: made.image,
          ...(made.user && { User: made.user }),
          ...(made.command && { Cmd: made.command }),
          ...(made.variables && { Env: made.variables }),
          ...(made.port && { ExposedPorts: { [port]: {} } }),
          ...(made.health && {
            Healthcheck: { Test: ['CMD-SHELL', made.health], Interval: 1e9, Timeout: 2e9, Retries: 2 },
          }),
          Labels: {
            ...projectLabel,
            'com.docker.compose.service': service,
            'com.docker.compose.container-number': '1',
            'com.docker.compose.oneoff': 'False',
            'com.docker.compose.config-hash': 'test',
            'com.docker.compose.depends_on': made.dependsOn ?? '',
          },
          HostConfig: {
            NetworkMode: network,
            ...(made.volume && { Binds: [`${made.volume.name}:${made.volume.target}`] }),
            ...(made.memoryFolder && {
              Tmpfs: { [made.memoryFolder.target]: `size=${made.memoryFolder.size}` },
            }),
            ...(made.memoryBytes && { Memory: made.memoryBytes, MemorySwap: made.memoryBytes }),
            ...(made.port && {
              PortBindings: { [port]: [{ HostIp: '127.0.0.1', HostPort: String(made.hostPort ?? '') }] },
            }),
          },
        })
      }),

    /** The first snapshot that fits. */
    until: async <T>(
      found: (snapshot: Awaited<ReturnType<typeof containers.get>>) => T | undefined | false,
    ): Promise<T> => {
      const abort = new AbortController()
      try {
        for await (const snapshot of await containers.watch({ project }, { signal: abort.signal })) {
          const answer = found(snapshot)
          if (answer) return answer
        }
        throw new Error('The watch ended')
      } finally {
        abort.abort()
      }
    },

    async close() {
      await logs.close()
      await containers.close()
      await jobs.close()
      db.close()
      await withDocker(async (docker) => {
        const filters = { label: [`com.docker.compose.project=${project}`] }
        for (const { Id } of await docker.listContainers({ all: true, filters }))
          await docker.getContainer(Id).remove({ force: true, v: true })
        for (const { Name } of (await docker.listVolumes({ filters })).Volumes ?? [])
          await docker.getVolume(Name).remove()
        await docker.getNetwork(network).remove()
      })
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export type LiveStack = Awaited<ReturnType<typeof openLiveStack>>
