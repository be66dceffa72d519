import { z } from 'zod'

/**
 * What an error says beside its code and its message, so that a view or a terminal can print
 * what failed, on which object, what was and was not saved, and what to do next.
 */
export const faultSchema = z.object({
  /** The object it failed on: a table, a file, a host and port. Never a secret. */
  object: z.string().optional(),
  /** PostgreSQL's SQLSTATE, or the operating system's error code. */
  sqlState: z.string().optional(),
  detail: z.string().optional(),
  hint: z.string().optional(),
  /** One-based character offset in the statement. */
  position: z.number().int().positive().optional(),
  saved: z.string().optional(),
  next: z.string().optional(),
  /** Names the entry in the log that explains an `INTERNAL` error. */
  reference: z.string().optional(),
})

export type Fault = z.infer<typeof faultSchema>

const entry = (status: number) => ({ status, data: faultSchema })

/** The catalogue: every error code that may cross to a screen or a terminal, with its HTTP status. */
export const errorCatalogue = {
  INPUT_INVALID: entry(400),
  NOT_FOUND: entry(404),
  CONFLICT: entry(409),
  CANCELLED: entry(499),
  CONFIRMATION_NEEDED: entry(428),
  INTERNAL: entry(500),
  UNSUPPORTED: entry(501),

  CONNECTION_REFUSED: entry(503),
  CONNECTION_LOST: entry(503),
  CONNECTION_TIMEOUT: entry(504),
  HOST_NOT_FOUND: entry(503),
  AUTHENTICATION_FAILED: entry(401),
  DATABASE_NOT_FOUND: entry(404),
  TLS_REFUSED: entry(502),
  TLS_UNTRUSTED: entry(502),
  SERVER_TOO_OLD: entry(426),
  SERVER_STARTING: entry(503),
  TOO_MANY_CONNECTIONS: entry(503),
  EMBEDDED_FAILED: entry(503),
  REDIS_UNAVAILABLE: entry(503),
  DOCKER_UNAVAILABLE: entry(503),
  DOCKER_ERROR: entry(502),
  IMAGE_NOT_FOUND: entry(404),
  PORT_TAKEN: entry(409),
  COMPOSE_INVALID: entry(400),
  SERVICE_FAILED: entry(409),
  SECRETS_UNREADABLE: entry(500),

  PERMISSION_DENIED: entry(403),
  LOCK_TIMEOUT: entry(409),
  STATEMENT_TIMEOUT: entry(504),
  STATEMENT_CANCELLED: entry(499),
  CONSTRAINT_VIOLATED: entry(409),
  OBJECT_NOT_FOUND: entry(404),
  SYNTAX_ERROR: entry(400),
  DISK_FULL: entry(507),
  DATABASE_ERROR: entry(500),

  PLATFORM_NOT_DEPLOYED: entry(409),
  MIGRATION_FAILED: entry(409),
  MIGRATION_EDITED: entry(409),
  MIGRATION_LOCKED: entry(409),
  PIPELINE_INVALID: entry(400),
  TASK_FAILED: entry(500),
  LEASE_LOST: entry(409),
  FILE_UNREADABLE: entry(400),
} as const

export type ErrorCode = keyof typeof errorCatalogue

/** The one error that services and adapters throw on purpose. Anything else crosses as `INTERNAL`. */
export class AtlasError extends Error {
  readonly code: ErrorCode
  readonly fault: Fault

  constructor(code: ErrorCode, message: string, fault: Fault = {}, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'AtlasError'
    this.code = code
    this.fault = fault
  }
}

/** What a schema found wrong with an input first: `INPUT_INVALID` with the path of the value. */
export function invalidInput(
  issue: { message: string; path?: readonly (PropertyKey | { key: PropertyKey })[] | undefined } | undefined,
): AtlasError {
  const path = issue?.path?.map((part) => (typeof part === 'object' ? part.key : part)).join('.')
  return new AtlasError('INPUT_INVALID', `The input is not valid${path ? `: ${path}` : ''}`, {
    object: path,
    detail: issue?.message,
    saved: 'Nothing was changed.',
    next: 'Correct the value and try again.',
  })
}
