import { connect, type Socket } from 'node:net'
import pg from 'pg'
import { AtlasError, type ErrorCode, type Fault } from '../errors.ts'

const bySqlState: Record<string, [ErrorCode, string]> = {
  '28P01': ['AUTHENTICATION_FAILED', 'Check the user and the password of the environment.'],
  '28000': ['AUTHENTICATION_FAILED', 'Check the user, and what pg_hba.conf allows from this address.'],
  '3D000': ['DATABASE_NOT_FOUND', 'Check the name of the database, or create it.'],
  '57P03': ['SERVER_STARTING', 'Try again in a few seconds.'],
  '53300': ['TOO_MANY_CONNECTIONS', 'Close sessions, or raise max_connections.'],
  '57014': ['STATEMENT_CANCELLED', 'Run it again when it suits.'],
  '57P01': ['CONNECTION_LOST', 'The server ended the session. Try again.'],
  '57P02': ['CONNECTION_LOST', 'The server crashed and recovers. Try again.'],
  '22021': [
    'DATABASE_ERROR',
    "To see bytes that are no UTF-8 as they are, run: set client_encoding = 'SQL_ASCII'",
  ],
  '55P03': ['LOCK_TIMEOUT', 'Look who holds the lock, then try again.'],
  '42501': ['PERMISSION_DENIED', 'Ask the owner for the privilege, or use another role.'],
  '42P01': ['OBJECT_NOT_FOUND', 'Check the name and the search path.'],
  '3F000': ['OBJECT_NOT_FOUND', 'Check the name of the schema.'],
  '42703': ['OBJECT_NOT_FOUND', 'Check the name of the column.'],
  '42883': ['OBJECT_NOT_FOUND', 'Check the name and the argument types.'],
  '42601': ['SYNTAX_ERROR', 'Correct the statement at the position shown.'],
  '53100': ['DISK_FULL', 'Free space on the server, then try again.'],
}

const byErrno: Record<string, [ErrorCode, string, string]> = {
  ECONNREFUSED: [
    'CONNECTION_REFUSED',
    'Nothing listens there',
    'Check host and port, and that the server runs.',
  ],
  ENOENT: ['CONNECTION_REFUSED', 'The socket does not exist', 'Check that the server runs.'],
  ENOTFOUND: [
    'HOST_NOT_FOUND',
    'The host name is unknown',
    'Check the spelling of the host and the name service.',
  ],
  EAI_AGAIN: [
    'HOST_NOT_FOUND',
    'The host name cannot be resolved',
    'Check the network and the name service.',
  ],
  ETIMEDOUT: [
    'CONNECTION_TIMEOUT',
    'The server does not answer',
    'Check the address, the network and firewalls.',
  ],
  EHOSTUNREACH: ['CONNECTION_TIMEOUT', 'The host is not reachable', 'Check the network and firewalls.'],
  ENETUNREACH: ['CONNECTION_TIMEOUT', 'The network is not reachable', 'Check the network.'],
  ECONNRESET: [
    'CONNECTION_LOST',
    'The server closed the connection',
    'Try again; look at the server log if it stays.',
  ],
  EPIPE: [
    'CONNECTION_LOST',
    'The server closed the connection',
    'Try again; look at the server log if it stays.',
  ],
  DEPTH_ZERO_SELF_SIGNED_CERT: [
    'TLS_UNTRUSTED',
    'The certificate is self-signed',
    'Give its CA file, or choose TLS without verification.',
  ],
  SELF_SIGNED_CERT_IN_CHAIN: [
    'TLS_UNTRUSTED',
    'The certificate chain is self-signed',
    'Give the CA file of the server.',
  ],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [
    'TLS_UNTRUSTED',
    'The certificate cannot be verified',
    'Give the CA file of the server.',
  ],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: [
    'TLS_UNTRUSTED',
    'The issuer is unknown',
    'Give the CA file of the server.',
  ],
  CERT_HAS_EXPIRED: ['TLS_UNTRUSTED', 'The certificate has expired', 'Renew the certificate of the server.'],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'TLS_UNTRUSTED',
    'The certificate names another host',
    'Use the host that the certificate names.',
  ],
}

/** Turns an error of the driver into one of the catalogue, by SQLSTATE or errno. Errors of the catalogue pass. */
export function translatePostgresError(error: unknown): unknown {
  if (error instanceof AtlasError) return error
  if (error instanceof pg.DatabaseError) return fromServer(error)
  if (error instanceof AggregateError && error.errors.length > 0)
    return translatePostgresError(error.errors[0])
  if (!(error instanceof Error)) return error
  const { code, address, port, hostname } = error as NodeJS.ErrnoException & {
    address?: string
    port?: number
    hostname?: string
  }
  const known = code === undefined ? undefined : byErrno[code]
  if (!known) return error
  const object = address === undefined ? hostname : port === undefined ? address : `${address}:${port}`
  return new AtlasError(
    known[0],
    known[1],
    { object, sqlState: code, saved: 'Nothing was changed.', next: known[2] },
    { cause: error },
  )
}

/** An error of a statement that was under way. What is no answer of the server is the loss of the connection. */
export function translateQueryError(error: unknown): AtlasError {
  const translated = translatePostgresError(error)
  if (translated instanceof AtlasError) return translated
  return new AtlasError(
    'CONNECTION_LOST',
    'The connection to PostgreSQL was lost',
    {
      saved: 'What the open transaction had done was rolled back.',
      next: 'Try again; look at the server if it stays.',
    },
    { cause: error },
  )
}

/**
 * Why there is no connection. The driver says some reasons only in words, so they are told by what happened: how long
 * it took, and what the server answers to a request for TLS.
 */
export async function explainConnectFailure(
  error: unknown,
  target: { host: string; port: number; tls?: unknown; isTlsPreferred?: boolean | undefined },
  elapsedMs: number,
  timeoutMs: number,
): Promise<unknown> {
  const translated = translatePostgresError(error)
  const object = `${target.host}:${target.port}`
  if (translated instanceof AtlasError) {
    const fault = {
      ...translated.fault,
      object: translated.fault.object ?? object,
      saved: 'Nothing was changed.',
    }
    return new AtlasError(translated.code, translated.message, fault, { cause: error })
  }
  if (elapsedMs >= timeoutMs - 50) {
    return new AtlasError(
      'CONNECTION_TIMEOUT',
      `The server did not answer within ${timeoutMs / 1000} s`,
      { object, saved: 'Nothing was changed.', next: 'Check the address, the network and firewalls.' },
      { cause: error },
    )
  }
  if (target.tls && !target.isTlsPreferred && (await refusesTls(target.host, target.port))) {
    return new AtlasError(
      'TLS_REFUSED',
      'The server does not offer TLS',
      {
        object,
        saved: 'Nothing was changed.',
        next: 'Switch TLS on at the server, or choose TLS mode disable.',
      },
      { cause: error },
    )
  }
  return new AtlasError(
    'CONNECTION_LOST',
    'The server closed the connection while it was opened',
    { object, saved: 'Nothing was changed.', next: 'Check that it is PostgreSQL that listens there.' },
    { cause: error },
  )
}

/** Sends an SSLRequest (PostgreSQL protocol, 55.2.10) and reads the one byte of the answer: `N` is no. */
function refusesTls(host: string, port: number): Promise<boolean> {
  const request = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f])
  return new Promise((resolve) => {
    const place = host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port }
    const socket: Socket = connect({ ...place, timeout: 1000 }, () => socket.write(request))
    const finish = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('data', (data) => finish(data[0] === 0x4e))
    for (const event of ['error', 'timeout', 'close'] as const) socket.once(event, () => finish(false))
  })
}

function fromServer(error: pg.DatabaseError): AtlasError {
  const state = error.code ?? 'XX000'
  const [code, next] = bySqlState[state] ?? byClass(state)
  const name = error.constraint ?? error.column ?? error.table
  const fault: Fault = {
    object: error.schema && error.table ? `${error.schema}.${error.table}` : name,
    sqlState: state,
    detail: error.detail,
    hint: error.hint,
    position: error.position ? Number(error.position) : undefined,
    next,
  }
  return new AtlasError(code, error.message, fault, { cause: error })
}

function byClass(state: string): [ErrorCode, string] {
  if (state.startsWith('23')) return ['CONSTRAINT_VIOLATED', 'Correct the rows that the constraint names.']
  if (state.startsWith('40')) return ['CONFLICT', 'Another transaction was in the way. Try again.']
  if (state.startsWith('08')) return ['CONNECTION_LOST', 'Check the server and try again.']
  return ['DATABASE_ERROR', 'Read the message of the server, correct the cause, and try again.']
}
