import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ServiceOf } from '../contract.ts'
import { AtlasError } from '../errors.ts'
import type { LogFilter, LogSummary, logsContract } from './contract.ts'
import type { OpenLog } from './openLog.ts'
import { type ContainerList, type LogSession, openSession } from './session.ts'
import { createView, type View } from './view.ts'

interface Dependencies {
  /** Follows the containers of a project; of the environment's own stack where none is named. */
  holdContainers: (project: string | undefined) => Promise<ContainerList>
  openLog: OpenLog
  /** Spools lie here; it is emptied at the end. */
  folder: string
}

export interface Logs extends ServiceOf<typeof logsContract> {
  close(): Promise<void>
}

/** Where an environment's spools lie in the data folder. */
export const logFolderOf = (home: string, environmentId: string) => join(home, 'logs', environmentId)

const lingerMs = 60_000
const pauseMs = 100

/** The merged log of a stack, followed while somebody looks at it. */
export function createLogs({ holdContainers, openLog, folder }: Dependencies): Logs {
  const sessions = new Map<string, { opening: Promise<LogSession>; holders: number }>()
  const views = new Map<string, View>()

  async function hold(wanted: string | undefined) {
    const containers = await holdContainers(wanted)
    const { project } = containers
    const existing = sessions.get(project)
    if (existing) containers.release()
    const entry = existing ?? {
      opening: openSession(containers, openLog, join(folder, randomUUID())),
      holders: 0,
    }
    sessions.set(project, entry)
    entry.holders += 1
    return {
      session: await entry.opening,
      release: () => {
        entry.holders -= 1
        setTimeout(() => {
          if (entry.holders > 0 || sessions.get(project) !== entry) return
          sessions.delete(project)
          void entry.opening.then((session) => session.close())
        }, lingerMs).unref()
      },
    }
  }

  async function* watch(
    project: string | undefined,
    filter: LogFilter,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<LogSummary> {
    const { session, release } = await hold(project)
    const viewId = randomUUID()
    let wake = () => {}
    let isDirty = true
    const mark = () => {
      isDirty = true
      wake()
    }
    const view = createView(session.spool, session.serviceNames, filter, mark)
    views.set(viewId, view)
    session.views.add(view)
    const unsubscribe = session.onChange(mark)
    signal?.addEventListener('abort', mark)
    void view.scan()
    try {
      while (!signal?.aborted) {
        if (!isDirty) {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
          continue
        }
        isDirty = false
        yield { viewId, ...session.summary(), ...view.state() }
        await new Promise((resolve) => setTimeout(resolve, pauseMs))
      }
    } finally {
      unsubscribe()
      signal?.removeEventListener('abort', mark)
      view.close()
      session.views.delete(view)
      views.delete(viewId)
      release()
    }
  }

  const find = (viewId: string): View => {
    const view = views.get(viewId)
    if (view) return view
    throw new AtlasError('NOT_FOUND', 'This view of the log is closed', {
      object: viewId,
      next: 'Open the log again.',
    })
  }

  return {
    watch: async ({ project, filter }, { signal }) => watch(project, filter, signal),
    read: ({ viewId, from, count }) => find(viewId).read(from, count),
    findMatch: async ({ viewId, row, isBackward }) => find(viewId).findMatch(row, isBackward),
    findRow: async ({ viewId, line }) => find(viewId).findRow(line),
    export: async ({ viewId, from, count }) => find(viewId).export(from, count),
    close: async () => {
      const open = [...sessions.values()]
      sessions.clear()
      await Promise.all(open.map(async ({ opening }) => (await opening).close()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
