import type { Environment, EnvironmentInput } from '../../src-main/environments/contract.ts'

type Server = Extract<EnvironmentInput['postgres'], { type: 'server' }>

/** What the form holds while one types: every field as text. */
export interface Draft {
  name: string
  kind: Environment['kind']
  host: string
  port: string
  database: string
  user: string
  tls: Server['tls']
  caFile: string
  redisUrl: string
  /** Undefined: keep the stored one. */
  password: string | undefined
  redisPassword: string | undefined
}

export const emptyDraft: Draft = {
  name: '',
  kind: 'local',
  host: 'localhost',
  port: '5432',
  database: 'atlas_pipeline',
  user: 'atlas_user',
  tls: 'disable',
  caFile: '',
  redisUrl: '',
  password: undefined,
  redisPassword: undefined,
}

/** A stored environment as the form shows it. */
export function draftOf({ name, kind, postgres, redisUrl = '' }: Environment): Draft {
  if (postgres.type === 'embedded') return { ...emptyDraft, name, kind, redisUrl }
  const { host, port, database, user, tls, caFile = '' } = postgres
  return { ...emptyDraft, name, kind, redisUrl, host, port: String(port), database, user, tls, caFile }
}

/** What the backend is asked to test or to save. */
export function toInput({
  name,
  kind,
  port,
  caFile,
  redisUrl,
  password,
  redisPassword,
  ...server
}: Draft): EnvironmentInput {
  return {
    name,
    kind,
    postgres: {
      type: 'server',
      host: server.host,
      port: Number(port),
      database: server.database,
      user: server.user,
      tls: server.tls,
      caFile: caFile || undefined,
    },
    redisUrl: redisUrl || undefined,
    password,
    redisPassword,
  }
}

/** The fields that a pasted address fills in; none where it is no address of PostgreSQL. */
export function readUrl(text: string): Partial<Draft> {
  if (!URL.canParse(text)) return {}
  const url = new URL(text)
  if (!/^postgres(ql)?:$/.test(url.protocol)) return {}
  const mode = url.searchParams.get('sslmode')
  const known = (['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const).find(
    (tls) => tls === mode,
  )
  return {
    host: url.hostname,
    port: url.port || '5432',
    database: decodeURIComponent(url.pathname.slice(1)),
    user: decodeURIComponent(url.username),
    tls: known ?? 'prefer',
    caFile: url.searchParams.get('sslrootcert') ?? '',
    ...(url.password && { password: decodeURIComponent(url.password) }),
  }
}

/** Whether what is sent to this host never leaves the machine: a loopback name or address, or a socket's folder. */
export function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.') || host.startsWith('/')
}
