import type { ReadOnlySession } from './readOnlySession.ts'
import { type HeldResult, newStatement, type RunDependencies, runStatement } from './run.ts'
import type { StatementRun } from './statementContract.ts'

const mostRows = 1_000_000

/** What is run again: a statement as it was sent, with its values. */
type Sent = Pick<HeldResult, 'text' | 'values'>

/** A run, and its rows where it has any: the caller closes their spool. */
export interface AgainRun {
  statement: StatementRun
  result: HeldResult | undefined
}

/** Runs the statement of a result once more, up to a million rows of it. Never throws for what the server says. */
export async function runAgain(
  runs: RunDependencies,
  again: ReadOnlySession,
  { text, values }: Sent,
  signal: AbortSignal | undefined,
): Promise<AgainRun> {
  const whole = { text, start: 0, end: text.length, line: 1, column: 1 }
  const statement = newStatement(0, whole)
  const results = new Map<string, HeldResult>()
  await again.run(signal, (session) => {
    const interrupt = () => void session.cancel().catch(() => {})
    return runStatement(
      runs,
      session,
      statement,
      { ...whole, values },
      {
        text,
        maxRows: mostRows,
        signal: signal ?? new AbortController().signal,
        interrupt,
        results,
        changed: () => {},
        // What is too large to be kept without asking is too large to be run again and again.
        onPause: interrupt,
      },
    )
  })
  return { statement, result: results.get(statement.resultId ?? '') }
}
