import type { IncomingMessage } from 'node:http'
import type Docker from 'dockerode'
import type { DockerEngine } from '../adapters/docker.ts'
import { AtlasError } from '../errors.ts'

export type Engine = Pick<DockerEngine, 'call' | 'find'>

/** Compose's labels, by which a container is known to be its own: docker/compose, pkg/api/labels.go. */
export const label = {
  project: 'com.docker.compose.project',
  service: 'com.docker.compose.service',
  number: 'com.docker.compose.container-number',
  oneOff: 'com.docker.compose.oneoff',
  dependsOn: 'com.docker.compose.depends_on',
  volume: 'com.docker.compose.volume',
} as const

/**
 * The labels of a container that Atlas makes beside a project for a while. What compose wrote on an image that it built is
 * emptied: it would make a container of it one of a service.
 */
export async function helperLabels(
  docker: Docker,
  image: string,
  project: string,
  purpose: 'checkpoint' | 'debug-shell',
): Promise<Record<string, string>> {
  const { Config } = await docker.getImage(image).inspect()
  const ofCompose = Object.keys(Config.Labels ?? {}).filter((name) => name.startsWith('com.docker.compose.'))
  return {
    ...Object.fromEntries(ofCompose.map((name) => [name, ''])),
    'dev.atlas.helper': purpose,
    'dev.atlas.project': project,
  }
}

/** The engine's filter for the objects of a project, or of any project. */
export const ofProject = (project?: string) => ({
  label: [project === undefined ? label.project : `${label.project}=${project}`],
})

/** Does work for each of many, eight at a time: a thousand containers must not open a thousand connections. */
export async function eachOf<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<unknown>,
): Promise<void> {
  const next = items.values()
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (const item of next) await work(item)
    }),
  )
}

export const shortName = (name: string) => name.replace(/^\//, '')

/**
 * Inspects a container after making sure that compose made it: Atlas touches no other. Throws `PERMISSION_DENIED` for one
 * that carries no label of a project.
 */
export async function inspectOwn(engine: Engine, id: string): Promise<Docker.ContainerInspectInfo> {
  const found = await engine.call(id.slice(0, 12), (docker) => docker.getContainer(id).inspect())
  if (found.Config.Labels?.[label.project]) return found
  throw new AtlasError('PERMISSION_DENIED', 'This container belongs to no compose project', {
    object: shortName(found.Name),
    saved: 'Nothing was changed.',
    next: 'Atlas touches only the containers of compose projects.',
  })
}

/**
 * When a path in a container was last written, as the engine tells it without running anything there; null where it does not
 * say. Rejects where the path does not exist. Engine API, "Get information about files in a container".
 */
export async function modifiedAt(engine: Engine, id: string, path: string): Promise<Date | null> {
  const answer = await engine.call(path, (docker) => docker.getContainer(id).infoArchive({ path }))
  const { headers, destroy } = answer as unknown as IncomingMessage
  // The answer has a head alone, but as a stream that nobody reads it would hold its connection for ever.
  destroy.call(answer)
  const told = headers['x-docker-container-path-stat']
  const { mtime } = JSON.parse(Buffer.from(String(told ?? 'e30='), 'base64').toString('utf8')) as {
    mtime?: string
  }
  return mtime ? new Date(mtime) : null
}

/**
 * Runs a command in a container and answers what it printed and its exit code. Output past 256 kB is dropped.
 * Ends after `timeoutMs`; the command itself may live on in the container.
 */
export async function runInside(
  engine: Engine,
  id: string,
  command: string[],
  { variables = [], timeoutMs = 5000 }: { variables?: string[]; timeoutMs?: number } = {},
): Promise<{ output: string; exitCode: number }> {
  return engine.call(id.slice(0, 12), async (docker) => {
    const exec = await docker.getContainer(id).exec({
      Cmd: command,
      // psql asks for a pager where it sees a terminal.
      Env: ['PAGER=cat', ...variables],
      AttachStdout: true,
      AttachStderr: true,
      // A terminal answers one plain stream instead of frames.
      Tty: true,
    })
    const stream = await exec.start({ Tty: true, hijack: false, stdin: false })
    const chunks: Buffer[] = []
    let size = 0
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        stream.destroy()
        reject(
          new AtlasError('CONNECTION_TIMEOUT', 'The command in the container did not end', {
            object: command[0],
            next: 'Look at what the container does in its log.',
          }),
        )
      }, timeoutMs)
      stream.on('data', (chunk: Buffer) => {
        if (size > 262_144) return
        size += chunk.length
        chunks.push(chunk)
      })
      const end = (finish: () => void) => () => {
        clearTimeout(timer)
        finish()
      }
      stream.on('end', end(resolve))
      stream.on('close', end(resolve))
      stream.on('error', (error) => end(() => reject(error))())
    })
    const { ExitCode } = await exec.inspect()
    return {
      output: Buffer.concat(chunks).toString('utf8').replaceAll('\r\n', '\n'),
      exitCode: ExitCode ?? 0,
    }
  })
}
