import { randomUUID } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import type Docker from 'dockerode'
import type { ServiceOf } from '../../contract.ts'
import { AtlasError } from '../../errors.ts'
import { type Engine, inspectOwn, shortName } from '../own.ts'
import type { containerShellContract, ShellEvent } from './shellContract.ts'
import { isWithoutShell, listDebugImages, openSidecar, type Sidecar } from './sidecar.ts'

interface Shell {
  /** Of the container that it is asked for. */
  name: string
  stream: Duplex
  exec: Docker.Exec
  /** What it runs in, where that is a container of its own. */
  sidecar: Sidecar | undefined
}

interface Wanted {
  id: string
  /** Of a debug shell: the image that it comes from. */
  image?: string | undefined
  columns: number
  rows: number
}

const command = ['sh', '-c', 'if command -v bash >/dev/null 2>&1; then exec bash; else exec sh; fi']
/** Output that nobody takes yet waits here; past it the container's program waits. */
const waitingCharacters = 1_000_000

/**
 * Shells in containers: a terminal each, over the engine's exec. Beside what runs in production no debug shell is put.
 */
export function createContainerShell(
  engine: Engine,
  { isProduction }: { isProduction: boolean },
): ServiceOf<typeof containerShellContract> {
  const shells = new Map<string, Shell>()

  const find = (shellId: string): Shell => {
    const shell = shells.get(shellId)
    if (shell) return shell
    throw new AtlasError('NOT_FOUND', 'This shell has ended', { object: shellId, next: 'Open another.' })
  }

  const refuseInProduction = (name: string) => {
    if (!isProduction) return
    throw new AtlasError('PERMISSION_DENIED', 'Nothing is put beside a container of production', {
      object: name,
      saved: 'Nothing was started.',
      next: 'Look into it from its log and its numbers, or into one like it in another environment.',
    })
  }

  async function start({ id, image, columns, rows }: Wanted): Promise<Shell> {
    const inspect = await inspectOwn(engine, id)
    const name = shortName(inspect.Name)
    if (!inspect.State.Running)
      throw new AtlasError('CONFLICT', 'The container does not run', {
        object: name,
        next: 'Start it first.',
      })
    if (image !== undefined) refuseInProduction(name)
    const sidecar = image === undefined ? undefined : await openSidecar(engine, inspect, image)
    try {
      return { name, ...(await run(sidecar?.id ?? id, name, columns, rows)), sidecar }
    } catch (error) {
      await sidecar?.close()
      throw error
    }
  }

  const run = (id: string, name: string, columns: number, rows: number) =>
    engine.call(name, async (docker) => {
      const exec = await docker.getContainer(id).exec({
        Cmd: command,
        Env: ['TERM=xterm-256color'],
        AttachStdin: true,
        AttachStdout: true,
        AttachStderr: true,
        Tty: true,
      })
      const stream = await exec.start({ hijack: true, stdin: true, Tty: true })
      await exec.resize({ w: columns, h: rows }).catch(() => {})
      return { stream, exec }
    })

  async function* open(wanted: Wanted, signal: AbortSignal | undefined): AsyncGenerator<ShellEvent> {
    const { image } = wanted
    const shell = await start(wanted)
    const shellId = randomUUID()
    shells.set(shellId, shell)
    const decoder = new StringDecoder('utf8')
    let waiting = ''
    let hasEnded = false
    let wake = () => {}
    shell.stream.on('data', (chunk: Buffer) => {
      waiting += decoder.write(chunk)
      if (waiting.length > waitingCharacters) shell.stream.pause()
      wake()
    })
    for (const name of ['end', 'close', 'error'])
      shell.stream.once(name, () => {
        hasEnded = true
        wake()
      })
    const stop = () => wake()
    signal?.addEventListener('abort', stop)
    try {
      yield { kind: 'opened', shellId }
      while (!signal?.aborted) {
        if (waiting) {
          const text = waiting
          waiting = ''
          shell.stream.resume()
          if (!image && isWithoutShell(text))
            throw new AtlasError('UNSUPPORTED', 'This image has no shell', {
              object: shell.name,
              detail: text.trim(),
              next: 'Open a debug shell beside it, from an image that has one.',
            })
          yield { kind: 'output', text }
        } else if (hasEnded) {
          const ended = await shell.exec.inspect().catch(() => undefined)
          yield { kind: 'ended', exitCode: ended?.ExitCode ?? null }
          return
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
      }
    } finally {
      signal?.removeEventListener('abort', stop)
      shells.delete(shellId)
      // The shell gets an end of its input, as if its terminal were closed.
      shell.stream.end('\x04')
      shell.stream.destroy()
      await shell.sidecar?.close()
    }
  }

  return {
    open: async (wanted, { signal }) => open(wanted, signal),
    listDebugImages: async ({ id }) => {
      const inspect = await inspectOwn(engine, id)
      refuseInProduction(shortName(inspect.Name))
      return listDebugImages(engine, inspect)
    },
    write: async ({ shellId, text }) => {
      find(shellId).stream.write(text)
    },
    resize: async ({ shellId, columns, rows }) => {
      await find(shellId)
        .exec.resize({ w: columns, h: rows })
        .catch(() => {})
    },
  }
}
