import type { LogSummary } from '../../src-main/logs/contract.ts'
import { toFault } from '../ui/fault.ts'
import { formatCount } from '../ui/format.ts'

interface Props {
  summary: LogSummary | undefined
  error: unknown
  /** What the last copy or download came to. */
  note: string
}

/** What has to be said of the log: what is wrong, what is missing, why it is empty. */
export function LogNotes({ summary, error, note }: Props) {
  const faults = [summary?.patternError, error === undefined ? undefined : toFault(error).message]
  const notes = summary ? [...notesOf(summary)] : []
  return (
    <>
      {faults.map(
        (fault) =>
          fault && (
            <p key={fault} className="log__note t-fail" role="alert">
              {fault}
            </p>
          ),
      )}
      {note && (
        <p className="log__note" role="status">
          {note}
        </p>
      )}
      {notes.map((text) => (
        <p key={text} className="log__note">
          {text}
        </p>
      ))}
    </>
  )
}

function* notesOf({ lines, firstLine, rows, scannedLines, phase }: LogSummary): Generator<string> {
  if (firstLine > 0)
    yield `The first ${formatCount(firstLine)} lines were dropped to keep the log below 2 GB on disk; the containers may still have them.`
  if (lines === 0)
    yield phase === 'waiting' ? 'Waits for a container of this stack.' : 'Nothing was written yet.'
  else if (rows === 0 && scannedLines >= lines) yield `None of ${formatCount(lines)} lines fits.`
}
