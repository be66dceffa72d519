import type pg from 'pg'
import { AtlasError } from '../errors.ts'
import type { Session } from './postgres.ts'
import { translateQueryError } from './postgresErrors.ts'
import { type CopySink, type RowSink, tapRows } from './rowTap.ts'

export interface ResultField {
  name: string
  typeOid: number
  /** The table and the column that it is read from unchanged; 0 where it is computed. */
  tableOid: number
  columnNumber: number
}

export interface StatementOptions {
  /** Of `$1`, `$2`, … in text form. */
  values?: readonly (string | null)[] | undefined
  /** At most so many rows: the server's portal is closed behind them. Without it plans may run in parallel. */
  maxRows?: number | undefined
  /** Called before the first row; what it gives takes the rows. Without a sink they are dropped. */
  onFields: (fields: ResultField[], flow: Flow) => RowSink | undefined
  /** The server has answered before it began to parse: a way there and back, and nothing else. */
  onAnswered?: () => void
  /** Takes what a `COPY … TO STDOUT` sends; without it such a statement is refused. */
  onCopy?: ((flow: Flow) => CopySink) | undefined
  /** The statement is parsed and planned, and begins to run. */
  onPlanned?: () => void
}

/** Holds the server back while what came is put away. */
export interface Flow {
  pause(): void
  resume(): void
}

export interface StatementOutcome {
  /** As the server says it: `INSERT 0 5`; null where `maxRows` was met or the text was empty. */
  command: string | null
  isSuspended: boolean
}

type ConnectionEvent = 'readyForQuery' | 'end' | 'closeComplete' | 'noData'

interface Connection {
  parse(statement: { name: string; text: string; types: number[] }): void
  bind(config: { portal: string; statement: string; values: unknown[] }): void
  describe(what: { type: 'P'; name: string }): void
  close(what: { type: 'S'; name: string }): void
  execute(config: { portal: string; rows: number }): void
  flush(): void
  sync(): void
  sendCopyFail(reason: string): void
  once(event: ConnectionEvent, listener: () => void): void
  off(event: ConnectionEvent, listener: () => void): void
}

/**
 * Sends one statement by the extended protocol in one round trip and hands its rows on undecoded, in text format. Resolves
 * or rejects when the session is ready for the next one. Errors are of the catalogue.
 */
export function sendStatement(
  session: Pick<Session, 'client'>,
  text: string,
  {
    values = [],
    maxRows = 0,
    onFields,
    onAnswered = () => {},
    onCopy,
    onPlanned = () => {},
  }: StatementOptions,
): Promise<StatementOutcome> {
  const client: pg.Client = session.client
  const tap = tapRows(client)
  return new Promise((resolve, reject) => {
    let failure: Error | undefined
    const outcome: StatementOutcome = { command: null, isSuspended: false }
    let forget = () => {}
    const settle = () => {
      forget()
      tap.sink = undefined
      tap.copySink = undefined
      if (failure) reject(translateQueryError(failure))
      else resolve(outcome)
    }
    const fail = (error: Error) => {
      failure ??= error
    }
    const refuse = (direction: string) =>
      fail(
        new AtlasError('UNSUPPORTED', `COPY ${direction} is not run here`, {
          saved: 'Nothing was copied.',
          next:
            direction === 'TO STDOUT' ? 'Run a SELECT and export its result.' : 'Use Import on the table.',
        }),
      )
    client.query({
      submit: (connection: Connection) => {
        tap.sink = undefined
        tap.copySink = onCopy?.(tap)
        // The unnamed statement is closed by the next one anyway; that the server says so at once tells the way's time.
        connection.close({ type: 'S', name: '' })
        connection.flush()
        connection.once('closeComplete', onAnswered)
        // A statement without rows says so in the place of its columns.
        connection.once('noData', onPlanned)
        forget = () => {
          connection.off('closeComplete', onAnswered)
          connection.off('noData', onPlanned)
        }
        connection.parse({ name: '', text, types: [] })
        connection.bind({ portal: '', statement: '', values: [...values] })
        connection.describe({ type: 'P', name: '' })
        // Says when planning is done, without a round trip of its own.
        connection.flush()
        connection.execute({ portal: '', rows: maxRows })
        connection.sync()
      },
      handleRowDescription: ({ fields }: { fields: DriverField[] }) => {
        onPlanned()
        try {
          tap.sink = guard(onFields(fields.map(describeField), tap), fail) ?? dropped
        } catch (error) {
          fail(error as Error)
          tap.sink = dropped
        }
      },
      handleDataRow: () => {},
      handlePortalSuspended: () => {
        outcome.isSuspended = true
      },
      handleCommandComplete: ({ text: command }: { text: string }) => {
        outcome.command = command
      },
      handleEmptyQuery: () => {},
      handleCopyInResponse: (connection: Connection) => {
        refuse('FROM STDIN')
        connection.sendCopyFail('COPY FROM STDIN is not run here')
        // The server has read past the first one while it waited for rows.
        connection.sync()
      },
      handleCopyData: () => refuse('TO STDOUT'),
      handleError: (error: Error, connection: Connection) => {
        fail(error)
        if (!isServerError(error)) return settle()
        // The driver forgets a statement at its error; the session is ready, and its state known, a message later.
        const end = () => {
          connection.off('readyForQuery', end)
          connection.off('end', end)
          settle()
        }
        connection.once('readyForQuery', end)
        connection.once('end', end)
      },
      handleReadyForQuery: settle,
    } as unknown as pg.Submittable)
  })
}

interface DriverField {
  name: string
  dataTypeID: number
  tableID: number
  columnID: number
}

const describeField = ({ name, dataTypeID, tableID, columnID }: DriverField): ResultField => ({
  name,
  typeOid: dataTypeID,
  tableOid: tableID,
  columnNumber: columnID,
})

const dropped: RowSink = { row: () => {}, bytes: () => {} }

/** What a sink throws (a full disk) must not unwind the socket's handler: the statement fails with it, later rows are dropped. */
function guard(sink: RowSink | undefined, fail: (error: Error) => void): RowSink | undefined {
  if (!sink) return undefined
  let current = sink
  const attempt = (work: () => void) => {
    try {
      work()
    } catch (error) {
      fail(error as Error)
      current = dropped
    }
  }
  return {
    row: (sizeBytes) => attempt(() => current.row(sizeBytes)),
    bytes: (piece) => attempt(() => current.bytes(piece)),
  }
}

function isServerError(error: Error): boolean {
  return 'severity' in error
}
