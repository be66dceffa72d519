import type { Session } from '../adapters/postgres.ts'
import type { ResultField, sendStatement } from '../adapters/statement.ts'
import { AtlasError } from '../errors.ts'

/** Rows of a statement on their way through, as exact text. */
export interface Batch {
  columns: { name: string; typeOid: number }[]
  rows: (string | null)[][]
}

const rowsABatch = 1000
const pieceBytes = 1024 ** 2
const maxRowBytes = 256 * 1024 ** 2
const headBytes = 7

/**
 * Runs a statement and hands its rows on in batches of at most a thousand; the server waits while `onBatch` works, so
 * memory holds one batch. A row of more than 256 MiB is `UNSUPPORTED`: what takes batches works with strings.
 */
export async function streamRows(
  send: typeof sendStatement,
  session: Session,
  text: string,
  onBatch: (batch: Batch) => void | Promise<void>,
  values: readonly (string | null)[] = [],
): Promise<void> {
  let columns: Batch['columns'] = []
  let pending: Buffer[] = []
  let pendingBytes = 0
  let work = Promise.resolve()
  let failure: unknown
  let hasColumns = false
  const deliver = async (bytes: Buffer) => {
    const rows = [...decodeRows(bytes)]
    for (let at = 0; at < rows.length && failure === undefined; at += rowsABatch)
      await onBatch({ columns, rows: rows.slice(at, at + rowsABatch) })
  }

  await send(session, text, {
    values,
    onFields: (fields: ResultField[], flow) => {
      columns = fields.map(({ name, typeOid }) => ({ name, typeOid }))
      hasColumns = true
      /** Bytes of whole rows among those pending. */
      let whole = 0
      let begun = 0
      const hand = () => {
        if (whole === 0) return
        const all = Buffer.concat(pending)
        const ready = all.subarray(0, whole)
        pending = [Buffer.from(all.subarray(whole))]
        pendingBytes -= whole
        begun -= whole
        whole = 0
        flow.pause()
        work = work
          .then(() => deliver(ready))
          .catch((error) => {
            failure ??= error
          })
          .finally(() => flow.resume())
      }
      return {
        row: (sizeBytes) => {
          if (sizeBytes > maxRowBytes) {
            throw new AtlasError(
              'UNSUPPORTED',
              `A row of ${Math.round(sizeBytes / 1024 ** 2)} MB cannot be printed`,
              {
                saved: 'The rows before it were.',
                next: 'Ask for a part of the value, such as left(value, 1000).',
              },
            )
          }
          whole = begun
          begun += sizeBytes
        },
        bytes: (piece) => {
          pending.push(Buffer.from(piece))
          pendingBytes += piece.length
          if (pendingBytes >= begun) whole = begun
          if (whole >= pieceBytes) hand()
        },
      }
    },
  })
  await work
  if (failure !== undefined) throw failure
  const rest = Buffer.concat(pending)
  if (rest.length > 0) await deliver(rest)
  else if (hasColumns) await onBatch({ columns, rows: [] })
  if (failure !== undefined) throw failure
}

/** The rows of whole DataRow messages. */
function* decodeRows(bytes: Buffer): Generator<(string | null)[]> {
  for (let at = 0; at < bytes.length; at += bytes.readInt32BE(at + 1) + 1) {
    const count = bytes.readUInt16BE(at + 5)
    const row: (string | null)[] = []
    let cell = at + headBytes
    for (let column = 0; column < count; column++) {
      const length = bytes.readInt32BE(cell)
      cell += 4
      row.push(length < 0 ? null : bytes.toString('utf8', cell, cell + length))
      cell += Math.max(0, length)
    }
    yield row
  }
}
