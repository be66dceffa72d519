import { createReadStream } from 'node:fs'
import { access, mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import type { ServiceOf } from '../../contract.ts'
import { AtlasError } from '../../errors.ts'
import type { JobControl, JobStarter } from '../../jobs/contract.ts'
import { entriesOf, listCommand, readText } from '../inside/files.ts'
import { type Engine, label, shortName } from '../own.ts'
import { checkSpace, containersIn } from './checkpointTake.ts'
import { whileFrozen } from './frozen.ts'
import { checkShell, counting, emptyVolumes, makeHelper, runHelper } from './volumeCopy.ts'
import { checkTyped, projectOfVolume } from './volumes.ts'
import type { volumesContract } from './volumesContract.ts'

interface Dependencies {
  engine: Engine
  jobs: JobStarter
  environmentId: string
  /** Where exports lie that name no file. */
  folder: string
}

type Job = Pick<JobControl, 'report' | 'signal'>

/** Looks into volumes, and copies them out, in and beside each other. */
export function createVolumes({
  engine,
  jobs,
  environmentId,
  folder,
}: Dependencies): ServiceOf<typeof volumesContract> {
  const start = (title: string, work: (job: JobControl) => Promise<string>) =>
    jobs.start({ environmentId, title, link: '/stack' }, work)

  type About = Awaited<ReturnType<typeof about>>

  /** Whose volume it is, what runs on it, and images that a helper can be made of. */
  async function about(name: string) {
    const project = await projectOfVolume(engine, name)
    const users = await engine.call(name, (docker) =>
      docker.listContainers({ all: true, filters: { volume: [name] } }),
    )
    const images = [
      ...users.map(({ ImageID }) => ImageID),
      ...(await containersIn(engine, project)).map(({ Image }) => Image),
    ]
    const [image] = images
    if (!image)
      throw new AtlasError(
        'UNSUPPORTED',
        'The project has no container whose image could look into the volume',
        {
          object: name,
          saved: 'Nothing was changed.',
          next: 'Bring the stack up once.',
        },
      )
    return { project, users, image, images: [...new Set(images)] }
  }

  /** What is frozen while a volume is copied. Throws `CONFLICT` of a stranger among it, which is not touched. */
  function runningOn({ project, users }: About) {
    const running = users.filter(({ State }) => State === 'running')
    const stranger = running.find(({ Labels }) => Labels[label.project] !== project)
    if (!stranger) return running
    throw new AtlasError('CONFLICT', 'A container outside of the project runs on the volume', {
      object: stranger.Names[0]?.slice(1),
      saved: 'Nothing was copied.',
      next: 'Stop it first: Atlas touches only the containers of the project.',
    })
  }

  /** What runs on a volume stands still while it is copied, as a checkpoint has it. */
  async function copyStill<T>(volume: About, { signal }: Job, work: () => Promise<T>): Promise<T> {
    const running = runningOn(volume).map(({ Id, Names }) => ({ id: Id, name: shortName(Names[0] ?? Id) }))
    const { result } = await whileFrozen(engine, running, signal, work)
    return result
  }

  /** Counts bytes into a progress; archives are a little larger than what they hold. */
  const counter = (job: Job, totalBytes: number, detail: string) => {
    let bytes = 0
    return (more: number) => {
      bytes += more
      job.report({ detail, progress: Math.min(0.99, bytes / Math.max(1, totalBytes)) })
    }
  }

  async function exportTo(name: string, file: string, job: Job): Promise<string> {
    const volume = await about(name)
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    const totalBytes = await checkSpace(engine, [name], file)
    const helper = await makeHelper(engine, volume.project, volume.image, [name])
    const partial = `${file}.partial`
    try {
      const { sizeBytes } = await copyStill(volume, job, () =>
        helper.save(name, partial, counter(job, totalBytes, `Writes ${file}`)),
      )
      await rename(partial, file)
      return `${sizeBytes} bytes in ${file}`
    } finally {
      await rm(partial, { force: true })
      await helper.remove()
    }
  }

  const defaultFile = (name: string, prefix = '') =>
    join(folder, `${prefix}${name}-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.tar.gz`)

  return {
    listFiles: async ({ name, path }) => {
      const { project, image } = await about(name)
      const at = path === '/' ? '/v/0' : `/v/0${path}`
      const command = listCommand(at)
      const { output, exitCode } = await runHelper(engine, {
        project,
        image,
        volumes: [name],
        command,
        isReadOnly: true,
      })
      if (exitCode !== 0 && !output.includes('\t'))
        throw new AtlasError('NOT_FOUND', 'The folder cannot be listed', {
          object: `${name}: ${path}`,
          detail: output.trim().slice(0, 300),
          next: 'It may be gone, or the image of its service has no find and stat; an export holds all of it.',
        })
      return { entries: entriesOf(output, at) }
    },

    readFile: async ({ name, path }) => {
      const { project, image } = await about(name)
      const helper = await makeHelper(engine, project, image, [name])
      try {
        return await readText(await helper.read(name, path), path)
      } finally {
        await helper.remove()
      }
    },

    clone: async ({ name, to }) => {
      const volume = await about(name)
      const { project, image } = volume
      runningOn(volume)
      const isThere = await engine.call(to, (docker) => docker.getVolume(to).inspect()).catch(() => undefined)
      if (isThere)
        throw new AtlasError('CONFLICT', 'There is a volume of this name', {
          object: to,
          saved: 'Nothing was changed.',
          next: 'Choose another name.',
        })
      return start(`Clone ${name}`, async (job) => {
        const totalBytes = await checkSpace(engine, [name], folder)
        const labels = { [label.project]: project, [label.volume]: to, 'dev.atlas.clone-of': name }
        await engine.call(to, (docker) => docker.createVolume({ Name: to, Driver: 'local', Labels: labels }))
        // One each: the engine holds a container while it packs its files, and would wait for itself.
        const helpers = await Promise.all([name, to].map((one) => makeHelper(engine, project, image, [one])))
        const [source, target] = helpers
        try {
          await copyStill(volume, job, async () => {
            const archive = await source?.read(name, '/.')
            const count = counter(job, totalBytes, `Fills ${to}`)
            if (archive) await target?.load(to, archive.pipe(counting(count)))
          })
          return `${to} holds what ${name} held`
        } catch (error) {
          await target?.remove()
          await engine.call(to, (docker) => docker.getVolume(to).remove()).catch(() => {})
          throw error
        } finally {
          for (const helper of helpers) await helper.remove()
        }
      })
    },

    export: async ({ name, file = defaultFile(name) }) => {
      runningOn(await about(name))
      const isThere = await access(file).then(
        () => true,
        () => false,
      )
      if (isThere)
        throw new AtlasError('CONFLICT', 'There is a file of this name', {
          object: file,
          saved: 'Nothing was written.',
          next: 'Choose another name.',
        })
      return start(`Export ${name}`, (job) => exportTo(name, file, job))
    },

    import: async ({ name, file, confirm }) => {
      const { project, users, image, images } = await about(name)
      checkTyped(name, confirm, 'replace what is in it')
      const running = users.filter(({ State }) => State === 'running' || State === 'paused')
      if (running.length > 0)
        throw new AtlasError('CONFLICT', 'Something runs on the volume', {
          object: name,
          detail: running.map(({ Names }) => Names[0]?.slice(1)).join(', '),
          saved: 'Nothing was changed.',
          next: 'Stop it first.',
        })
      return start(`Import ${name}`, async (job) => {
        job.report({ detail: `Reads ${file} to its end` })
        await checkArchive(file)
        await checkShell(engine, project, images)
        const before = defaultFile(name, 'before-import-')
        await exportTo(name, before, job)
        job.report({ detail: 'Replaces what is in it' })
        await emptyVolumes(engine, project, images, [name])
        const helper = await makeHelper(engine, project, image, [name])
        try {
          await helper.load(name, createReadStream(file))
        } catch (cause) {
          throw new AtlasError(
            'CONFLICT',
            'The import did not come to its end',
            {
              object: name,
              detail: cause instanceof Error ? cause.message : String(cause),
              saved: `What was in the volume before is in ${before}.`,
              next: `Import ${before}, or ${file} again.`,
            },
            { cause },
          )
        } finally {
          await helper.remove()
        }
        return `Replaced; what was there before is in ${before}`
      })
    },
  }
}

/** Reads a packed archive to its end. Throws `FILE_UNREADABLE` where it is none, or is cut. */
async function checkArchive(file: string): Promise<void> {
  const reader = extract()
  reader.on('entry', (_header, entry, next) => {
    entry.on('end', next)
    // The pipeline tells of it.
    entry.on('error', () => {})
    entry.resume()
  })
  await pipeline(createReadStream(file), createGunzip(), reader).catch((cause: NodeJS.ErrnoException) => {
    throw new AtlasError(
      'FILE_UNREADABLE',
      'The file is no packed archive of a volume, or not all of it',
      {
        object: file,
        sqlState: cause.code,
        detail: cause.message,
        saved: 'Nothing was changed.',
        next: 'Choose a .tar.gz that an export wrote.',
      },
      { cause },
    )
  })
}
