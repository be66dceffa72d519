import { setTimeout as sleep } from 'node:timers/promises'
import type { Database, Session } from '../adapters/postgres.ts'
import { AtlasError } from '../errors.ts'
import { snapshot } from './run.ts'
import type { Runnable } from './script.ts'
import type { ReadOnlyGuard, SessionSettings, SessionState } from './sessionContract.ts'
import { createTabCancel } from './tabCancel.ts'
import { createTabFeed } from './tabFeed.ts'
import { createTabResults, type TabPins } from './tabResults.ts'
import { createTabRun, type TabRunDependencies } from './tabRun.ts'
import { createTabSession, type KeptSession, transactionOf } from './tabSession.ts'

const defaultIdleMs = 10 * 60_000
const closingMs = 2000

export interface TabDependencies extends TabRunDependencies {
  db: Pick<Database, 'session'>
  /** A server that answers no cancel for this time is given up, and the connection with it. */
  silentMs?: number | undefined
  /** A session without use is closed after this time. */
  idleMs?: number | undefined
  /** Results that outlive the tab's runs. */
  pins: TabPins
  /** How the tab's session is set up, over a restart. */
  setup: { kept: KeptSession; keep: (kept: KeptSession) => void }
}

/** One tab: its session, opened with the first run and anew after it was lost, what it ran last, and the results. */
export function createTab(deps: TabDependencies) {
  let abort: AbortController | undefined
  let idleTimer: NodeJS.Timeout | undefined
  let done = Promise.resolve()

  const state = (): SessionState => ({
    isRunning: abort !== undefined,
    isCancelling: abort?.signal.aborted ?? false,
    startedAt: runs.startedAt,
    ...own.state(),
    run: runs.last ? snapshot(runs.last) : null,
    pinned: results.pinned(),
  })
  const { changed, ...feed } = createTabFeed(state)
  const results = createTabResults(deps.pins, changed)
  const own = createTabSession({
    db: deps.db,
    ...deps.setup,
    changed: () => changed(),
    onNotice: (notice) => runs.hear(notice),
  })
  const cancels = createTabCancel({ own, silentMs: deps.silentMs })
  const runs = createTabRun(deps, {
    own,
    results: results.held,
    interrupt: () => void cancels.ask(),
    changed,
  })

  /** Closes a session that nobody uses; one with a transaction, or that listens, only when no window shows it any more. */
  const restIdle = () => {
    clearTimeout(idleTimer)
    idleTimer = setTimeout(() => {
      if (abort) return
      if ((own.transaction !== 'idle' || own.isListening) && feed.isWatched()) restIdle()
      else {
        const rolledBack = own.transaction === 'idle' ? '' : ' and its transaction rolled back'
        void own.disconnect(
          `The session was closed${rolledBack} after a time without use. The next run opens a new one.`,
        )
      }
    }, deps.idleMs ?? defaultIdleMs).unref()
  }

  /** Holds the session for some work, and `done` open for as long: a cancel asks, with pauses, until then. */
  const occupy = <Result>(
    work: (signal: AbortSignal) => Promise<Result>,
    ended: (isCancelled: boolean) => void = () => changed(),
  ): Promise<Result> => {
    clearTimeout(idleTimer)
    const holding = new AbortController()
    const { signal } = holding
    abort = holding
    const occupied = (async () => {
      try {
        return await work(signal)
      } finally {
        await cancels.outlast(signal.aborted)
        abort = undefined
        own.readTransaction()
        ended(signal.aborted)
        restIdle()
      }
    })()
    done = occupied.then(
      () => {},
      () => {},
    )
    return occupied
  }

  const refuseBusy = (saved: string) => {
    if (!abort) return
    throw new AtlasError('CONFLICT', 'This tab still runs a statement', {
      saved,
      next: 'Cancel it, or wait for it.',
    })
  }

  const cancel = (): boolean => {
    const cancelled = abort
    if (!cancelled) return false
    if (cancelled.signal.aborted) return true
    cancelled.abort()
    changed(true)
    void cancels.insist(done, () => abort !== cancelled)
    return true
  }

  return {
    results: results.held,
    state,
    watch: feed.watch,

    get isRunning() {
      return abort !== undefined
    },
    get isConnected() {
      return own.isConnected
    },

    notifications: () => own.notifications,

    /** Begins a run and returns at once. `CONFLICT` while one is under way. */
    start: (text: string, statements: Runnable[], maxRows: number): string => {
      refuseBusy('Nothing was run.')
      results.forgetUnpinned()
      const { runId, execute, finish } = runs.begin({ text, statements, maxRows })
      void occupy(execute, finish)
      changed(true)
      return runId
    },

    cancel,

    /** From the next statement on, nothing that this tab runs can write; or it can again. The session is opened anew. */
    setReadOnly: async (wanted: boolean, makesLogin: boolean): Promise<ReadOnlyGuard | null> => {
      refuseBusy('Nothing was changed.')
      if (own.transaction !== 'idle') {
        throw new AtlasError('CONFLICT', 'A transaction is open in this tab', {
          saved: 'Nothing was changed.',
          next: 'Commit it or roll it back first.',
        })
      }
      return occupy(async () => {
        changed()
        await own.setReadOnly(wanted)
        if (wanted) await own.open(makesLogin)
        return own.guard
      })
    },

    /** Does work on the tab's session, while it runs nothing. A read-only tab refuses what writes. */
    use: async <Result>(
      work: (
        session: Session,
        isOpen: boolean,
        guard: ReadOnlyGuard | null,
        signal: AbortSignal,
      ) => Promise<Result>,
      { writes }: { writes: boolean } = { writes: true },
    ): Promise<Result> => {
      refuseBusy('Nothing was changed.')
      if (writes && own.isReadOnly) {
        throw new AtlasError('UNSUPPORTED', 'This tab is read-only', {
          saved: 'Nothing was changed.',
          next: 'Make it read-write first.',
        })
      }
      return occupy(async (signal) => {
        changed()
        const opened = await own.open()
        return work(opened, transactionOf(opened) !== 'idle', own.guard, signal)
      })
    },

    /** Sets the session up anew: at once where no transaction is open, else with the next one. */
    configure: async (settings: SessionSettings): Promise<void> => {
      refuseBusy('Nothing was changed.')
      await own.configure(settings)
    },

    /** Keeps a result although the tab runs anew, or lets it go. `CONFLICT` while its rows still come. */
    pin: (resultId: string, isPinned: boolean): void => {
      if (isPinned) results.pin(resultId, runs.last, runs.startedAt ?? new Date())
      else results.unpin(resultId, runs.last)
    },

    take: results.take,
    rename: results.rename,
    forget: results.forget,
    forgetPins: results.forgetPins,
    resume: runs.resume,

    close: async () => {
      clearTimeout(idleTimer)
      cancel()
      await Promise.race([done, sleep(closingMs, undefined, { ref: false })])
      clearTimeout(idleTimer)
      await own.disconnect(null)
      results.close()
    },
  }
}

export type Tab = ReturnType<typeof createTab>
