import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type Docker from 'dockerode'
import { oldComposeHashes } from '../../src-main/adapters/composeCli.ts'
import { type DockerEngine, openDocker } from '../../src-main/adapters/docker.ts'
import type { JobControl } from '../../src-main/jobs/contract.ts'
import { createLoader } from '../../src-main/stack/compose/project.ts'
import { takeDown } from '../../src-main/stack/engine/actions.ts'
import { listContainers } from '../../src-main/stack/engine/containers.ts'
import { bringUp } from '../../src-main/stack/engine/up.ts'
import { describeServices } from '../../src-main/stack/states.ts'
import { type Comparison, compare, type Measurement, root, timed } from './harness.ts'
import { measureMany } from './stackMany.ts'
import { measureScreen } from './stackScreen.ts'

const file = `
services:
  db:
    image: atlas-test/postgres:15
    environment: {POSTGRES_PASSWORD: secret}
    volumes: ['data:/var/lib/postgresql/data']
    stop_signal: SIGINT
    healthcheck: {test: [CMD, pg_isready, -h, 127.0.0.1, -U, postgres], interval: 250ms, timeout: 5s, retries: 200}
  redis:
    image: atlas-test/redis:7
    healthcheck: {test: [CMD, redis-cli, ping], interval: 250ms, timeout: 5s, retries: 200}
volumes: {data: {}}
`
const job: JobControl = { id: 'bench', signal: new AbortController().signal, report: () => {} }
const many = 200

/** Up of PostgreSQL and Redis to healthy against docker-compose and waiting; the list of 200 containers against one bare call. */
export const measureStack: Measurement = async ({ rounds, folder }) => {
  const engine = openDocker()
  const { engine: found } = await engine.find()
  if (!found || spawnSync('docker-compose', ['version']).status !== 0) {
    console.error('stack: needs a Docker engine (DOCKER_HOST) and docker-compose; it is left out.')
    return []
  }
  if (spawnSync('docker', ['image', 'inspect', 'atlas-test/postgres:15', 'atlas-test/redis:7']).status !== 0)
    execFileSync(join(root, 'test', 'support', 'dockerImages.sh'))
  return [
    await measureUp(engine, found.address, rounds, folder),
    await measureList(engine, rounds),
    await measureScreen(engine, found.address),
    ...(await measureMany({ rounds, folder })),
  ]
}

async function measureUp(
  engine: DockerEngine,
  address: string,
  rounds: number,
  folder: string,
): Promise<Comparison> {
  const load = createLoader(join(root, 'resources', 'schemas', 'compose-spec.json'), {})
  const [ours, theirs] = ['atlasbench', 'composebench'].map((name) => {
    mkdirSync(join(folder, name), { recursive: true })
    writeFileSync(join(folder, name, 'docker-compose.yml'), file)
    return join(folder, name)
  })
  const compose = (...args: string[]) =>
    execFileSync('docker-compose', args, { cwd: theirs, stdio: 'ignore' })
  const [atlas, reference]: number[][] = [[], []]
  for (let round = 0; round < rounds; round++) {
    atlas?.push(
      await timed(async () => {
        const stack = load({ folder: ours })
        const findHashes = () => oldComposeHashes({ ...stack, profiles: [], engine: address })
        await engine.call('bench', (docker) =>
          bringUp(
            docker,
            stack,
            {
              recreate: 'changed',
              shouldBuild: false,
              shouldRemoveOrphans: false,
              shouldWait: true,
              waitTimeoutMs: 60_000,
              findHashes,
            },
            job,
          ),
        )
      }),
    )
    const project = load({ folder: ours }).project
    await engine.call('bench', (docker) =>
      takeDown(
        docker,
        { project, known: undefined, shouldRemoveOrphans: false, volumes: [`${project}_data`] },
        job,
      ),
    )
    reference?.push(
      await timed(async () => {
        compose('up', '-d')
        await engine.call('bench', (docker) => untilHealthy(docker, 'composebench'))
      }),
    )
    compose('down', '--volumes')
  }
  return compare('stack up against docker-compose up and waiting', atlas ?? [], reference ?? [])
}

async function untilHealthy(docker: Docker, project: string): Promise<void> {
  for (;;) {
    const containers = await listContainers(docker, project)
    if (containers.length === 2 && containers.every(({ health }) => health === 'healthy')) return
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
}

async function measureList(engine: DockerEngine, rounds: number): Promise<Comparison> {
  const project = 'atlasbenchmany'
  const labels = { 'com.docker.compose.project': project, 'com.docker.compose.oneoff': 'False' }
  const [atlas, reference]: number[][] = [[], []]
  await engine.call('bench', async (docker) => {
    const made: Docker.Container[] = []
    try {
      for (let index = 0; index < many; index++) {
        const own = { 'com.docker.compose.service': `s${index}`, 'com.docker.compose.container-number': '1' }
        made.push(
          await docker.createContainer({
            Image: 'busybox',
            Labels: { ...labels, ...own },
            HostConfig: { NetworkMode: 'none' },
          }),
        )
      }
      const known = { model: undefined, disabled: {} } as never
      for (let round = 0; round < rounds; round++) {
        atlas?.push(await timed(async () => describeServices(known, await listContainers(docker, project))))
        reference?.push(
          await timed(() =>
            docker.listContainers({
              all: true,
              filters: { label: [`com.docker.compose.project=${project}`] },
            }),
          ),
        )
      }
    } finally {
      for (const container of made) await container.remove({ force: true })
    }
  })
  return compare(`stack ps of ${many} containers against one bare call`, atlas ?? [], reference ?? [])
}
