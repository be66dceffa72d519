import Cursor from 'pg-cursor'
import type { Session } from './postgres.ts'
import { translateQueryError } from './postgresErrors.ts'

export interface CursorColumn {
  name: string
  typeOid: number
}

export interface Batch {
  columns: CursorColumn[]
  /** Undecoded: as the server wrote each value. */
  rows: (string | null)[][]
  command: string | null
  /** Rows that the statement touched or gave, as far as it has come. */
  rowCount: number
  isLast: boolean
}

// Values stay the text that the server sent: nothing is rounded, and no number loses a digit.
const undecoded = { getTypeParser: () => (value: string) => value }

/** Runs one statement and yields its rows in batches, holding one batch at a time. Errors are of the catalogue. */
export async function* readStatement(
  session: Session,
  text: string,
  batchSize: number,
): AsyncGenerator<Batch> {
  const cursor = session.client.query(
    new Cursor<(string | null)[]>(text, [], { rowMode: 'array', types: undecoded as never }),
  )
  try {
    for (;;) {
      const { rows, result } = await readBatch(cursor, batchSize)
      const isLast = rows.length < batchSize
      yield {
        columns: (result?.fields ?? []).map(({ name, dataTypeID }) => ({ name, typeOid: dataTypeID })),
        rows,
        command: result?.command ?? null,
        rowCount: result?.rowCount ?? 0,
        isLast,
      }
      if (isLast) return
    }
  } catch (error) {
    throw translateQueryError(error)
  } finally {
    await cursor.close().catch(() => {})
  }
}

interface Read {
  rows: (string | null)[][]
  result:
    | { command: string | null; rowCount: number | null; fields: { name: string; dataTypeID: number }[] }
    | undefined
}

function readBatch(cursor: Cursor<(string | null)[]>, count: number): Promise<Read> {
  return new Promise((resolve, reject) => {
    cursor.read(count, (error: Error | undefined, rows, result) => {
      if (error) reject(error)
      else resolve({ rows, result: result as Read['result'] })
    })
  })
}
