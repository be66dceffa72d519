import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import type { ServiceOf } from '../../contract.ts'
import { AtlasError } from '../../errors.ts'
import type { JobControl, JobStarter } from '../../jobs/contract.ts'
import { type Engine, shortName } from '../own.ts'
import { type Checkpoint, checkpointSchema, type checkpointsContract } from './checkpointContract.ts'
import { containersIn, takeCheckpoint } from './checkpointTake.ts'
import { checkShell, emptyVolumes, makeHelper, volumesOf } from './volumeCopy.ts'

interface Dependencies {
  engine: Engine
  jobs: JobStarter
  environmentId: string
  ownProject: () => Promise<string>
  /** Each project has a folder in it, and each checkpoint one in that. */
  folder: string
}

/** Named snapshots of the volumes of a stack, and their restore. */
export function createCheckpoints({
  engine,
  jobs,
  environmentId,
  ownProject,
  folder,
}: Dependencies): ServiceOf<typeof checkpointsContract> {
  const placeOf = (project: string, name: string) =>
    join(folder, project.replaceAll(/[^a-z0-9_-]/gi, '_'), name)

  async function read(project: string, name: string): Promise<Checkpoint> {
    const place = placeOf(project, name)
    try {
      const text = await readFile(join(place, 'checkpoint.json'), 'utf8')
      return storedSchema.parse(JSON.parse(text))
    } catch (cause) {
      throw new AtlasError(
        'NOT_FOUND',
        'There is no such checkpoint',
        { object: `${project}: ${name}` },
        { cause },
      )
    }
  }

  async function list(project: string): Promise<Checkpoint[]> {
    const names = await readdir(placeOf(project, '')).catch(() => [])
    const found = await Promise.all(
      names.filter((name) => !name.endsWith('.partial')).map((name) => read(project, name).catch(() => [])),
    )
    return found.flat().sort((a, b) => b.takenAt.getTime() - a.takenAt.getTime())
  }

  return {
    list: async ({ project }) => list(project ?? (await ownProject())),

    create: async ({ project: wanted, name }) => {
      const project = wanted ?? (await ownProject())
      if ((await list(project)).some((one) => one.name === name))
        throw new AtlasError('CONFLICT', 'There is a checkpoint of this name', {
          object: name,
          saved: 'Nothing was changed.',
          next: 'Choose another name, or remove that one.',
        })
      return jobs.start(
        { environmentId, title: `Checkpoint ${name} of ${project}`, link: '/stack', isCancellable: true },
        async (job) => {
          const { volumes, frozenMs, leftOut } = await takeCheckpoint(
            engine,
            { project, name, folder: placeOf(project, name) },
            job,
          )
          const without = leftOut.map(({ service, target }) => `${service} ${target}`).join(', ')
          return `${volumes.length} volumes, frozen for ${(frozenMs / 1000).toFixed(1)} s${without ? `; not in it: ${without}` : ''}`
        },
      )
    },

    restore: async ({ project: wanted, name, confirm }) => {
      const project = wanted ?? (await ownProject())
      const checkpoint = await read(project, name)
      if (confirm !== project)
        throw new AtlasError('CONFIRMATION_NEEDED', 'Type the name of the project to replace its volumes', {
          object: project,
          saved: 'Nothing was changed.',
          next: `Type ${project} exactly.`,
        })
      return jobs.start({ environmentId, title: `Restore ${name} of ${project}`, link: '/stack' }, (job) =>
        restore(checkpoint, job),
      )
    },

    remove: async ({ project: wanted, name }) => {
      const project = wanted ?? (await ownProject())
      await read(project, name)
      await rm(placeOf(project, name), { recursive: true, force: true })
      return { name }
    },
  }

  /** All checks come before the first stop; what was there is kept as a checkpoint of its own. */
  async function restore(checkpoint: Checkpoint, job: JobControl): Promise<string> {
    const { project, name, volumes } = checkpoint
    const place = placeOf(project, name)
    job.report({ detail: 'Checks that the checkpoint is whole' })
    for (const volume of volumes) await checkFile(join(place, volume.file), volume)
    const [containers, present] = await Promise.all([
      containersIn(engine, project),
      volumesOf(engine, project),
    ])
    const missing = volumes.filter((volume) => !present.some((one) => one.name === volume.name))
    if (missing.length > 0)
      throw new AtlasError('NOT_FOUND', 'A volume of the checkpoint is not there to be filled', {
        object: missing.map((volume) => volume.name).join(', '),
        saved: 'Nothing was changed.',
        next: 'Bring the stack up once, so that its volumes are made, and restore again.',
      })
    const images = [...new Set(containers.map(({ Image }) => Image))]
    await checkShell(engine, project, images)

    // A name has 80 characters at most; the time in it tells those apart that were kept before the same one.
    const before = `before-${name.slice(0, 55)}-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}`
    job.report({ detail: `Keeps the present as ${before}`, progress: 0.1 })
    await takeCheckpoint(engine, { project, name: before, folder: placeOf(project, before) }, quietly(job))

    const running = containers.filter(({ State }) => State.Running)
    for (const { Id, Name, Config } of running.toReversed()) {
      job.report({ detail: `Stops ${shortName(Name)}`, progress: 0.4 })
      const grace = (Config as { StopTimeout?: number }).StopTimeout ?? 10
      await engine.call(shortName(Name), (docker) => docker.getContainer(Id).stop({ t: grace }))
    }
    const names = volumes.map((volume) => volume.name)
    try {
      job.report({ detail: 'Empties the volumes', progress: 0.5 })
      await emptyVolumes(engine, project, images, names)
      const helper = await makeHelper(engine, project, images[0] ?? '', names)
      try {
        for (const [at, volume] of volumes.entries()) {
          job.report({ detail: `Fills ${volume.name}`, progress: 0.6 + (0.3 * at) / volumes.length })
          await helper.load(volume.name, createReadStream(join(place, volume.file)))
        }
      } finally {
        await helper.remove()
      }
    } catch (error) {
      throw new AtlasError(
        'CONFLICT',
        'The restore did not come to its end; the stack is stopped',
        {
          object: project,
          detail: error instanceof Error ? error.message : String(error),
          saved: `What was there before is the checkpoint ${before}.`,
          next: `Restore ${before}, or ${name} again.`,
        },
        { cause: error },
      )
    }
    for (const { Id, Name } of running) {
      job.report({ detail: `Starts ${shortName(Name)}`, progress: 0.95 })
      await engine.call(shortName(Name), (docker) => docker.getContainer(Id).start())
    }
    return `${volumes.length} volumes as of ${name}; what was there before is ${before}`
  }
}

/** The checkpoint before a restore cannot be cancelled, and its steps are steps of the restore. */
const quietly = ({ report }: JobControl) => ({
  signal: new AbortController().signal,
  report: ({ detail }: { detail?: string }) => report(detail === undefined ? {} : { detail }),
})

const storedSchema = checkpointSchema.extend({
  takenAt: z.coerce.date(),
})

async function checkFile(path: string, { sha256, name }: Checkpoint['volumes'][number]): Promise<void> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash).catch((cause: NodeJS.ErrnoException) => {
    throw new AtlasError('FILE_UNREADABLE', 'A file of the checkpoint cannot be read', {
      object: path,
      sqlState: cause.code,
      saved: 'Nothing was changed.',
    })
  })
  if (hash.digest('hex') !== sha256)
    throw new AtlasError('FILE_UNREADABLE', 'A file of the checkpoint is not what was written', {
      object: path,
      detail: `The copy of ${name} has another checksum`,
      saved: 'Nothing was changed.',
      next: 'Restore another checkpoint.',
    })
}
