import type { Queryable } from '../adapters/postgres.ts'
import type { JobControl } from '../jobs/contract.ts'
import type { Verification } from './contract.ts'
import { head, lastBefore, nextTime, timeAbove, verifyChain } from './sql.ts'

const sliceEntries = 20_000

/**
 * Checks the chain slice by slice. Each slice begins with the last time of the one before it, so that the link between
 * two slices is checked too; the first begins where the log does, with what the archive knows of its beginning.
 */
export async function verifySlices(
  db: Pick<Queryable, 'row'>,
  job: Pick<JobControl, 'signal' | 'report'>,
  entries = sliceEntries,
): Promise<Verification> {
  const begun = performance.now()
  const [first, last] = await Promise.all([db.row(timeAbove(undefined, 0)), db.row(head())])
  const total = first && last ? last.sequence - first.sequence + 1 : 0
  const finish = (checkedEntries: number, firstBad: Verification['firstBad']): Verification => ({
    isIntact: firstBad === null,
    checkedEntries,
    durationMs: performance.now() - begun,
    finishedAt: new Date(),
    firstBad,
  })
  let from: string | undefined
  let end: string | undefined
  let checked = 0
  let unguarded: Verification['firstBad'] = null
  for (;;) {
    job.signal.throwIfAborted()
    const to = await sliceEnd(db, end, entries)
    const result = await db.row(verifyChain(from, to))
    if (!result) throw new Error('The chain was not verified')
    if (!result.isIntact) {
      const { sequence, kind, detail } = result
      const bad = { sequence, kind: kind ?? 'unknown', detail: detail ?? '' }
      // A guard that is off says nothing of a row: the rows of the slices to come may still be bad, which is worse.
      if (sequence !== null) return finish(checked, bad)
      unguarded ??= bad
    }
    if (to === undefined) return finish(Math.max(total, result.checkedEntries), unguarded)
    const before = await db.row(lastBefore(to))
    from = before?.time ?? to
    end = to
    checked = before && first ? before.sequence - first.sequence + 1 : checked
    job.report({
      detail: `${checked.toLocaleString('en')} of ${total.toLocaleString('en')} entries`,
      progress: Math.min(1, checked / Math.max(1, total)),
    })
  }
}

/** A time about so many entries after the last slice's end. All entries of one statement have one time, and stay together. */
async function sliceEnd(
  db: Pick<Queryable, 'row'>,
  lastEnd: string | undefined,
  entries: number,
): Promise<string | undefined> {
  const start = lastEnd ?? (await db.row(timeAbove(undefined, 0)))?.time
  const edge = await db.row(timeAbove(lastEnd, entries))
  if (!edge || !start) return undefined
  return edge.time > start ? edge.time : (await db.row(nextTime(start)))?.time
}
