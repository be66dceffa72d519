import type { Session } from '../adapters/postgres.ts'
import { trustedStatement } from '../sql.ts'
import { type CommandDependencies, type PsqlState, runCommand } from './commands.ts'
import { runReadOnly } from './readOnly.ts'
import { type RunOptions, runStatement } from './run.ts'
import type { Runnable } from './script.ts'
import type { StatementRun } from './statementContract.ts'
import { type TabSession, transactionOf } from './tabSession.ts'

/** A lost connection leaves open whether it was done. */
const ends = /^\s*(?:commit|end|prepare)\b/i

interface PieceContext {
  deps: CommandDependencies
  own: TabSession
  psql: PsqlState
  options: RunOptions
  addEntry: () => StatementRun
}

/** Runs one piece of a script in a tab: a statement, the rows of a COPY, a command of psql. Never throws. */
export async function runPiece(
  active: StatementRun,
  statement: Runnable,
  context: PieceContext,
): Promise<void> {
  const { deps, own, psql, options, addEntry } = context
  const begun = performance.now()
  try {
    const session = await own.open()
    active.isExpanded = psql.isExpanded || (statement.isExpanded ?? false)
    if (options.signal.aborted) active.status = 'cancelled'
    else if (statement.kind === 'command') {
      await runCommand(statement, {
        deps,
        session,
        entry: active,
        addEntry,
        state: psql,
        isReadOnly: own.isReadOnly,
        options,
      })
    } else {
      psql.lastText = statement.text
      const wasOpen = transactionOf(session) !== 'idle'
      await runSql(session, active, statement, context)
      if (active.error?.code === 'CONNECTION_LOST')
        active.error.data.saved =
          wasOpen && !ends.test(statement.text)
            ? 'What the open transaction had done was rolled back.'
            : 'Whether the statement took effect is not known: look at what it was to change.'
      if (active.status === 'succeeded') own.note(statement.text, active.command, active.rows)
      if (psql.hasTiming) active.notices.push(`Time: ${active.durationMs.toFixed(3)} ms`)
    }
  } catch (error) {
    active.status = options.signal.aborted ? 'cancelled' : 'failed'
    active.durationMs = performance.now() - begun
    active.error = { ...deps.describeError(error), line: statement.line, column: statement.column }
  }
}

async function runSql(
  session: Session,
  active: StatementRun,
  statement: Runnable,
  { deps, own, options }: PieceContext,
): Promise<void> {
  if (own.isReadOnly) {
    await runReadOnly(
      session,
      own.guard ?? { role: null },
      statement.sent ?? statement.text,
      () => transactionOf(session) !== 'idle',
      (sent) => runStatement(deps, session, active, { ...statement, sent }, options),
    )
    return
  }
  await own.begin(session, statement.text)
  if (statement.rows === undefined) return runStatement(deps, session, active, statement, options)
  const begun = performance.now()
  active.rows = await deps.copyIn(session, trustedStatement(statement.text), [statement.rows], options.signal)
  Object.assign(active, {
    command: `COPY ${active.rows}`,
    status: 'succeeded',
    durationMs: performance.now() - begun,
  })
}
