import { AtlasError } from '../errors.ts'

/** How a file wants to be run: its leading comment lines of the form `-- atlas: no-transaction, lock-timeout=2s`. */
export interface MigrationOptions {
  /** False: each statement runs by itself and is recorded by itself, as `create index concurrently` needs. */
  isTransactional: boolean
  /** Runs again, after all others, whenever its text changes. */
  isRepeatable: boolean
  /** How long a statement may wait for a lock before all is rolled back and tried again; 0 waits for ever. */
  lockTimeoutMs: number
  /** How often it is tried again after a lock was not to be had. */
  lockRetries: number
  /** 0 for none. */
  statementTimeoutMs: number
}

export const defaultOptions: MigrationOptions = {
  isTransactional: true,
  isRepeatable: false,
  lockTimeoutMs: 500,
  lockRetries: 40,
  statementTimeoutMs: 0,
}

const readers: Record<string, (value: string) => Partial<MigrationOptions> | undefined> = {
  'no-transaction': (value) => (value === '' ? { isTransactional: false } : undefined),
  repeatable: (value) => (value === '' ? { isRepeatable: true } : undefined),
  'lock-timeout': (value) => named('lockTimeoutMs', milliseconds(value)),
  'lock-retries': (value) => named('lockRetries', /^\d{1,4}$/.test(value) ? Number(value) : undefined),
  'statement-timeout': (value) => named('statementTimeoutMs', milliseconds(value)),
}

/** Reads the options of a file's header. An option that nobody knows is an error: a typing mistake must not run. */
export function readOptions(text: string, fileName: string): MigrationOptions {
  const options = { ...defaultOptions }
  for (const [index, line] of text.split('\n', 200).entries()) {
    if (!/^\s*(--|$)/.test(line)) break
    const list = /^\s*--\s*atlas:\s*(.*)$/.exec(line)?.[1]
    for (const option of list?.split(/[\s,]+/).filter(Boolean) ?? []) {
      const [name = '', value = ''] = option.split('=', 2)
      const read = readers[name]?.(value)
      if (!read) {
        throw new AtlasError('INPUT_INVALID', `The option ${option} is not known`, {
          object: `${fileName}:${index + 1}`,
          saved: 'Nothing was applied.',
          next: `Known are ${Object.keys(readers).join(', ')}; times as 500ms, 2s or 5min.`,
        })
      }
      Object.assign(options, read)
    }
  }
  return options
}

const unitMs: Record<string, number> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 }

function milliseconds(text: string): number | undefined {
  const [, amount, unit = 'ms'] = /^(\d{1,9})(ms|s|min|h)?$/.exec(text) ?? []
  return amount === undefined ? undefined : Number(amount) * (unitMs[unit] ?? 1)
}

function named(
  name: keyof MigrationOptions,
  value: number | undefined,
): Partial<MigrationOptions> | undefined {
  return value === undefined ? undefined : { [name]: value }
}
