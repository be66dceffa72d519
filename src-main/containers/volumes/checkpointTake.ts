import { mkdir, rename, rm, statfs, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type Docker from 'dockerode'
import { AtlasError } from '../../errors.ts'
import type { JobControl } from '../../jobs/contract.ts'
import { type Engine, label, runInside, shortName } from '../own.ts'
import { kindOf, variablesOf } from '../probes/kinds.ts'
import { redisPasswordOf } from '../probes/probes.ts'
import type { Checkpoint } from './checkpointContract.ts'
import { whileFrozen } from './frozen.ts'
import { makeHelper, volumesOf } from './volumeCopy.ts'
import { volumeSizes } from './volumes.ts'

/** The containers of a project, the first made first: compose makes them in the order of their needs. */
export async function containersIn(engine: Engine, project: string): Promise<Docker.ContainerInspectInfo[]> {
  const listed = await engine.call('the containers', (docker) =>
    docker.listContainers({ all: true, filters: { label: [`${label.project}=${project}`] } }),
  )
  const inspected = await Promise.all(
    listed
      .filter(({ Labels }) => Labels[label.oneOff] !== 'True')
      .map(({ Id }) => engine.call(Id.slice(0, 12), (docker) => docker.getContainer(Id).inspect())),
  )
  return inspected.sort((a, b) => Date.parse(a.Created) - Date.parse(b.Created))
}

const kindOfContainer = (inspect: Docker.ContainerInspectInfo) =>
  kindOf({
    image: inspect.Config.Image,
    service: inspect.Config.Labels?.[label.service] ?? '',
    command: '',
    variables: variablesOf(inspect.Config.Env),
  })

/**
 * Copies every volume of a project as they all were at one instant. Databases write out what they hold first, so that
 * recovery from the copy is short; then all containers are frozen, those that need others before those that they need. What
 * is copied is what a power cut at that instant would have left, which PostgreSQL and Redis recover from by design
 * (PostgreSQL manual, 26.2 "File System Level Backup").
 */
export async function takeCheckpoint(
  engine: Engine,
  { project, name, folder }: { project: string; name: string; folder: string },
  job: Pick<JobControl, 'report' | 'signal'>,
): Promise<Checkpoint> {
  const [containers, volumes] = await Promise.all([containersIn(engine, project), volumesOf(engine, project)])
  const image = containers[0]?.Image
  if (!image || volumes.length === 0)
    throw new AtlasError('NOT_FOUND', 'The stack has no volumes to take a checkpoint of', {
      object: project,
      next: 'Bring it up first.',
    })
  const totalBytes = await checkSpace(
    engine,
    volumes.map((volume) => volume.name),
    folder,
  )
  const running = containers.filter(({ State }) => State.Running && !State.Paused)
  job.report({ detail: 'Databases write out what they hold' })
  const migrations = await Promise.all(running.map((container) => prepare(engine, container)))
  const partial = `${folder}.partial`
  await rm(partial, { recursive: true, force: true })
  await mkdir(partial, { recursive: true, mode: 0o700 })
  const helper = await makeHelper(
    engine,
    project,
    image,
    volumes.map((volume) => volume.name),
  )
  try {
    const inOrder = running.toReversed().map(({ Id, Name }) => ({ id: Id, name: shortName(Name) }))
    const { result: saved, frozenMs } = await whileFrozen(engine, inOrder, job.signal, async () => {
      const copies: Checkpoint['volumes'] = []
      let bytes = 0
      for (const { name: volume, key } of volumes) {
        job.signal.throwIfAborted()
        const file = `${key.replaceAll(/[^A-Za-z0-9._-]/g, '_')}.tar.gz`
        const copied = await helper.save(volume, join(partial, file), (more) => {
          bytes += more
          job.report({
            detail: `Copies ${volume}`,
            progress: Math.min(0.99, bytes / Math.max(1, totalBytes)),
          })
        })
        copies.push({ name: volume, key, file, ...copied })
      }
      return copies
    })
    const checkpoint: Checkpoint = {
      name,
      project,
      takenAt: new Date(),
      frozenMs,
      migration: migrations.find(Boolean) ?? null,
      volumes: saved,
      leftOut: leftOutOf(containers, volumes),
      images: containers.map(({ Config, Image }) => ({
        service: Config.Labels?.[label.service] ?? '',
        image: Config.Image,
        id: Image,
      })),
    }
    await writeFile(join(partial, 'checkpoint.json'), JSON.stringify(checkpoint, null, 2), {
      mode: 0o600,
      flush: true,
    })
    // A checkpoint is there when its folder has its name, and then it is whole.
    await mkdir(dirname(folder), { recursive: true, mode: 0o700 })
    await rename(partial, folder)
    return checkpoint
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    throw error
  } finally {
    await helper.remove()
  }
}

/** Has a database write out what it holds; answers the newest migration of one that holds the platform. */
async function prepare(engine: Engine, inspect: Docker.ContainerInspectInfo): Promise<string | undefined> {
  const variables = variablesOf(inspect.Config.Env)
  const kind = kindOfContainer(inspect)
  if (kind === 'postgres') {
    const user = variables.get('POSTGRES_USER') || 'postgres'
    const database = variables.get('POSTGRES_DB') || user
    const ask = (statement: string) =>
      runInside(engine, inspect.Id, ['psql', '-X', '-A', '-t', '-U', user, '-d', database, '-c', statement], {
        timeoutMs: 120_000,
      })
    await ask('checkpoint')
    const { output, exitCode } = await ask(
      'select version from public.schema_migrations order by version desc limit 1',
    )
    return exitCode === 0 ? output.trim() || undefined : undefined
  }
  if (kind === 'redis') {
    const password = redisPasswordOf(inspect, variables)
    // What is only in memory is not on the volume: it is written now, in the foreground, whatever the settings say.
    const { output, exitCode } = await runInside(engine, inspect.Id, ['redis-cli', 'save'], {
      variables: password ? [`REDISCLI_AUTH=${password}`] : [],
      timeoutMs: 120_000,
    })
    if (exitCode !== 0 || !/OK|in progress/.test(output))
      throw new AtlasError('REDIS_UNAVAILABLE', 'Redis did not write its data to its volume', {
        object: shortName(inspect.Name),
        detail: output.trim().slice(-300),
        saved: 'No checkpoint was taken.',
        next: 'Its log says why; try again when it is ready.',
      })
  }
  return undefined
}

/** How many bytes volumes hold. Throws `DISK_FULL` where a copy may not fit beside `folder`. */
export async function checkSpace(
  engine: Engine,
  volumes: readonly string[],
  folder: string,
): Promise<number> {
  const sizes = await volumeSizes(engine).catch(() => new Map<string, number>())
  const needed = volumes.reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0)
  await mkdir(dirname(folder), { recursive: true, mode: 0o700 })
  const { bavail, bsize } = await statfs(dirname(folder))
  if (needed > bavail * bsize)
    throw new AtlasError('DISK_FULL', 'The copy may not fit on the disk', {
      object: dirname(folder),
      detail: `${needed} bytes of volumes, ${bavail * bsize} free`,
      saved: 'Nothing was changed.',
      next: 'Remove older checkpoints and exports, or free space.',
    })
  return needed
}

function leftOutOf(
  containers: readonly Docker.ContainerInspectInfo[],
  volumes: readonly { name: string }[],
): Checkpoint['leftOut'] {
  return containers.flatMap(({ Config, Mounts }) =>
    Mounts.filter(({ Name }) => Name && !volumes.some(({ name }) => name === Name)).map(
      ({ Destination }) => ({
        service: Config.Labels?.[label.service] ?? '',
        target: Destination,
      }),
    ),
  )
}
