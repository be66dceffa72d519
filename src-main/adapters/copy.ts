import { once } from 'node:events'
import type { Sql } from '../sql.ts'
import type { Session } from './postgres.ts'
import { translateQueryError } from './postgresErrors.ts'

/** Sends the rows of a `COPY … FROM STDIN` as they come; resolves to how many the server took. Errors are of the catalogue. */
export async function copyIn(
  session: Pick<Session, 'copyFrom'>,
  statement: Sql,
  rows: AsyncIterable<string | Buffer> | Iterable<string | Buffer>,
  signal: AbortSignal,
): Promise<number> {
  const copy = session.copyFrom(statement)
  const ended = new Promise<void>((resolve, reject) => {
    copy.once('finish', resolve)
    copy.once('error', (error) => reject(translateQueryError(error)))
  })
  // The error may come while rows are being read; it is awaited below.
  ended.catch(() => {})
  try {
    for await (const piece of rows) {
      signal.throwIfAborted()
      if (copy.errored) break
      if (!copy.write(piece)) await Promise.race([once(copy, 'drain'), ended]).catch(() => {})
    }
    copy.end()
    await ended
  } catch (error) {
    copy.destroy()
    throw error
  }
  return (copy as typeof copy & { rowCount?: number }).rowCount ?? 0
}

/** The bytes of a `COPY … TO STDOUT` as the server sends them. Errors are of the catalogue. */
export async function* copyOut(session: Pick<Session, 'copyTo'>, statement: Sql): AsyncGenerator<Buffer> {
  try {
    yield* session.copyTo(statement) as AsyncIterable<Buffer>
  } catch (error) {
    throw translateQueryError(error)
  }
}
