import type { RowHashes } from './rowHash.ts'

const stepRows = 50_000

/** Which rows of two results belong together: row numbers, one more than they are; 0 is none. */
export interface RowPairs {
  before: Uint32Array
  after: Uint32Array
}

export interface Matching {
  added: number
  removed: number
  changed: number
  same: number
  /** Rows whose key another row of the same result has: they are matched in their order. */
  repeatedKeys: number
  /** Every row in the order of the new result; a removed one stands where it was. */
  all: RowPairs
  /** The same without rows that are equal. */
  differences: RowPairs
}

interface Side {
  rows: RowHashes
  keys: RowHashes
}

/** Matches rows by the hashes of their keys: a table of the old rows that is asked once for each new one. */
export async function matchRows(
  before: Side,
  after: Side,
  signal: AbortSignal | undefined,
): Promise<Matching> {
  const [oldRows, newRows] = [before.rows.first.length, after.rows.first.length]
  const breathe = async () => {
    await new Promise((next) => setImmediate(next))
    signal?.throwIfAborted()
  }
  const table = createTable(before.keys)
  // From the last one, so that the first of those with one key is found first.
  for (let row = oldRows - 1; row >= 0; row--) {
    table.add(row)
    if (row % stepRows === 0) await breathe()
  }
  const partner = new Uint32Array(newRows)
  const isMatched = new Uint8Array(oldRows)
  let [added, changed, same] = [0, 0, 0]
  for (let row = 0; row < newRows; row++) {
    const match = table.take(after.keys.first[row] ?? 0, after.keys.second[row] ?? 0)
    partner[row] = match
    if (match === 0) added++
    else {
      isMatched[match - 1] = 1
      if (isEqual(before.rows, match - 1, after.rows, row)) same++
      else changed++
    }
    if (row % stepRows === 0) await breathe()
  }
  const removed = oldRows - changed - same
  const all = createPairs(newRows + removed)
  const differences = createPairs(added + removed + changed)
  let lost = 0
  const putRemovedUpTo = (row: number) => {
    for (; lost < Math.min(row, oldRows); lost++) {
      if (isMatched[lost]) continue
      all.put(lost + 1, 0)
      differences.put(lost + 1, 0)
    }
  }
  for (let row = 0; row < newRows; row++) {
    putRemovedUpTo(row + 1)
    const match = partner[row] ?? 0
    all.put(match, row + 1)
    if (match === 0 || !isEqual(before.rows, match - 1, after.rows, row)) differences.put(match, row + 1)
    if (row % stepRows === 0) await breathe()
  }
  putRemovedUpTo(oldRows)
  return {
    added,
    removed,
    changed,
    same,
    repeatedKeys: table.repeated(),
    all: all.pairs,
    differences: differences.pairs,
  }
}

function createPairs(length: number) {
  const pairs: RowPairs = { before: new Uint32Array(length), after: new Uint32Array(length) }
  let count = 0
  return {
    pairs,
    put: (before: number, after: number) => {
      pairs.before[count] = before
      pairs.after[count] = after
      count++
    },
  }
}

/** Rows by the hash of their key, with open addressing: numbers alone, 20 bytes a row and no object. */
function createTable(keys: RowHashes) {
  const rows = keys.first.length
  const size = 2 ** Math.ceil(Math.log2(Math.max(2, rows * 2)))
  /** The row that made a slot, one more than it is: whose key the slot is for. */
  const owner = new Uint32Array(size)
  /** The row of this key that is taken next. */
  const head = new Uint32Array(size)
  const next = new Uint32Array(rows)
  let repeated = 0
  const find = (first: number, second: number): number => {
    let slot = (first ^ second) & (size - 1)
    for (let row = owner[slot] ?? 0; row !== 0; row = owner[slot] ?? 0) {
      if (keys.first[row - 1] === first && keys.second[row - 1] === second) break
      slot = (slot + 1) & (size - 1)
    }
    return slot
  }
  return {
    add: (row: number) => {
      const slot = find(keys.first[row] ?? 0, keys.second[row] ?? 0)
      if (owner[slot]) repeated++
      else owner[slot] = row + 1
      next[row] = head[slot] ?? 0
      head[slot] = row + 1
    },
    /** The first row with this key that was not taken yet, one more than it is; 0 is none. */
    take: (first: number, second: number): number => {
      const slot = find(first, second)
      const row = head[slot] ?? 0
      if (row !== 0) head[slot] = next[row - 1] ?? 0
      else if (owner[slot]) repeated++
      return row
    },
    repeated: () => repeated,
  }
}

const isEqual = (one: RowHashes, row: number, other: RowHashes, otherRow: number): boolean =>
  one.first[row] === other.first[otherRow] && one.second[row] === other.second[otherRow]
