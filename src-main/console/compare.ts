import { randomUUID } from 'node:crypto'
import { AtlasError } from '../errors.ts'
import type { ComparedRow, Comparison } from './compareContract.ts'
import { hashRows, type RowHashes } from './rowHash.ts'
import { type Matching, matchRows, type RowPairs } from './rowMatch.ts'
import type { HeldResult } from './run.ts'
import type { SpooledRows } from './spool.ts'

const maxRows = 10_000_000
const pieceBytes = 1024 ** 2

/** Two results that were compared. */
export interface HeldComparison {
  comparison: Comparison
  beforeId: string
  afterId: string
  matching: Matching
  /** For each column of the comparison its place in the results. */
  places: { before: number | undefined; after: number | undefined }[]
}

/** Columns of two results by their names; of several of one name the first belongs to the first. */
function pairColumns(before: HeldResult['columns'], after: HeldResult['columns']) {
  const free = new Map<string, number[]>()
  for (const [at, { name }] of before.entries()) free.set(name, [...(free.get(name) ?? []), at])
  const columns: Comparison['columns'] = []
  const places: HeldComparison['places'] = []
  for (const [at, column] of after.entries()) {
    const partner = free.get(column.name)?.shift()
    columns.push({ ...column, side: partner === undefined ? 'after' : 'both' })
    places.push({ before: partner, after: at })
  }
  for (const at of [...free.values()].flat().sort((a, b) => a - b)) {
    const column = before[at]
    if (!column) continue
    columns.push({ ...column, side: 'before' })
    places.push({ before: at, after: undefined })
  }
  return { columns, places }
}

/** Each row's number as the hash of its key. */
function rowNumbers(rows: number): RowHashes {
  const first = new Uint32Array(rows)
  for (let row = 0; row < rows; row++) first[row] = row
  return { first, second: new Uint32Array(rows) }
}

/**
 * Compares two results by `key`, columns by their place in the comparison, or where it is undefined by the columns of the
 * new result that `tableKey` names, or else as `unkeyed` says.
 */
export async function compareResults(
  before: HeldResult & { id: string },
  after: HeldResult & { id: string },
  {
    key,
    tableKey,
    unkeyed,
    signal,
  }: {
    key: number[] | undefined
    tableKey: number[]
    unkeyed: 'rows' | 'position'
    signal: AbortSignal | undefined
  },
): Promise<HeldComparison> {
  const most = Math.max(before.spool.rows, after.spool.rows)
  if (most > maxRows) {
    throw new AtlasError('UNSUPPORTED', `${most.toLocaleString('en-US')} rows are too many to compare here`, {
      next: 'Compare them on the server, with except, or ask for fewer rows.',
    })
  }
  const { columns, places } = pairColumns(before.columns, after.columns)
  const isCommon = (at: number) => columns[at]?.side === 'both'
  const stranger = key?.find((at) => !isCommon(at))
  if (stranger !== undefined) {
    throw new AtlasError('INPUT_INVALID', 'A key column has to be in both results', {
      object: columns[stranger]?.name ?? `column ${stranger}`,
      next: 'Choose other columns.',
    })
  }
  const own = tableKey.length > 0 && tableKey.every(isCommon) ? tableKey : []
  const chosen = key ?? own
  const isByPosition = chosen.length === 0 && unkeyed === 'position'
  const isKey = columns.map((_column, at) => (chosen.length > 0 ? chosen.includes(at) : isCommon(at)))
  const slotsOf = (side: 'before' | 'after', count: number) => {
    const slots = new Array<number | undefined>(count)
    for (const [slot, place] of places.entries()) {
      const at = place[side]
      if (at !== undefined && isCommon(slot)) slots[at] = slot
    }
    return slots
  }
  const hash = async (side: 'before' | 'after', { spool, columns: own }: HeldResult) => {
    const hashes = await hashRows(spool, slotsOf(side, own.length), isKey, signal)
    return isByPosition ? { ...hashes, keys: rowNumbers(spool.rows) } : hashes
  }
  const matching = await matchRows(await hash('before', before), await hash('after', after), signal)
  const { all: _all, differences: _differences, repeatedKeys, ...counts } = matching
  const comparison: Comparison = {
    comparisonId: randomUUID(),
    columns,
    key: chosen,
    matched: chosen.length === 0 ? unkeyed : key ? 'chosen' : 'table',
    beforeRows: before.spool.rows,
    afterRows: after.spool.rows,
    ...counts,
    repeatedKeys: chosen.length > 0 ? repeatedKeys : 0,
  }
  return { comparison, beforeId: before.id, afterId: after.id, matching, places }
}

/** Rows of a comparison with what changed in them. */
export function readCompared(
  { matching, places, comparison }: HeldComparison,
  before: HeldResult,
  after: HeldResult,
  wanted: { isDifferencesOnly: boolean; from: number; count: number; maxCharacters: number },
): { rows: ComparedRow[]; cuts: SpooledRows['cuts'] } {
  const pairs: RowPairs = wanted.isDifferencesOnly ? matching.differences : matching.all
  const end = Math.min(pairs.after.length, wanted.from + wanted.count)
  const answer: { rows: ComparedRow[]; cuts: SpooledRows['cuts'] } = { rows: [], cuts: [] }
  for (let at = wanted.from; at < end; at++) {
    const [beforeRow, afterRow] = [(pairs.before[at] ?? 0) - 1, (pairs.after[at] ?? 0) - 1]
    const old = beforeRow < 0 ? undefined : before.spool.read(beforeRow, 1, wanted.maxCharacters)
    const current = afterRow < 0 ? undefined : after.spool.read(afterRow, 1, wanted.maxCharacters)
    const was: ComparedRow['was'] = []
    const cells = places.map((place, column) => {
      const oldCell = cellOf(old, place.before)
      const cell = cellOf(current, place.after)
      const sizeBytes = current ? cell.sizeBytes : oldCell.sizeBytes
      if (sizeBytes !== undefined) answer.cuts.push([at - wanted.from, column, sizeBytes])
      if (old && current && comparison.columns[column]?.side === 'both') {
        const isEqual =
          cell.text === oldCell.text &&
          (cell.sizeBytes === undefined ||
            isSameValue(before, beforeRow, place.before ?? 0, after, afterRow, place.after ?? 0))
        if (!isEqual) was.push([column, oldCell.text])
      }
      return current ? cell.text : oldCell.text
    })
    const kind = !old ? 'added' : !current ? 'removed' : was.length > 0 ? 'changed' : 'same'
    answer.rows.push({
      kind,
      before: beforeRow < 0 ? null : beforeRow,
      after: afterRow < 0 ? null : afterRow,
      cells,
      was,
    })
  }
  return answer
}

/** A cell of the one row that was read; its size where it was cut. */
function cellOf(read: SpooledRows | undefined, column: number | undefined) {
  if (!read || column === undefined) return { text: null, sizeBytes: undefined }
  return {
    text: read.rows[0]?.[column] ?? null,
    sizeBytes: read.cuts.find(([, at]) => at === column)?.[2],
  }
}

/** Whether two long values are equal behind what is shown of them. */
function isSameValue(
  before: HeldResult,
  beforeRow: number,
  beforeColumn: number,
  after: HeldResult,
  afterRow: number,
  afterColumn: number,
): boolean {
  const one = before.spool.place(beforeRow, beforeColumn)
  const other = after.spool.place(afterRow, afterColumn)
  if (!one || !other || one.length !== other.length) return false
  for (let at = 0; at < one.length; at += pieceBytes) {
    const length = Math.min(pieceBytes, one.length - at)
    if (!before.spool.slice(one.offset + at, length).equals(after.spool.slice(other.offset + at, length)))
      return false
  }
  return true
}
