import { existsSync, readFileSync } from 'node:fs'
import { homedir, platform } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { AtlasError } from './errors.ts'

/** Folders and settings of this process, read from the environment once. */
export interface Config {
  /** Everything that Atlas keeps: its database, the embedded servers, secrets, spools. */
  home: string
  /** Holds migrations/ and resources/. */
  root: string
  version: string
  databaseUrl: string | undefined
  redisUrl: string | undefined
  /** Where a running Atlas API answers, for the verification. */
  apiUrl: string | undefined
  logLevel: string
}

const environmentSchema = z.object({
  ATLAS_HOME: z.string().min(1).optional(),
  ATLAS_DATABASE_URL: z.string().min(1).optional(),
  ATLAS_REDIS_URL: z.string().min(1).optional(),
  ATLAS_API_URL: z.url().optional(),
  ATLAS_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
})

/** Reads the configuration; throws `INPUT_INVALID` naming the variable that cannot be used. */
export function readConfig(variables: NodeJS.ProcessEnv = process.env): Readonly<Config> {
  const parsed = environmentSchema.safeParse(
    Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== '')),
  )
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new AtlasError('INPUT_INVALID', `The variable ${issue?.path.join('.')} cannot be used`, {
      object: String(issue?.path[0]),
      detail: issue?.message,
      next: 'Correct or unset the variable and start again.',
    })
  }
  const root = findRoot()
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
  return Object.freeze({
    home: resolve(parsed.data.ATLAS_HOME ?? defaultHome(variables)),
    root,
    version,
    databaseUrl: parsed.data.ATLAS_DATABASE_URL,
    redisUrl: parsed.data.ATLAS_REDIS_URL,
    apiUrl: parsed.data.ATLAS_API_URL,
    logLevel: parsed.data.ATLAS_LOG_LEVEL,
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
