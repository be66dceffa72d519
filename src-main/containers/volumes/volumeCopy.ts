import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { AtlasError } from '../../errors.ts'
import { type Engine, helperLabels, label } from '../own.ts'

/** A container that holds volumes, each at `/v/0`, `/v/1`…, and that never runs but to empty them. */
export interface Helper {
  /** Copies a volume into a file; answers its packed size and checksum. */
  save(
    volume: string,
    file: string,
    onBytes: (bytes: number) => void,
  ): Promise<{ sizeBytes: number; sha256: string }>
  /** The engine's archive of a path in a volume. */
  read(volume: string, path: string): Promise<Readable>
  /** Fills an empty volume from an archive, packed or not. */
  load(volume: string, archive: Readable): Promise<void>
  remove(): Promise<void>
}

const folderOf = (at: number) => `/v/${at}`

/** Passes a stream on and tells of each piece. */
export const counting = (onBytes: (bytes: number) => void) =>
  new Transform({
    transform(chunk: Buffer, _encoding, done) {
      onBytes(chunk.length)
      done(null, chunk)
    },
  })

/**
 * Makes a helper out of an image that the stack has anyway. The engine mounts a container's volumes for its archives
 * though the container is not started, and archives keep owners, modes and times.
 */
export async function makeHelper(
  engine: Engine,
  project: string,
  image: string,
  volumes: readonly string[],
): Promise<Helper> {
  const container = await engine.call(image, async (docker) =>
    docker.createContainer({
      Image: image,
      Entrypoint: ['true'],
      Cmd: [],
      Labels: await helperLabels(docker, image, project, 'checkpoint'),
      NetworkDisabled: true,
      HostConfig: { Binds: volumes.map((name, at) => `${name}:${folderOf(at)}`) },
    }),
  )
  const placeOf = (volume: string) => folderOf(volumes.indexOf(volume))
  const read = async (volume: string, path: string) =>
    (await engine.call(volume, () =>
      container.getArchive({ path: `${placeOf(volume)}${path}` }),
    )) as unknown as Readable
  return {
    read,
    async save(volume, file, onBytes) {
      const archive = await read(volume, '/.')
      const hash = createHash('sha256')
      let sizeBytes = 0
      const seal = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          hash.update(chunk)
          sizeBytes += chunk.length
          done(null, chunk)
        },
      })
      // The containers stand still meanwhile: quick before small.
      await pipeline(
        archive,
        counting(onBytes),
        createGzip({ level: 1 }),
        seal,
        createWriteStream(file, { mode: 0o600, flush: true }),
      )
      return { sizeBytes, sha256: hash.digest('hex') }
    },
    load: async (volume, archive) => {
      await engine.call(volume, () => container.putArchive(archive, { path: placeOf(volume) }))
    },
    remove: async () => {
      await container.remove({ force: true, v: true }).catch(() => {})
    },
  }
}

/** Removes everything in the volumes with the shell of one of the images. Throws `UNSUPPORTED` where none has one. */
export async function emptyVolumes(
  engine: Engine,
  project: string,
  images: readonly string[],
  volumes: readonly string[],
): Promise<void> {
  for (const image of images) {
    const isDone = await runInImage(
      engine,
      project,
      image,
      volumes,
      'rm -rf /v/*/* /v/*/.[!.]* /v/*/..?*',
    ).catch(() => false)
    if (isDone) return
  }
  throw noShell(project)
}

/** Whether some image has the shell that emptying needs; asked before anything is stopped. */
export async function checkShell(engine: Engine, project: string, images: readonly string[]): Promise<void> {
  for (const image of images)
    if (await runInImage(engine, project, image, [], 'rm -rf /v').catch(() => false)) return
  throw noShell(project)
}

const noShell = (project: string) =>
  new AtlasError('UNSUPPORTED', 'No image of the stack has a shell to empty the volumes with', {
    object: project,
    saved: 'Nothing was changed.',
    next: 'Pull a small image such as busybox under the name of a service of the stack, or restore by hand.',
  })

const runInImage = async (
  engine: Engine,
  project: string,
  image: string,
  volumes: readonly string[],
  script: string,
) => (await runHelper(engine, { project, image, volumes, command: ['sh', '-c', script] })).exitCode === 0

/** Runs a command as root in a container of its own that mounts volumes; answers what it printed. */
export async function runHelper(
  engine: Engine,
  {
    project,
    image,
    volumes,
    command,
    isReadOnly = false,
  }: { project: string; image: string; volumes: readonly string[]; command: string[]; isReadOnly?: boolean },
): Promise<{ output: string; exitCode: number }> {
  return engine.call(image, async (docker) => {
    const container = await docker.createContainer({
      Image: image,
      User: '0',
      Entrypoint: command,
      Cmd: [],
      // A terminal's log is the plain text.
      Tty: true,
      Labels: await helperLabels(docker, image, project, 'checkpoint'),
      NetworkDisabled: true,
      HostConfig: { Binds: volumes.map((name, at) => `${name}:${folderOf(at)}${isReadOnly ? ':ro' : ''}`) },
    })
    try {
      await container.start()
      const { StatusCode } = (await container.wait()) as { StatusCode: number }
      const log = (await container.logs({ stdout: true, stderr: true })) as unknown as Buffer
      return { output: log.toString('utf8').replaceAll('\r\n', '\n'), exitCode: StatusCode }
    } finally {
      await container.remove({ force: true, v: true }).catch(() => {})
    }
  })
}

/** The named volumes of a project that its label marks as its own. */
export async function volumesOf(engine: Engine, project: string): Promise<{ name: string; key: string }[]> {
  const listed = await engine.call('the volumes', (docker) =>
    docker.listVolumes({ filters: { label: [`${label.project}=${project}`] } }),
  )
  return (listed.Volumes ?? [])
    .map(({ Name, Labels }) => ({ name: Name, key: Labels?.[label.volume] ?? Name }))
    .sort((a, b) => a.key.localeCompare(b.key))
}
