import { randomUUID } from 'node:crypto'
import type { CommandDependencies, PsqlState } from './commands.ts'
import { type HeldResult, newStatement, type RunOptions } from './run.ts'
import { runPiece } from './runPiece.ts'
import type { Runnable } from './script.ts'
import type { ConsoleRun, StatementRun } from './statementContract.ts'
import type { TabSession } from './tabSession.ts'

const keptNotices = 500

export interface TabRunDependencies extends CommandDependencies {
  /** Called with what ran when it has ended. */
  remember: (run: ConsoleRun, startedAt: Date) => void
}

interface TabParts {
  own: TabSession
  results: Map<string, HeldResult>
  /** Asks the server to end the statement. */
  interrupt: () => void
  /** At a turn it is told at once. */
  changed: (isTurn?: boolean) => void
}

/** One script that a tab runs. */
interface Script {
  text: string
  statements: Runnable[]
  maxRows: number
}

/** What a tab runs: one script after another, of which the last one is known. */
export function createTabRun(deps: TabRunDependencies, { own, results, interrupt, changed }: TabParts) {
  const psql: PsqlState = { isExpanded: false, hasTiming: false, lastText: '' }
  let last: ConsoleRun | undefined
  let startedAt: Date | null = null
  let entry: StatementRun | undefined
  let goOn: (() => void) | undefined

  const execute = async (
    { text, statements, maxRows }: Script,
    run: ConsoleRun,
    begun: number,
    signal: AbortSignal,
  ) => {
    const options: RunOptions = {
      text,
      maxRows,
      signal,
      results,
      changed,
      interrupt,
      onPause: (next) => {
        goOn = next
      },
    }
    const addEntry = (statement: Runnable): StatementRun => {
      const added = newStatement(run.statements.length, statement)
      entry = added
      run.statements.push(added)
      return added
    }
    let hasFailed = false
    for (const [index, statement] of statements.entries()) {
      const first = run.statements.length
      const active = addEntry(statement)
      if (hasFailed || (signal.aborted && index > 0)) {
        active.status = 'skipped'
        continue
      }
      changed()
      await runPiece(active, statement, { deps, own, psql, options, addEntry: () => addEntry(statement) })
      goOn = undefined
      // A command of psql may have given several.
      hasFailed = run.statements
        .slice(first)
        .some(({ status }) => status !== 'running' && status !== 'succeeded')
      run.durationMs = performance.now() - begun
      own.readTransaction()
      run.transaction = own.transaction
    }
  }

  return {
    get last() {
      return last
    },
    get startedAt() {
      return startedAt
    },

    /** Takes a script as the one that runs: `execute` runs it, and `finish` is called when the session is free again. */
    begin: (script: Script) => {
      const at = new Date()
      const begun = performance.now()
      const run: ConsoleRun = {
        runId: randomUUID(),
        status: 'running',
        transaction: own.transaction,
        durationMs: 0,
        statements: [],
      }
      last = run
      startedAt = at
      return {
        runId: run.runId,
        execute: (signal: AbortSignal) => execute(script, run, begun, signal),
        finish: (isCancelled: boolean): void => {
          entry = undefined
          run.transaction = own.transaction
          const ended = run.statements.find(({ status }) => status === 'failed' || status === 'cancelled')
          run.status =
            ended?.status === 'failed' ? 'failed' : ended || isCancelled ? 'cancelled' : 'succeeded'
          run.durationMs = performance.now() - begun
          deps.remember(run, at)
          changed(true)
        },
      }
    },

    /** Notes what the server said to the statement that runs. */
    hear: (notice: string): void => {
      if (entry && entry.notices.length < keptNotices) entry.notices.push(notice)
    },

    /** Goes on with a result that was paused at its size. */
    resume: (): boolean => {
      const next = goOn
      goOn = undefined
      next?.()
      return next !== undefined
    },
  }
}
