import type { Queryable } from '../adapters/postgres.ts'
import type { AuditEntry, AuditFilter } from './contract.ts'
import { placeOf, readPlace, writePlace } from './search.ts'
import { entriesAfter, head } from './sql.ts'

const batch = 1000
const pauseMs = 250
/** How long a missing number is waited for: a writer that took it may not have committed yet. */
const patienceMs = 3000

type Tail = { entries: AuditEntry[]; seen: number; place: string }

/**
 * Yields entries as they are committed, in the order of the log. Numbers have no gaps, so that one that is missing is
 * waited for: nothing that commits late is passed over. A batch that is full is followed by the next at once.
 */
export async function* followLog(
  db: Pick<Queryable, 'rows' | 'row'>,
  filter: Partial<AuditFilter> & { after?: string | undefined },
  isMasked: boolean,
  signal: AbortSignal | undefined,
): AsyncGenerator<Tail> {
  let place = readPlace(filter.after) ?? (await db.row(head()))
  let waitingSince: number | undefined
  if (place) yield { entries: [], seen: 0, place: writePlace(place) }
  while (!signal?.aborted) {
    const found = await db.rows(entriesAfter(place, filter, isMasked, batch))
    const hole = found.findIndex(
      ({ sequence }, index) =>
        sequence !==
        (index === 0 ? (place?.sequence ?? sequence - 1) : (found[index - 1]?.sequence ?? 0)) + 1,
    )
    if (hole >= 0) waitingSince ??= Date.now()
    const isOver = waitingSince !== undefined && Date.now() - waitingSince > patienceMs
    const certain = hole < 0 || isOver ? found : found.slice(0, hole)
    if (hole < 0 || isOver) waitingSince = undefined
    const last = certain.at(-1)
    if (last) {
      place = placeOf(last)
      yield {
        entries: certain.filter(({ isWanted }) => isWanted).map(({ isWanted: _, ...entry }) => entry),
        seen: certain.length,
        place: writePlace(place),
      }
    }
    if (certain.length < batch) await pause(signal)
  }
}

const pause = (signal: AbortSignal | undefined) =>
  new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, pauseMs)
    signal?.addEventListener('abort', done)
  })
