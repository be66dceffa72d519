import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import { AtlasError, type ErrorCode, type Fault } from './errors.ts'

/** An error as it may leave the backend. */
export interface DescribedError {
  code: ErrorCode
  message: string
  data: Fault
}

export interface Logger {
  info(data: object, message: string): void
  warn(data: object, message: string): void
  error(data: object, message: string): void
  /**
   * What may be said of an error outside: an error of the catalogue as it is; anything else as `INTERNAL`
   * with a reference under which this log holds the stack.
   */
  describe(error: unknown): DescribedError
}

/** Logs JSON lines to standard error (standard output belongs to the CLI's results). */
export function createLogger(level: string): Logger {
  const log = pino(
    {
      level,
      base: undefined,
      redact: ['password', 'token', 'url', '*.password', '*.token', '*.url', 'err.config', 'error.config'],
    },
    pino.destination({ dest: 2, sync: true }),
  )
  return {
    info: (data, message) => log.info(data, message),
    warn: (data, message) => log.warn(data, message),
    error: (data, message) => log.error(data, message),
    describe: (error) => {
      if (error instanceof AtlasError) return { code: error.code, message: error.message, data: error.fault }
      const reference = randomUUID().slice(0, 8)
      const cause =
        error instanceof Error ? { type: error.name, message: error.message, stack: error.stack } : { error }
      log.error({ reference, ...cause }, 'unexpected error')
      return {
        code: 'INTERNAL',
        message: 'Something failed that Atlas did not expect',
        data: {
          reference,
          next: `The log explains it under ${reference}. Try again; report it if it stays.`,
        },
      }
    },
  }
}
