import { randomUUID } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import type Docker from 'dockerode'
import type { ServiceOf } from '../../contract.ts'
import { AtlasError } from '../../errors.ts'
import { type Engine, inspectOwn, shortName } from '../own.ts'
import type { containerShellContract, ShellEvent } from './shellContract.ts'

interface Shell {
  stream: Duplex
  exec: Docker.Exec
}

const command = ['sh', '-c', 'if command -v bash >/dev/null 2>&1; then exec bash; else exec sh; fi']
/** Output that nobody takes yet waits here; past it the container's program waits. */
const waitingCharacters = 1_000_000

/** Shells in containers: a terminal each, over the engine's exec. */
export function createContainerShell(engine: Engine): ServiceOf<typeof containerShellContract> {
  const shells = new Map<string, Shell>()

  const find = (shellId: string): Shell => {
    const shell = shells.get(shellId)
    if (shell) return shell
    throw new AtlasError('NOT_FOUND', 'This shell has ended', { object: shellId, next: 'Open another.' })
  }

  async function start(id: string, columns: number, rows: number): Promise<Shell> {
    const inspect = await inspectOwn(engine, id)
    const name = shortName(inspect.Name)
    if (!inspect.State.Running)
      throw new AtlasError('CONFLICT', 'The container does not run', {
        object: name,
        next: 'Start it first.',
      })
    return engine.call(name, async (docker) => {
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
  }

  async function* open(
    id: string,
    columns: number,
    rows: number,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<ShellEvent> {
    const shell = await start(id, columns, rows)
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
      yield { kind: 'opened', shellId, command: 'bash or sh' }
      while (!signal?.aborted) {
        if (waiting) {
          const text = waiting
          waiting = ''
          shell.stream.resume()
          if (isWithoutShell(text))
            throw new AtlasError('UNSUPPORTED', 'This image has no shell', {
              object: id.slice(0, 12),
              detail: text.trim(),
              next: `From a terminal, beside it: ${await debugCommand(engine, id)}`,
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
    }
  }

  return {
    open: async ({ id, columns, rows }, { signal }) => open(id, columns, rows, signal),
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

/** A shell of another image among a container's processes, on its network and with its volumes; of one that is here, if any is. */
async function debugCommand(engine: Engine, id: string): Promise<string> {
  const images = await engine.call('the images', (docker) => docker.listImages()).catch(() => [])
  const tags = images.flatMap(({ RepoTags }) => RepoTags ?? [])
  const image = tags.find((tag) => /(^|\/)(busybox|alpine|debian|ubuntu):/.test(tag)) ?? 'busybox'
  const own = id.slice(0, 12)
  return `docker run --rm -it --pid container:${own} --network container:${own} --volumes-from ${own} ${image} sh`
}

const isWithoutShell = (text: string) =>
  /^OCI runtime exec failed|exec: "sh": executable file not found/.test(text)
