import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { onInterrupt } from '../interrupt.ts'
import { awaitJob } from './job.ts'
import { print, printJson } from './output.ts'
import { withServices } from './session.ts'
import { type StackOptions, selectionOf } from './stackSelection.ts'

const pageRows = 1000
// A container is on the engine's first list a moment after the log begins; only then are its lines read.
const firstLineMs = 10_000
const quietEndMs = 1000

/** `stack logs|checkpoint|restore` */
export function addStackLogs(add: (name: string, description: string) => Command): void {
  add('logs [services...]', 'the merged log of the stack')
    .option('--follow', 'stay, and print what comes')
    .option('--search <pattern>', 'only lines that match this regular expression')
    .action(
      (names: string[], options: StackOptions & { follow?: boolean; search?: string }, command: Command) =>
        withServices(command, async ({ services, isJson }) => {
          const { project } = await services.stack.get(selectionOf(options), {})
          const abort = new AbortController()
          onInterrupt(() => abort.abort())
          const filter = {
            ...(names.length > 0 && { services: names }),
            ...(options.search !== undefined && { pattern: options.search }),
            isRegex: true,
            isCaseSensitive: true,
            isOnlyMatching: true,
          }
          const summaries = await services.logs.watch({ project, filter }, { signal: abort.signal })
          const iterator = summaries[Symbol.asyncIterator]()
          let printed = 0
          let quietMs = Number.POSITIVE_INFINITY
          for (let coming = iterator.next(); ; coming = iterator.next()) {
            const next = await beforeQuiet(coming, quietMs)
            if (!next || next.done) break
            const { viewId, rows, lines, scannedLines, phase } = next.value
            while (printed < rows) {
              const count = Math.min(pageRows, rows - printed)
              const page = await services.logs.read({ viewId, from: printed, count }, {})
              if (page.length === 0) break
              for (const { at, service, text } of page) {
                if (isJson) print(JSON.stringify({ at: new Date(at), service, text }))
                else print(`${service}  ${text}`)
              }
              printed += page.length
            }
            const isRead = phase === 'following' && scannedLines >= lines && printed >= rows
            if (isRead && !options.follow) quietMs = lines === 0 ? firstLineMs : quietEndMs
          }
          abort.abort()
          return true
        }),
    )

  add('checkpoint [name]', 'a snapshot of all volumes at one instant; without a name, the list').action(
    (name: string | undefined, options: StackOptions, command: Command) =>
      withServices(command, async (session) => {
        const { services, isJson } = session
        const { project } = await services.stack.get(selectionOf(options), {})
        if (name !== undefined)
          return awaitJob(session, await services.checkpoints.create({ project, name }, {}))
        const checkpoints = await services.checkpoints.list({ project }, {})
        if (isJson) printJson(checkpoints)
        else for (const { name: own, takenAt } of checkpoints) print(`${own}  ${takenAt.toISOString()}`)
        return true
      }),
  )

  add('restore <name>', 'put every volume back as a checkpoint has it')
    .requiredOption('--confirm <project>', 'the name of the project: what is in its volumes now is replaced')
    .action((name: string, options: StackOptions & { confirm: string }, command: Command) =>
      withServices(command, async (session) => {
        const { project } = await session.services.stack.get(selectionOf(options), {})
        return awaitJob(
          session,
          await session.services.checkpoints.restore({ project, name, confirm: options.confirm }, {}),
        )
      }),
    )
}

/** What comes, or undefined where nothing does for so long. */
async function beforeQuiet<T>(coming: Promise<T>, quietMs: number): Promise<T | undefined> {
  if (quietMs === Number.POSITIVE_INFINITY) return coming
  const timer = new AbortController()
  const quiet = sleep(quietMs, undefined, { signal: timer.signal }).catch(() => undefined)
  try {
    return await Promise.race([coming, quiet])
  } finally {
    timer.abort()
  }
}
