import { once } from 'node:events'
import type { Writable } from 'node:stream'
import type { ConnectionOptions } from 'node:tls'
import pg from 'pg'
import { from as copyFromStream } from 'pg-copy-streams'
import { AtlasError } from '../errors.ts'
import { inlined, type Query, type Sql } from '../sql.ts'
import { explainConnectFailure, translatePostgresError, translateQueryError } from './postgresErrors.ts'
import { destroySocket, isEncrypted, PreferringClient, requestCancel } from './postgresWire.ts'

/** Where a PostgreSQL server is and who asks. */
export interface PostgresTarget {
  host: string
  port: number
  database: string
  user: string
  password?: string | undefined
  tls?: ConnectionOptions | false | undefined
  /** A server that refuses TLS is spoken to without. */
  isTlsPreferred?: boolean | undefined
}

/** Runs statements: the pool itself, one transaction, or one session. */
export interface Queryable {
  /** All rows of a catalogue-sized answer, each read through the query's schema. */
  rows<Row>(query: Query<Row>): Promise<Row[]>
  /** The first row, or undefined. */
  row<Row>(query: Query<Row>): Promise<Row | undefined>
  /**
   * All rows as arrays of the server's own text: for answers of a hundred thousand rows, where an object and a schema
   * for each would cost more than the statement.
   */
  flat(statement: Sql): Promise<(string | null)[][]>
  /** Runs a statement for its effect and returns the number of rows it touched. */
  run(statement: Sql): Promise<number>
}

/** One connection of its own, for what needs a session: console, migrations, COPY, LISTEN, advisory locks. */
export interface Session extends Queryable {
  /** A pooler makes one up: no signal to it finds the backend. */
  readonly processId: number
  readonly isEncrypted: boolean
  /** The driver's client, for cursors, notices and notifications. Use the other methods where they serve. */
  readonly client: pg.Client
  copyFrom(statement: Sql): Writable
  transaction<Result>(work: (tx: Session) => Promise<Result>): Promise<Result>
  /**
   * Sends statements without parameters as one message: one wait for the server, and what comes after one that fails
   * is not run. The position of an error counts within its statement.
   */
  runTogether(statements: readonly Sql[]): Promise<void>
  /** Asks the server to cancel what the session runs now, behind a pooler too; resolves when it has been signalled. */
  cancel(): Promise<void>
  close(): Promise<void>
  /** Closes the socket at once, of a server that does not answer. What is under way fails with `CONNECTION_LOST`. */
  abandon(): void
}

export interface Database extends Queryable {
  /** Runs `work` in one transaction of one pooled connection; commits when it resolves, rolls back when it throws. */
  transaction<Result>(work: (tx: Queryable) => Promise<Result>): Promise<Result>
  /** Opens a connection outside the pool, by another login where one is named. The caller closes it. */
  session(panel?: string, login?: { user: string; password: string }): Promise<Session>
  /**
   * Does `work` on a session. Once `signal` is aborted, the server is asked to cancel what the session runs until the
   * work has ended: a request that arrives between two statements hits none of them.
   */
  interruptible<Result>(
    session: Pick<Session, 'cancel'>,
    signal: AbortSignal | undefined,
    work: () => Promise<Result>,
  ): Promise<Result>
  close(): Promise<void>
}

export interface PostgresOptions {
  /** Signs every statement: what `application_name` says. */
  applicationName: string
  maxConnections?: number
  connectTimeoutMs?: number
}

const cancelAgainMs = 250

// Counts and sizes of the catalogue are int8: exact as numbers up to 2^53, which no size on disk reaches.
const types: pg.CustomTypesConfig = {
  getTypeParser: ((id: number, format?: 'text' | 'binary') =>
    id === pg.types.builtins.INT8 && format !== 'binary'
      ? Number
      : pg.types.getTypeParser(id, format as 'text')) as typeof pg.types.getTypeParser,
}

/**
 * Opens a pool on the server that `locate` names. Nothing connects before the first statement, so an
 * unreachable server fails a call, never a start. Errors are of the catalogue, by SQLSTATE or errno.
 */
export function openPostgres(locate: () => Promise<PostgresTarget>, options: PostgresOptions): Database {
  let opening: Promise<pg.Pool> | undefined
  let closed = false
  const timeoutMs = options.connectTimeoutMs ?? 4500

  const settings = (target: PostgresTarget, panel?: string): pg.ClientConfig => ({
    host: target.host,
    port: target.port,
    database: target.database,
    user: target.user,
    password: target.password ?? '',
    ssl: target.tls ?? false,
    application_name: panel ? `${options.applicationName} ${panel}` : options.applicationName,
    connectionTimeoutMillis: timeoutMs,
    keepAlive: true,
    types,
  })

  async function pool(): Promise<pg.Pool> {
    if (closed)
      throw new AtlasError('CONNECTION_LOST', 'Atlas has closed its connections to this database', {
        saved: 'What was asked for did not begin.',
        next: 'It stops, or the environment was changed: ask again.',
      })
    opening ??= locate().then((target) => {
      const made = new pg.Pool({
        ...settings(target),
        Client: clientClass(target),
        max: options.maxConnections ?? 8,
        idleTimeoutMillis: 30_000,
      })
      // An idle connection that the server drops must not end this process; the next statement reconnects.
      made.on('error', () => {})
      // Nor may one that is in use: its statement says what happened, and the pool listens to idle ones alone.
      made.on('connect', (client) => client.on('error', () => {}))
      return made
    })
    try {
      return await opening
    } catch (error) {
      opening = undefined
      throw error
    }
  }

  const guarded = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work()
    } catch (error) {
      throw translatePostgresError(error)
    }
  }

  /** A pooled connection; what goes wrong before it is ready is an error of connecting. */
  async function connect(): Promise<pg.PoolClient> {
    const open = await pool()
    const begun = performance.now()
    return open.connect().catch(async (error) => {
      throw await explainConnectFailure(error, await locate(), performance.now() - begun, timeoutMs)
    })
  }

  const direct = queryable(async (config) => {
    const client = await guarded(connect)
    try {
      const answer = await askAgainAfterDrop(() => client.query(config))
      client.release()
      return answer
    } catch (error) {
      const translated = translateQueryError(error)
      client.release(translated.code === 'CONNECTION_LOST')
      throw translated
    }
  })

  return {
    ...direct,

    interruptible: async (session, signal, work) => {
      let timer: NodeJS.Timeout | undefined
      const interrupt = () => {
        void session.cancel().catch(() => {})
        timer = setTimeout(interrupt, cancelAgainMs)
      }
      signal?.throwIfAborted()
      signal?.addEventListener('abort', interrupt)
      try {
        return await work()
      } finally {
        signal?.removeEventListener('abort', interrupt)
        clearTimeout(timer)
      }
    },

    transaction: (work) =>
      guarded(async () => {
        const client = await connect()
        let broken: Error | undefined
        try {
          await client.query('begin')
          const result = await work(
            queryable((config) =>
              client.query(config).catch((error) => {
                throw translateQueryError(error)
              }),
            ),
          )
          await client.query('commit')
          return result
        } catch (error) {
          await client.query('rollback').catch((failure: Error) => {
            broken = failure
          })
          throw error
        } finally {
          client.release(broken)
        }
      }),

    session: (panel, login) =>
      guarded(async () => {
        const target = { ...(await locate()), ...login }
        const config = settings(target, panel)
        const client = new (clientClass(target))(config)
        client.on('error', () => {})
        const begun = performance.now()
        await client.connect().catch(async (error) => {
          throw await explainConnectFailure(error, target, performance.now() - begun, timeoutMs)
        })
        return openSession(client, () =>
          guarded(() => requestCancel(client, { ssl: target.tls ?? false }, timeoutMs)),
        )
      }),

    close: async () => {
      closed = true
      const open = await opening?.catch(() => undefined)
      await open?.end()
    },
  }
}

const clientClass = ({ isTlsPreferred }: PostgresTarget) => (isTlsPreferred ? PreferringClient : pg.Client)

function openSession(client: pg.Client, cancel: Session['cancel']): Session {
  // Listened for from the start: of a connection that the server has ended nothing comes any more.
  const ended = once(client, 'end').catch(() => {})
  const send = async (config: pg.QueryConfig) => {
    try {
      return await client.query(config)
    } catch (error) {
      throw translateQueryError(error)
    }
  }
  const session: Session = {
    ...queryable(send),
    client,
    // The driver's types leave out the backend's process id, which the protocol sends at every start.
    processId: (client as pg.Client & { processID: number }).processID,
    isEncrypted: isEncrypted(client),
    cancel,
    copyFrom: (statement) => client.query(copyFromStream(statement.text)),
    transaction: async (work) => {
      try {
        await client.query('begin')
        const result = await work(session)
        await client.query('commit')
        return result
      } catch (error) {
        await client.query('rollback').catch(() => {})
        throw translatePostgresError(error)
      }
    },
    runTogether: async (statements) => {
      const pieces = statements.map((statement) => `${inlined(statement).text};\n`)
      try {
        await client.query(pieces.join(''))
      } catch (error) {
        throw translateQueryError(withinPiece(error, pieces))
      }
    },
    close: async () => {
      await client.end().catch(() => {})
      await ended
    },
    abandon: () => destroySocket(client),
  }
  return session
}

/**
 * A statement that reads the catalogue may meet an object that is dropped in that moment: the server's own functions
 * fail on it (XX000). As a transaction of its own it has done nothing, and is sent again.
 */
async function askAgainAfterDrop<Answer>(ask: () => Promise<Answer>, times = 3): Promise<Answer> {
  try {
    return await ask()
  } catch (error) {
    const isDropped =
      error instanceof pg.DatabaseError &&
      error.code === 'XX000' &&
      /^(could not open relation with OID|cache lookup failed for) /.test(error.message)
    if (!isDropped || times === 0) throw error
    return askAgainAfterDrop(ask, times - 1)
  }
}

/** The position of an error, counted in characters within the piece of the message that it is in. */
function withinPiece(error: unknown, pieces: readonly string[]): unknown {
  if (!(error instanceof pg.DatabaseError) || error.position === undefined) return error
  let position = Number(error.position)
  for (const piece of pieces) {
    const { length } = [...piece]
    if (position <= length) break
    position -= length
  }
  error.position = String(position)
  return error
}

// The text that the server sent, undecoded.
const asText: pg.CustomTypesConfig = { getTypeParser: () => (value: string) => value }

function queryable(send: (config: pg.QueryConfig) => Promise<pg.QueryResult>): Queryable {
  const configOf = (statement: Sql) => ({ text: statement.text, values: [...statement.values] })
  const rows = async <Row>(query: Query<Row>): Promise<Row[]> => {
    const answer = await send(configOf(query.statement))
    return answer.rows.map((row) => query.row.parse(row))
  }
  return {
    rows,
    row: async (query) => (await rows(query))[0],
    flat: async (statement) => {
      const config: pg.QueryArrayConfig = { ...configOf(statement), rowMode: 'array', types: asText }
      return (await send(config)).rows as unknown as (string | null)[][]
    },
    run: async (statement) => (await send(configOf(statement))).rowCount ?? 0,
  }
}
