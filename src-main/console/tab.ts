import { randomUUID } from 'node:crypto'
import type { Database, Session } from '../adapters/postgres.ts'
import { AtlasError } from '../errors.ts'
import type { Statement } from '../sqlText.ts'
import type { ConsoleRun, SessionState, StatementRun } from './contract.ts'
import { describeReadOnly, type ReadOnlyGuard, runReadOnly } from './readOnly.ts'
import { type HeldResult, newStatement, type RunDependencies, runStatement, snapshot } from './run.ts'

const defaultIdleMs = 10 * 60_000
const keptNotices = 500

export interface TabDependencies extends RunDependencies {
  db: Pick<Database, 'session' | 'cancel'>
  /** A session without use is closed after this time. */
  idleMs?: number | undefined
  /** Called with what ran when it has ended. */
  remember: (text: string, run: ConsoleRun, startedAt: Date) => void
}

/** One tab: its session, opened with the first run and anew after it was lost, what it ran last, and the results. */
export function createTab(deps: TabDependencies) {
  const changes = new EventTarget()
  const results = new Map<string, HeldResult>()
  let session: Session | undefined
  let opening: Promise<Session> | undefined
  let abort: AbortController | undefined
  let run: ConsoleRun | undefined
  let entry: StatementRun | undefined
  let startedAt: Date | null = null
  let transaction: SessionState['transaction'] = 'idle'
  let transactionSince: Date | null = null
  let changedRows = 0
  let goOn: (() => void) | undefined
  let readOnly: ReadOnlyGuard | undefined
  let isReadOnly = false
  let remark: string | null = null
  let idleTimer: NodeJS.Timeout | undefined
  let done = Promise.resolve()
  let watchers = 0

  const changed = () => changes.dispatchEvent(new Event('change'))

  const readTransaction = () => {
    transaction = session ? transactionOf(session) : 'idle'
    if (transaction === 'idle') changedRows = 0
    transactionSince = transaction === 'idle' ? null : (transactionSince ?? new Date())
  }

  const open = async (): Promise<Session> => {
    if (session) return session
    opening ??= deps.db.session('console')
    try {
      const opened = await opening
      session = opened
      remark = null
      opened.client.on('notice', ({ severity, message }) => {
        if (entry && entry.notices.length < keptNotices) entry.notices.push(`${severity}: ${message}`)
      })
      opened.client.once('end', () => lose(opened))
      return opened
    } finally {
      opening = undefined
    }
  }

  const lose = (which: Session) => {
    if (session !== which) return
    const rolledBack = transaction === 'idle' ? '' : ' and the open transaction was rolled back'
    remark = `The connection was lost${rolledBack}. The next run opens a new session.`
    session = undefined
    readTransaction()
    changed()
  }

  const disconnect = async (reason: string | null) => {
    const was = session
    session = undefined
    if (was !== undefined && reason) remark = reason
    readTransaction()
    await was?.close()
    changed()
  }

  /** Closes a session that nobody uses; one with a transaction only when no window shows it any more. */
  const restIdle = () => {
    clearTimeout(idleTimer)
    idleTimer = setTimeout(() => {
      if (abort) return
      if (transaction !== 'idle' && watchers > 0) restIdle()
      else {
        const rolledBack = transaction === 'idle' ? '' : ' and its transaction rolled back'
        void disconnect(
          `The session was closed${rolledBack} after a time without use. The next run opens a new one.`,
        )
      }
    }, deps.idleMs ?? defaultIdleMs).unref()
  }

  const forgetResults = () => {
    for (const { spool } of results.values()) spool.close()
    results.clear()
  }

  const execute = async (
    text: string,
    statements: Statement[],
    maxRows: number,
    own: ConsoleRun,
    signal: AbortSignal,
  ) => {
    const begun = performance.now()
    try {
      for (const [index, statement] of statements.entries()) {
        entry = newStatement(index, statement)
        own.statements.push(entry)
        const isAfterFailure = own.statements.some(
          ({ status }) => status !== 'running' && status !== 'succeeded',
        )
        if (isAfterFailure || (signal.aborted && index > 0)) {
          entry.status = 'skipped'
          continue
        }
        changed()
        await runOne(entry, statement, {
          text,
          maxRows,
          signal,
          results,
          changed,
          interrupt: () => void (session && deps.db.cancel(session.processId).catch(() => false)),
          onPause: (next) => {
            goOn = next
          },
        })
        goOn = undefined
        own.durationMs = performance.now() - begun
        readTransaction()
        own.transaction = transaction
      }
    } finally {
      // A cancel that came late must not hit what is run next: the session answers once more before that.
      if (signal.aborted) await session?.client.query('').catch(() => {})
      entry = undefined
      abort = undefined
      readTransaction()
      own.transaction = transaction
      const last = own.statements.find(({ status }) => status === 'failed' || status === 'cancelled')
      own.status = last?.status === 'failed' ? 'failed' : last || signal.aborted ? 'cancelled' : 'succeeded'
      own.durationMs = performance.now() - begun
      deps.remember(text, own, startedAt ?? new Date())
      restIdle()
      changed()
    }
  }

  const runOne = async (
    active: StatementRun,
    statement: Statement,
    options: Parameters<typeof runStatement>[4],
  ) => {
    try {
      const opened = await open()
      if (options.signal.aborted) active.status = 'cancelled'
      else if (isReadOnly) await runBound(opened, active, statement, options)
      else await runStatement(deps, opened, active, statement, options)
      const hasChanged = /^(?:INSERT|UPDATE|DELETE|MERGE)\b/.test(active.command ?? '')
      if (hasChanged) changedRows += active.rows
    } catch (error) {
      active.status = 'failed'
      active.error = { ...deps.describeError(error), line: statement.line, column: statement.column }
    }
  }

  const runBound = async (
    opened: Session,
    active: StatementRun,
    statement: Statement,
    options: Parameters<typeof runStatement>[4],
  ) => {
    readOnly ??= await describeReadOnly(opened)
    await runReadOnly(
      opened,
      readOnly,
      statement.text,
      () => transactionOf(opened) !== 'idle',
      (text) => runStatement(deps, opened, active, { ...statement, text }, options),
    )
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
      return session !== undefined || opening !== undefined
    },

    state: (): SessionState => ({
      isRunning: abort !== undefined,
      isCancelling: abort?.signal.aborted ?? false,
      isReadOnly,
      startedAt,
      processId: session?.processId ?? null,
      transaction,
      transactionSince,
      changedRows,
      remark,
      run: run ? snapshot(run) : null,
    }),

    /** Begins a run and returns at once. `CONFLICT` while one is under way. */
    start: (text: string, statements: Statement[], maxRows: number): string => {
      refuseBusy('Nothing was run.')
      clearTimeout(idleTimer)
      abort = new AbortController()
      startedAt = new Date()
      forgetResults()
      const own: ConsoleRun = {
        runId: randomUUID(),
        status: 'running',
        transaction,
        durationMs: 0,
        statements: [],
      }
      run = own
      done = execute(text, statements, maxRows, own, abort.signal)
      changed()
      return own.runId
    },

    cancel: (): boolean => {
      const cancelled = abort
      if (!cancelled) return false
      if (cancelled.signal.aborted) return true
      cancelled.abort()
      changed()
      void (async () => {
        // A backend that has not begun the statement yet ignores the signal: ask until the run has ended.
        while (abort === cancelled) {
          if (session) await deps.db.cancel(session.processId).catch(() => false)
          await Promise.race([done, new Promise((resolve) => setTimeout(resolve, 250))])
        }
      })()
      return true
    },

    /** From the next statement on, nothing that this tab runs can write; or it can again. */
    setReadOnly: async (wanted: boolean): Promise<ReadOnlyGuard> => {
      refuseBusy('Nothing was changed.')
      if (transaction !== 'idle') {
        throw new AtlasError('CONFLICT', 'A transaction is open in this tab', {
          saved: 'Nothing was changed.',
          next: 'Commit it or roll it back first.',
        })
      }
      const guard = wanted ? await describeReadOnly(await open()) : { role: null, warning: null }
      readOnly = wanted ? guard : undefined
      isReadOnly = wanted
      changed()
      return guard
    },

    /** Does work that writes on the tab's session, while it runs nothing. */
    use: async <Result>(work: (session: Session, isOpen: boolean) => Promise<Result>): Promise<Result> => {
      refuseBusy('Nothing was changed.')
      if (isReadOnly) {
        throw new AtlasError('UNSUPPORTED', 'This tab is read-only', {
          saved: 'Nothing was changed.',
          next: 'Make it read-write first.',
        })
      }
      clearTimeout(idleTimer)
      abort = new AbortController()
      changed()
      try {
        const opened = await open()
        return await work(opened, transactionOf(opened) !== 'idle')
      } finally {
        abort = undefined
        readTransaction()
        restIdle()
        changed()
      }
    },

    /** Goes on with a result that was paused at its size. */
    resume: (): boolean => {
      const next = goOn
      goOn = undefined
      next?.()
      return next !== undefined
    },

    /** The state now and after every change, at most 25 times a second. */
    async *watch(signal: AbortSignal | undefined): AsyncGenerator<SessionState> {
      let wake = () => {}
      let isDirty = true
      const mark = () => {
        isDirty = true
        wake()
      }
      changes.addEventListener('change', mark)
      signal?.addEventListener('abort', mark)
      watchers++
      try {
        while (!signal?.aborted) {
          if (isDirty) {
            isDirty = false
            yield tab.state()
            await new Promise((resolve) => setTimeout(resolve, 40))
          } else {
            await new Promise<void>((resolve) => {
              wake = resolve
            })
          }
        }
      } finally {
        watchers--
        changes.removeEventListener('change', mark)
      }
    },

    close: async () => {
      clearTimeout(idleTimer)
      tab.cancel()
      await Promise.race([done, new Promise((resolve) => setTimeout(resolve, 2000))])
      clearTimeout(idleTimer)
      await disconnect(null)
      forgetResults()
    },
  }
  return tab
}

export type Tab = ReturnType<typeof createTab>

function transactionOf({ client }: Session): ConsoleRun['transaction'] {
  const status = (
    client as typeof client & { getTransactionStatus?: () => string | null }
  ).getTransactionStatus?.()
  return status === 'T' ? 'open' : status === 'E' ? 'failed' : 'idle'
}
