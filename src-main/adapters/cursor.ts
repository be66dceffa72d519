import Cursor from 'pg-cursor'
import { AtlasError } from '../errors.ts'
import type { Session } from './postgres.ts'
import { translateQueryError } from './postgresErrors.ts'
import { refuseGiantRows } from './rowGuard.ts'

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

// A first page at once, then as much as a round trip is worth.
const firstBatch = 200
const maxRowBytes = 256 * 1024 ** 2

/** Runs one statement and yields its rows in batches, holding one batch at a time. Errors are of the catalogue. */
export async function* readStatement(
  session: Session,
  text: string,
  batchSize: number,
): AsyncGenerator<Batch> {
  let refusal: AtlasError | undefined
  let leave = () => {}
  const gone = new Promise<void>((resolve) => {
    leave = resolve
  })
  session.client.once('end', leave)
  refuseGiantRows(session.client, maxRowBytes)
  const refuse = (direction: string) => {
    refusal = new AtlasError('UNSUPPORTED', `COPY ${direction} is not run here`, {
      saved: 'Nothing was copied.',
      next: 'Run a SELECT and export its result.',
    })
  }
  // The cursor knows nothing of COPY: without these a COPY would throw out of the socket's handler.
  const copyHandlers = {
    handleCopyInResponse: (connection: { sendCopyFail(reason: string): void }) => {
      refuse('FROM STDIN')
      connection.sendCopyFail('COPY FROM STDIN is not run here')
    },
    handleCopyData: () => refuse('TO STDOUT'),
  }
  const cursor = session.client.query(
    Object.assign(
      new Cursor<(string | null)[]>(text, [], { rowMode: 'array', types: undecoded as never }),
      copyHandlers,
    ),
  )
  try {
    for (let size = Math.min(batchSize, firstBatch); ; size = batchSize) {
      const { rows, result } = await readBatch(cursor, size)
      if (refusal) throw refusal
      const isLast = rows.length < size
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
    throw refusal ?? translateQueryError(error)
  } finally {
    // On a connection that was lost the cursor would wait for an answer for ever.
    await Promise.race([cursor.close().catch(() => {}), gone])
    session.client.off('end', leave)
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
