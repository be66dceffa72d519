import { once } from 'node:events'
import type { Sql } from '../sql.ts'
import type { Session } from './postgres.ts'
import { translateQueryError } from './postgresErrors.ts'
import { type Flow, sendStatement } from './statement.ts'

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

const blockBytes = 512 * 1024
/** So many blocks wait to be taken while the server goes on. */
const waitingBlocks = 2

/**
 * Hands on what a `COPY … TO STDOUT` sends, in blocks, each when the one before was taken; the server waits meanwhile. Where
 * `take` fails, it is told no more and the error is thrown when the statement has ended. Errors are of the catalogue.
 */
export async function copyOut(
  session: Pick<Session, 'client'>,
  statement: Sql,
  take: (block: Buffer) => Promise<void>,
): Promise<void> {
  let block: Buffer = Buffer.allocUnsafe(blockBytes)
  let filled = 0
  const free: Buffer[] = []
  let waiting = 0
  let work = Promise.resolve()
  let failure: unknown
  const hand = (flow?: Flow) => {
    const [full, length] = [block, filled]
    block = free.pop() ?? Buffer.allocUnsafe(blockBytes)
    filled = 0
    if (++waiting >= waitingBlocks) flow?.pause()
    work = work.then(async () => {
      if (failure === undefined) {
        await take(full.subarray(0, length)).catch((error) => {
          failure = error
        })
      }
      free.push(full)
      if (--waiting < waitingBlocks) flow?.resume()
    })
  }
  await sendStatement(session, statement.text, {
    onFields: () => undefined,
    onCopy: (flow) => (piece) => {
      for (let at = 0; at < piece.length; ) {
        if (filled === blockBytes) hand(flow)
        const copied = piece.copy(block, filled, at)
        filled += copied
        at += copied
      }
    },
  }).finally(() => work)
  hand()
  await work
  if (failure !== undefined) throw failure
}
