import { randomUUID } from 'node:crypto'
import type { Database, Session } from '../adapters/postgres.ts'
import { AtlasError } from '../errors.ts'
import type { CommandDependencies, PsqlState } from './commands.ts'
import type { Pin } from './pins.ts'
import { newStatement, type RunOptions, snapshot } from './run.ts'
import { runPiece } from './runPiece.ts'
import type { Runnable } from './script.ts'
import type { ReadOnlyGuard, SessionSettings, SessionState } from './sessionContract.ts'
import type { ConsoleRun, StatementRun } from './statementContract.ts'
import { createTabSession, type KeptSession, transactionOf } from './tabSession.ts'

const defaultIdleMs = 10 * 60_000
const defaultSilentMs = 8000
const keptNotices = 500
const pauseMs = 100

export interface TabDependencies extends CommandDependencies {
  db: Pick<Database, 'session' | 'cancel'>
  /** A server that answers no cancel for this time is given up, and the connection with it. */
  silentMs?: number | undefined
  /** A session without use is closed after this time. */
  idleMs?: number | undefined
  /** Results that outlive the tab's runs. */
  pins: { add: (pin: Pin) => void; remove: (resultId: string) => void; open: () => Pin[] }
  /** How the tab's session is set up, over a restart. */
  setup: { kept: KeptSession; keep: (kept: KeptSession) => void }
  /** Called with what ran when it has ended. */
  remember: (text: string, run: ConsoleRun, startedAt: Date) => void
}

/** One tab: its session, opened with the first run and anew after it was lost, what it ran last, and the results. */
export function createTab(deps: TabDependencies) {
  const changes = new EventTarget()
  const pinned = new Map(deps.pins.open().map((pin) => [pin.pinned.statement.resultId ?? '', pin]))
  const results = new Map([...pinned].map(([id, { result }]) => [id, result]))
  let abort: AbortController | undefined
  let run: ConsoleRun | undefined
  let entry: StatementRun | undefined
  let startedAt: Date | null = null
  let goOn: (() => void) | undefined
  let idleTimer: NodeJS.Timeout | undefined
  let done = Promise.resolve()
  /** Cancels that the server has not answered yet: each may still hit whatever the session runs. */
  const asked = new Set<Promise<boolean>>()
  let isEnding = false
  let watchers = 0
  const psql: PsqlState = { isExpanded: false, hasTiming: false, lastText: '' }

  /** At a turn somebody waits for what comes: it is told at once. */
  const changed = (isTurn = false) => void changes.dispatchEvent(new Event(isTurn ? 'turn' : 'change'))
  const own = createTabSession({
    db: deps.db,
    ...deps.setup,
    changed: () => changed(),
    onNotice: (notice) => {
      if (entry && entry.notices.length < keptNotices) entry.notices.push(notice)
    },
  })

  /** Closes a session that nobody uses; one with a transaction, or that listens, only when no window shows it any more. */
  const restIdle = () => {
    clearTimeout(idleTimer)
    idleTimer = setTimeout(() => {
      if (abort) return
      if ((own.transaction !== 'idle' || own.isListening) && watchers > 0) restIdle()
      else {
        const rolledBack = own.transaction === 'idle' ? '' : ' and its transaction rolled back'
        void own.disconnect(
          `The session was closed${rolledBack} after a time without use. The next run opens a new one.`,
        )
      }
    }, deps.idleMs ?? defaultIdleMs).unref()
  }

  /** Asks the server to cancel what the session runs; whether it answered. */
  const askCancel = (): Promise<boolean> => {
    if (!own.session || isEnding) return Promise.resolve(true)
    const answer = deps.db.cancel(own.session.processId).then(
      () => true,
      () => false,
    )
    asked.add(answer)
    return answer.finally(() => asked.delete(answer))
  }

  /** No cancel may hit what is run next: all are answered, and the session answers once more, before that. */
  const outlastCancels = async () => {
    if (!own.session) return
    isEnding = true
    let timer: NodeJS.Timeout | undefined
    const silence = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, deps.silentMs ?? defaultSilentMs).unref()
    }).then(() => own.giveUp())
    const answers = Promise.all(asked).then(() => own.session?.client.query('').catch(() => {}))
    await Promise.race([answers, silence])
    clearTimeout(timer)
    isEnding = false
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
        if (signal.aborted || asked.size > 0) await outlastCancels()
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

  const forgetResults = (isClosing = false) => {
    for (const [id, { spool }] of results) {
      if (pinned.has(id) && !isClosing) continue
      spool.close()
      results.delete(id)
    }
  }

  const execute = async (
    text: string,
    statements: Runnable[],
    maxRows: number,
    current: ConsoleRun,
    signal: AbortSignal,
  ) => {
    const begun = performance.now()
    const options: RunOptions = {
      text,
      maxRows,
      signal,
      results,
      changed,
      interrupt: () => void askCancel(),
      onPause: (next) => {
        goOn = next
      },
    }
    const addEntry = (statement: Runnable): StatementRun => {
      const added = newStatement(current.statements.length, statement)
      entry = added
      current.statements.push(added)
      return added
    }
    let hasFailed = false
    for (const [index, statement] of statements.entries()) {
      const first = current.statements.length
      const active = addEntry(statement)
      if (hasFailed || (signal.aborted && index > 0)) {
        active.status = 'skipped'
        continue
      }
      changed()
      await runPiece(active, statement, {
        deps,
        own,
        psql,
        options,
        addEntry: () => addEntry(statement),
      })
      goOn = undefined
      // A command of psql may have given several.
      hasFailed = current.statements
        .slice(first)
        .some(({ status }) => status !== 'running' && status !== 'succeeded')
      current.durationMs = performance.now() - begun
      own.readTransaction()
      current.transaction = own.transaction
    }
  }

  const finish = (text: string, current: ConsoleRun, begun: number, isCancelled: boolean) => {
    entry = undefined
    current.transaction = own.transaction
    const last = current.statements.find(({ status }) => status === 'failed' || status === 'cancelled')
    current.status = last?.status === 'failed' ? 'failed' : last || isCancelled ? 'cancelled' : 'succeeded'
    current.durationMs = performance.now() - begun
    deps.remember(text, current, startedAt ?? new Date())
    changed(true)
  }

  const refuseBusy = (saved: string) => {
    if (!abort) return
    throw new AtlasError('CONFLICT', 'This tab still runs a statement', {
      saved,
      next: 'Cancel it, or wait for it.',
    })
  }

  const tab = {
    results,

    get isRunning() {
      return abort !== undefined
    },
    get isConnected() {
      return own.isConnected
    },

    state: (): SessionState => ({
      isRunning: abort !== undefined,
      isCancelling: abort?.signal.aborted ?? false,
      startedAt,
      ...own.state(),
      run: run ? snapshot(run) : null,
      pinned: [...pinned.values()].map((pin) => pin.pinned),
    }),

    notifications: () => own.notifications,

    /** Begins a run and returns at once. `CONFLICT` while one is under way. */
    start: (text: string, statements: Runnable[], maxRows: number): string => {
      refuseBusy('Nothing was run.')
      const begunMs = performance.now()
      startedAt = new Date()
      forgetResults()
      const begun: ConsoleRun = {
        runId: randomUUID(),
        status: 'running',
        transaction: own.transaction,
        durationMs: 0,
        statements: [],
      }
      run = begun
      void occupy(
        (signal) => execute(text, statements, maxRows, begun, signal),
        (isCancelled) => finish(text, begun, begunMs, isCancelled),
      )
      changed(true)
      return begun.runId
    },

    cancel: (): boolean => {
      const cancelled = abort
      if (!cancelled) return false
      if (cancelled.signal.aborted) return true
      cancelled.abort()
      changed(true)
      void (async () => {
        // A backend that has not begun the statement yet ignores the signal: ask until the run has ended.
        for (let answeredAt = performance.now(); abort === cancelled; ) {
          const isAnswered = await Promise.race([
            askCancel(),
            new Promise<boolean>((resolve) => setTimeout(resolve, deps.silentMs ?? defaultSilentMs, false)),
            done.then(() => true),
          ])
          if (isAnswered) answeredAt = performance.now()
          else if (performance.now() - answeredAt >= (deps.silentMs ?? defaultSilentMs)) own.giveUp()
          await Promise.race([done, new Promise((resolve) => setTimeout(resolve, 250))])
        }
      })()
      return true
    },

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
      work: (session: Session, isOpen: boolean, guard: ReadOnlyGuard | null) => Promise<Result>,
      { writes }: { writes: boolean } = { writes: true },
    ): Promise<Result> => {
      refuseBusy('Nothing was changed.')
      if (writes && own.isReadOnly) {
        throw new AtlasError('UNSUPPORTED', 'This tab is read-only', {
          saved: 'Nothing was changed.',
          next: 'Make it read-write first.',
        })
      }
      return occupy(async () => {
        changed()
        const opened = await own.open()
        return work(opened, transactionOf(opened) !== 'idle', own.guard)
      })
    },

    /** Sets the session up anew: at once where no transaction is open, else with the next one. */
    configure: async (settings: SessionSettings): Promise<void> => {
      refuseBusy('Nothing was changed.')
      await own.configure(settings)
    },

    /** Keeps a result although the tab runs anew, or lets it go. `CONFLICT` while its rows still come. */
    pin: (resultId: string, isPinned: boolean): void => {
      if (!isPinned) {
        const pin = pinned.get(resultId)
        if (!pin) return
        pinned.delete(resultId)
        deps.pins.remove(resultId)
        if (!run?.statements.some((statement) => statement.resultId === resultId)) {
          pin.result.spool.close()
          results.delete(resultId)
        }
        changed()
        return
      }
      const statement = run?.statements.find((one) => one.resultId === resultId)
      const result = results.get(resultId)
      if (pinned.has(resultId) || !statement || !result) return
      if (statement.status === 'running') {
        throw new AtlasError('CONFLICT', 'The rows of this result still come', {
          saved: 'It was not pinned.',
          next: 'Wait for its end, or cancel it: what has come can be pinned then.',
        })
      }
      const pin = { result, pinned: { ranAt: startedAt ?? new Date(), statement: { ...statement } } }
      deps.pins.add(pin)
      pinned.set(resultId, pin)
      changed()
    },

    /** Lets a result go that is not pinned. */
    forget: (resultId: string): void => {
      if (pinned.has(resultId)) return
      results.get(resultId)?.spool.close()
      results.delete(resultId)
    },

    /** Lets go what is pinned: the tab is closed for good. */
    forgetPins: (): void => {
      for (const id of pinned.keys()) deps.pins.remove(id)
    },

    /** Goes on with a result that was paused at its size. */
    resume: (): boolean => {
      const next = goOn
      goOn = undefined
      next?.()
      return next !== undefined
    },

    /** The state now and after every change: at a turn at once, else at most ten times a second. */
    async *watch(signal: AbortSignal | undefined): AsyncGenerator<SessionState> {
      let wake = () => {}
      let hurry = () => {}
      let isDirty = true
      const mark = ({ type }: Event) => {
        isDirty = true
        wake()
        if (type !== 'change') hurry()
      }
      changes.addEventListener('change', mark)
      changes.addEventListener('turn', mark)
      signal?.addEventListener('abort', mark)
      watchers++
      try {
        while (!signal?.aborted) {
          if (isDirty) {
            isDirty = false
            yield tab.state()
            await new Promise<void>((resolve) => {
              const timer = setTimeout(resolve, pauseMs)
              hurry = () => {
                clearTimeout(timer)
                resolve()
              }
            })
          } else {
            await new Promise<void>((resolve) => {
              wake = resolve
            })
          }
        }
      } finally {
        watchers--
        changes.removeEventListener('change', mark)
        changes.removeEventListener('turn', mark)
        signal?.removeEventListener('abort', mark)
      }
    },

    close: async () => {
      clearTimeout(idleTimer)
      tab.cancel()
      await Promise.race([done, new Promise((resolve) => setTimeout(resolve, 2000))])
      clearTimeout(idleTimer)
      await own.disconnect(null)
      forgetResults(true)
    },
  }
  return tab
}

export type Tab = ReturnType<typeof createTab>
