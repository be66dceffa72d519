import { AtlasError } from '../errors.ts'
import { placeOf, type Statement } from '../sqlText.ts'
import { runnerName } from './acquire.ts'
import { addEvent } from './eventSql.ts'
import type { PreparedMigration } from './prepare.ts'
import type { RunnerState } from './state.contract.ts'
import { describeWait } from './waiting.ts'
import type { Work } from './work.ts'

interface Place {
  fileName: string
  text: string
  statements: readonly Statement[]
  /** Of the statement that failed; past the last one, what came after them. */
  index: number
}

/** Says of a server's error where in the file it happened, what was kept, and what to do next. */
export function explainFailure(
  error: unknown,
  { fileName, text, statements, index }: Place,
  saved: string,
  wait: RunnerState['wait'] = null,
): unknown {
  if (!(error instanceof AtlasError) || error.code === 'MIGRATION_FAILED') return error
  const statement = statements[index]
  const place =
    statement && placeOf(text, statement.start + unitsBefore(statement.text, error.fault.position))
  return new AtlasError(
    'MIGRATION_FAILED',
    error.message,
    {
      ...error.fault,
      object: place ? `${fileName}:${place.line}:${place.column}` : fileName,
      detail: [
        statement && `Statement ${index + 1} of ${statements.length}.`,
        error.fault.detail,
        error.code === 'LOCK_TIMEOUT' ? describeWait(wait) : undefined,
      ]
        .filter(Boolean)
        .join(' '),
      saved,
      next: nextStep(error),
    },
    { cause: error },
  )
}

/** The server counts characters from one, and a character may be two units of a string. */
function unitsBefore(text: string, position = 1): number {
  let units = 0
  for (let before = position - 1; before > 0 && units < text.length; before--)
    units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1
  return units
}

/** Remembers that a file failed and why. A cancel is no failure; what cannot be recorded does not hide the error. */
export async function recordFailure(
  { session, project, signal, progress }: Work,
  { file }: PreparedMigration,
  error: unknown,
): Promise<void> {
  progress.observe({ phase: 'idle', retryAt: null })
  if (signal.aborted || !(error instanceof AtlasError)) return
  const { object, sqlState, detail } = error.fault
  const why = [error.message, object, sqlState, detail].filter(Boolean).join(' · ')
  const event = {
    ...file,
    project,
    action: 'failed',
    detail: why,
    doneFrom: runnerName,
    durationMs: 0,
  } as const
  await addEvent(session, event).catch(() => {})
}

function nextStep({ code, fault }: AtlasError): string {
  if (code === 'LOCK_TIMEOUT')
    return 'Another transaction holds the table. Look at the plan for who, then apply again.'
  if (fault.sqlState === '25001')
    return 'Begin the file with the line `-- atlas: no-transaction`, and apply again.'
  if (code === 'CONNECTION_LOST') return 'Apply again: the ledger says what was kept.'
  return 'Correct the file and apply again.'
}
