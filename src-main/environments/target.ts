import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import type { PostgresTarget } from '../adapters/postgres.ts'
import { AtlasError } from '../errors.ts'
import type { EnvironmentInput } from './contract.ts'

type Server = Extract<EnvironmentInput['postgres'], { type: 'server' }>

/** What the driver needs for a TLS mode; the modes mean what they mean to libpq (manual, 34.19.1). */
export function tlsOptions({
  tls,
  caFile,
  host,
}: Pick<Server, 'tls' | 'caFile' | 'host'>): ConnectionOptions | false {
  if (tls === 'disable') return false
  const ca = caFile ? readCertificate(caFile) : undefined
  // RFC 6066 knows no server name that is an address.
  const servername = isIP(host) ? '' : host
  if (tls === 'prefer' || tls === 'require') return { rejectUnauthorized: false, servername }
  if (tls === 'verify-ca') return { rejectUnauthorized: true, ca, checkServerIdentity: () => undefined }
  return { rejectUnauthorized: true, ca, servername }
}

/** Whether what is sent to a host leaves this machine: a socket and the loopback do not. */
export function isRemote(host: string): boolean {
  return !(
    host.startsWith('/') ||
    host === 'localhost' ||
    host === '::1' ||
    /^127\.\d+\.\d+\.\d+$/.test(host)
  )
}

function readCertificate(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new AtlasError(
      'FILE_UNREADABLE',
      'The certificate file cannot be read',
      {
        object: path,
        sqlState: (cause as NodeJS.ErrnoException).code,
        next: 'Check the path of the CA file.',
      },
      { cause },
    )
  }
}

/** The connection that a definition and its password make. Throws `FILE_UNREADABLE` for a CA file that is gone. */
export function targetOf(server: Server, password: string | undefined): PostgresTarget {
  const { host, port, database, user } = server
  return {
    host,
    port,
    database,
    user,
    password,
    tls: tlsOptions(server),
    isTlsPreferred: server.tls === 'prefer',
  }
}

/**
 * Reads a `postgres://` address as libpq does, as far as Atlas can hold it: user, password, host, port, database,
 * `sslmode`, `sslrootcert`. Throws `INPUT_INVALID`; the address itself, which may hold a password, is never repeated.
 */
export function parsePostgresUrl(text: string): { server: Server; password: string | undefined } {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !['postgres:', 'postgresql:'].includes(url.protocol)) {
    throw new AtlasError('INPUT_INVALID', 'This is no address of a PostgreSQL server', {
      next: 'Write it as postgres://user:password@host:port/database?sslmode=verify-full',
    })
  }
  const modes: Record<string, Server['tls']> = {
    disable: 'disable',
    // Without TLS first, says libpq; here what may be encrypted is.
    allow: 'prefer',
    prefer: 'prefer',
    require: 'require',
    'verify-ca': 'verify-ca',
    'verify-full': 'verify-full',
  }
  const mode = modes[url.searchParams.get('sslmode') ?? 'prefer']
  if (!mode) {
    throw new AtlasError('INPUT_INVALID', 'The sslmode of the address is unknown', {
      object: url.searchParams.get('sslmode') ?? undefined,
      next: `Use one of ${Object.keys(modes).join(', ')}.`,
    })
  }
  const user = decodeURIComponent(url.username) || 'postgres'
  return {
    server: {
      type: 'server',
      host: url.hostname.replace(/^\[|\]$/g, '') || 'localhost',
      port: Number(url.port || 5432),
      database: decodeURIComponent(url.pathname.slice(1)) || user,
      user,
      tls: mode,
      caFile: url.searchParams.get('sslrootcert') ?? undefined,
    },
    password: url.password ? decodeURIComponent(url.password) : undefined,
  }
}

/** Parts a Redis address from its password: the address may be shown and stored as it is, the password may not. */
export function splitRedisUrl(text: string | undefined): { url?: string; password?: string } {
  if (!text || !URL.canParse(text)) return {}
  const url = new URL(text)
  const password = decodeURIComponent(url.password)
  url.password = ''
  return password ? { url: url.href, password } : { url: url.href }
}

/** The address with its password in it, as the driver takes it. */
export function joinRedisUrl(url: string | undefined, password: string | undefined): string | undefined {
  if (!url || !password) return url
  const full = new URL(url)
  full.password = encodeURIComponent(password)
  return full.href
}
