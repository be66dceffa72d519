import type { Spool } from './spool.ts'

/** A hash of 64 bits for each row, as two numbers of 32. */
export interface RowHashes {
  first: Uint32Array
  second: Uint32Array
}

const stepRows = 20_000
const nullMark = 0x9e3779b9

/**
 * Hashes the rows of a result: all of the chosen cells, and those of them that are the key. `slots` says for each column
 * which cell of the comparison it is, undefined for a column that is left out, so that two results with another order of
 * columns hash alike. Equal rows have equal hashes; unequal ones share one with a chance of 1 in 2^64. Works in the bytes of
 * the spool, and lets other work go between steps.
 */
export async function hashRows(
  spool: Pick<Spool, 'rows' | 'walk'>,
  slots: readonly (number | undefined)[],
  isKey: readonly boolean[],
  signal: AbortSignal | undefined,
): Promise<{ rows: RowHashes; keys: RowHashes }> {
  const total = spool.rows
  const empty = (): RowHashes => ({ first: new Uint32Array(total), second: new Uint32Array(total) })
  const rows = empty()
  const keys = empty()
  let [row1, row2, key1, key2] = [0, 0, 0, 0]
  for (let from = 0; from < total; from += stepRows) {
    spool.walk(
      (column, bytes, at, length) => {
        const slot = slots[column]
        if (slot === undefined) return
        let one = Math.imul(slot + 1, 0x85ebca6b) ^ (length < 0 ? nullMark : length)
        let two = Math.imul(slot + 1, 0xc2b2ae35) ^ (length < 0 ? nullMark : length)
        // Two multiplicative lanes over the bytes, and the finish of MurmurHash3 (A. Appleby, public domain).
        for (let place = at; place < at + length; place++) {
          const byte = bytes[place] ?? 0
          one = Math.imul(one ^ byte, 0x9e3779b1)
          two = Math.imul(two ^ byte, 0x5f356495) ^ (two >>> 13)
        }
        one = finish(one)
        two = finish(two ^ one)
        row1 += one
        row2 += two
        if (isKey[slot]) {
          key1 += one
          key2 += two
        }
      },
      (row) => {
        rows.first[row] = row1
        rows.second[row] = row2
        keys.first[row] = key1
        keys.second[row] = key2
        ;[row1, row2, key1, key2] = [0, 0, 0, 0]
      },
      from,
      Math.min(total, from + stepRows),
    )
    await new Promise((next) => setImmediate(next))
    signal?.throwIfAborted()
  }
  return { rows, keys }
}

function finish(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
