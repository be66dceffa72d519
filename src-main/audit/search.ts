import type { Queryable } from '../adapters/postgres.ts'
import type { AuditEntry, AuditFilter, AuditPage } from './contract.ts'
import { isSearch, listEntries, type Place, placeBelow } from './sql.ts'

const sliceEntries = 20_000
const searchMs = 400

export const readPlace = (text: string | undefined): Place | undefined => {
  const [time, sequence] = text?.split(' ') ?? []
  return time && sequence ? { time, sequence: Number(sequence) } : undefined
}

export const writePlace = ({ time, sequence }: Place) => `${time} ${sequence}`

export const placeOf = ({ occurredAt, sequence }: AuditEntry): Place => ({ time: occurredAt, sequence })

/**
 * A page of the log. What an index finds is one statement. What it does not is searched in slices of 20,000 entries until
 * the page is full or the time is over; the answer then says how far it came, and the next page goes on from there.
 */
export async function readPage(
  db: Pick<Queryable, 'rows' | 'row'>,
  filter: AuditFilter,
  page: { before: Place | undefined; limit: number; isMasked: boolean; budgetMs?: number },
): Promise<Omit<AuditPage, 'isMasked'>> {
  const { limit, isMasked, budgetMs = searchMs } = page
  if (!isSearch(filter)) {
    const entries = await db.rows(
      listEntries({ filter, before: page.before, until: undefined, limit, isMasked }),
    )
    return { entries, next: nextOf(entries, limit), searchedUntil: null }
  }
  const begun = performance.now()
  const entries: AuditEntry[] = []
  let before = page.before
  for (;;) {
    const until = await db.row(placeBelow(filter, before, sliceEntries))
    entries.push(
      ...(await db.rows(listEntries({ filter, before, until, limit: limit - entries.length, isMasked }))),
    )
    if (entries.length >= limit) return { entries, next: nextOf(entries, limit), searchedUntil: null }
    if (!until) return { entries, next: null, searchedUntil: null }
    before = until
    if (performance.now() - begun > budgetMs)
      return { entries, next: writePlace(until), searchedUntil: until.time }
  }
}

function nextOf(entries: AuditEntry[], limit: number): string | null {
  const last = entries.at(-1)
  return entries.length < limit || !last ? null : writePlace(placeOf(last))
}
