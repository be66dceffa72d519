import type Docker from 'dockerode'
import { AtlasError } from '../../errors.ts'
import type { ServiceModel } from '../compose/model.ts'
import { isRemoteContext } from '../compose/shortForms.ts'
import { parseBytes } from '../compose/units.ts'
import { packContext } from './buildContext.ts'

/** One line of what the engine says while it pulls or builds. */
interface ProgressLine {
  id?: string
  status?: string
  stream?: string
  progressDetail?: { current?: number; total?: number }
  error?: string
}

type Report = (detail: string) => void

/** Pulls an image. Throws `IMAGE_NOT_FOUND` where no registry gives it. */
export async function pullImage(
  docker: Docker,
  image: string,
  platform: string | undefined,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  const reference = /[:@][^/]*$/.test(image) ? image : `${image}:latest`
  try {
    const stream = await docker.pull(reference, { ...(platform && { platform }), abortSignal: signal })
    await follow(docker, stream, (line) => {
      const { current, total } = line.progressDetail ?? {}
      const share = current && total ? ` ${Math.round((current / total) * 100)} %` : ''
      if (line.status) report(`Pulling ${image}: ${line.status}${share}`)
    })
  } catch (cause) {
    if (signal.aborted) throw cause
    const text = (cause as Error).message
    throw new AtlasError(
      'IMAGE_NOT_FOUND',
      `The image ${image} cannot be pulled`,
      {
        object: image,
        detail: text,
        saved: 'What was pulled before it stays.',
        next: 'Check the name and the network, sign in to its registry with docker login, or build it.',
      },
      { cause },
    )
  }
}

/** Builds the image of a service with the engine's own builder; the log goes to `report`. Throws `SERVICE_FAILED`. */
export async function buildImage(
  docker: Docker,
  key: string,
  image: string,
  { build, platform }: ServiceModel,
  labels: Record<string, string>,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  if (!build) return
  const isRemote = isRemoteContext(build.context)
  const options = definedOnly({
    t: image,
    dockerfile: build.dockerfile,
    buildargs: build.args,
    labels: { ...build.labels, ...labels },
    target: build.target,
    networkmode: build.network,
    nocache: build.no_cache,
    pull: build.pull,
    cachefrom: build.cache_from && JSON.stringify(build.cache_from),
    extrahosts: build.extra_hosts?.map((host) => host.replace('=', ':')).join(','),
    shmsize: build.shm_size === undefined ? undefined : parseBytes(build.shm_size),
    platform: build.platforms?.[0] ?? platform,
    ...(isRemote && { remote: build.context }),
    abortSignal: signal,
  })
  let last = ''
  try {
    if (build.dockerfile_inline !== undefined)
      throw new AtlasError('UNSUPPORTED', 'dockerfile_inline cannot be built', {
        object: key,
        next: 'Write it to a Dockerfile.',
      })
    const source = isRemote ? Buffer.alloc(0) : packContext(build.context, build.dockerfile ?? 'Dockerfile')
    const stream = await docker.buildImage(source as unknown as NodeJS.ReadableStream, options)
    await follow(docker, stream, ({ stream: text }) => {
      if (!text?.trim()) return
      last = text.trim()
      report(`Building ${key}: ${last.slice(0, 200)}`)
    })
    const repository = docker.getImage(image)
    for (const tag of build.tags ?? []) {
      const at = tag.lastIndexOf(':')
      await repository.tag({
        repo: at > 0 ? tag.slice(0, at) : tag,
        tag: at > 0 ? tag.slice(at + 1) : 'latest',
      })
    }
  } catch (cause) {
    if (cause instanceof AtlasError || signal.aborted) throw cause
    throw new AtlasError(
      'SERVICE_FAILED',
      `The image of ${key} was not built`,
      {
        object: image,
        detail: [(cause as Error).message, last && `after: ${last}`].filter(Boolean).join('\n'),
        saved: 'The image that was there before stays.',
        next: 'Correct the Dockerfile and build again.',
      },
      { cause },
    )
  }
}

/** An option without a value would be sent as an empty one. */
function definedOnly(options: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

/** Resolves when the stream has ended; rejects with what it says went wrong. */
function follow(
  docker: Docker,
  stream: NodeJS.ReadableStream,
  onLine: (line: ProgressLine) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const modem = docker.modem as {
      followProgress(
        stream: NodeJS.ReadableStream,
        done: (error: Error | null) => void,
        progress: (line: ProgressLine) => void,
      ): void
    }
    let fault: string | undefined
    modem.followProgress(
      stream,
      (error) => (error ? reject(error) : fault === undefined ? resolve() : reject(new Error(fault))),
      (line) => {
        // The answer is a success by the time that something goes wrong: a line says so.
        fault ??= line.error
        onLine(line)
      },
    )
  })
}
