import { existsSync, readFileSync } from 'node:fs'
import { homedir, platform } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { AtlasError } from './errors.ts'

const milliseconds = z.coerce.number().int().min(100).max(3_600_000)

/** Every variable that the program reads. resources/stack/.env.example documents each; a test compares the two. */
const variablesSchema = z.object({
  ATLAS_HOME: z.string().optional(),
  ATLAS_DATABASE_URL: z.string().optional(),
  ATLAS_REDIS_URL: z.string().optional(),
  ATLAS_API_URL: z.url().optional(),
  ATLAS_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  ATLAS_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  ATLAS_TOKEN: z.string().min(32).optional(),
  ATLAS_ALLOWED_HOSTS: z.string().optional(),
  ATLAS_POOL_MAX: z.coerce.number().int().min(2).max(200).default(8),
  ATLAS_CONNECT_TIMEOUT_MS: milliseconds.default(4500),
  ATLAS_PIPELINE_LEASE_MS: milliseconds.default(15_000),
  ATLAS_PIPELINE_POLL_MS: milliseconds.default(2000),
  ATLAS_PARTITION_HORIZON_MONTHS: z.coerce.number().int().min(1).max(60).default(3),
  ATLAS_WORKER_CONCURRENCY: z.coerce.number().int().min(1).max(64).default(2),
  ATLAS_WORKER_HEARTBEAT_FILE: z.string().optional(),
})

/** Folders and settings of this process, read from its environment once. */
export interface Config {
  /** Everything that Atlas keeps: its database, the embedded server, secrets, spools. */
  home: string
  /** Holds migrations/ and resources/. */
  root: string
  version: string
  databaseUrl: string | undefined
  redisUrl: string | undefined
  /** Where a running Atlas API answers, for the verification. */
  apiUrl: string | undefined
  logLevel: string
  server: {
    /** 0 takes a free one. */
    port: number
    /** Undefined: a new one each launch. */
    token: string | undefined
    /** `host:port` names that are answered beside the loopback ones. */
    allowedHosts: string[]
  }
  postgres: { maxConnections: number; connectTimeoutMs: number }
  pipelines: { leaseMs: number; pollMs: number; concurrency: number; heartbeatFile: string | undefined }
  /** Partitions are kept ready this many months ahead. */
  partitionHorizonMonths: number
}

/** Reads the configuration; throws `INPUT_INVALID` naming the variable that cannot be used. */
export function readConfig(variables: NodeJS.ProcessEnv = process.env): Readonly<Config> {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''))
  const parsed = variablesSchema.safeParse(given)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new AtlasError('INPUT_INVALID', `The variable ${issue?.path.join('.')} cannot be used`, {
      object: issue?.path.join('.'),
      detail: issue?.message,
      next: 'Correct or unset the variable and start again.',
    })
  }
  const values = parsed.data
  const root = findRoot()
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
  return Object.freeze({
    home: resolve(values.ATLAS_HOME ?? defaultHome(variables)),
    root,
    version,
    databaseUrl: values.ATLAS_DATABASE_URL,
    redisUrl: values.ATLAS_REDIS_URL,
    apiUrl: values.ATLAS_API_URL,
    logLevel: values.ATLAS_LOG_LEVEL,
    server: {
      port: values.ATLAS_PORT,
      token: values.ATLAS_TOKEN,
      allowedHosts: values.ATLAS_ALLOWED_HOSTS?.split(',').map((host) => host.trim()) ?? [],
    },
    postgres: { maxConnections: values.ATLAS_POOL_MAX, connectTimeoutMs: values.ATLAS_CONNECT_TIMEOUT_MS },
    pipelines: {
      leaseMs: values.ATLAS_PIPELINE_LEASE_MS,
      pollMs: values.ATLAS_PIPELINE_POLL_MS,
      concurrency: values.ATLAS_WORKER_CONCURRENCY,
      heartbeatFile: values.ATLAS_WORKER_HEARTBEAT_FILE,
    },
    partitionHorizonMonths: values.ATLAS_PARTITION_HORIZON_MONTHS,
  })
}

/** The nearest folder above this file that holds package.json: the same from sources, from out/ and from an asar. */
function findRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder)
    if (parent === folder) throw new Error('package.json was not found above the program')
    folder = parent
  }
  return folder
}

function defaultHome(variables: NodeJS.ProcessEnv): string {
  // PostgreSQL refuses to run as root: it runs as another user, who must be able to enter the folder.
  if (process.getuid?.() === 0) return '/var/lib/atlas-desktop'
  if (platform() === 'win32') return join(variables.APPDATA ?? homedir(), 'Atlas Desktop')
  if (platform() === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Atlas Desktop')
  return join(variables.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'atlas-desktop')
}
