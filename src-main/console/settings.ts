import { z } from 'zod'
import type { Session } from '../adapters/postgres.ts'
import { identifier, query, sql } from '../sql.ts'
import { scanTokens } from '../sqlText.ts'
import { type SessionSettings, sessionSettingsSchema } from './sessionContract.ts'

export const defaultSettings: SessionSettings = sessionSettingsSchema.parse({})

/** Sets a session up: the server's own settings, so that a person can see them with SHOW. Outside of a transaction. */
export async function applySettings(
  session: Pick<Session, 'rows' | 'run'>,
  settings: SessionSettings,
): Promise<void> {
  const wanted: [string, string | null][] = [
    // The role first: what it may not set fails as that role's.
    ['role', settings.role],
    ['search_path', settings.searchPath],
    ['default_transaction_isolation', settings.isolation],
    ['statement_timeout', toSetting(settings.statementTimeoutMs)],
    ['lock_timeout', toSetting(settings.lockTimeoutMs)],
    ['idle_in_transaction_session_timeout', toSetting(settings.idleInTransactionTimeoutMs)],
  ]
  for (const [name, value] of wanted) {
    if (value === null) await session.run(sql`reset ${identifier(name)}`)
    else
      await session.rows(
        query(z.object({ value: z.string() }), sql`select set_config(${name}, ${value}, false) as value`),
      )
  }
}

const toSetting = (milliseconds: number | null) => (milliseconds === null ? null : String(milliseconds))

const control = new Set(['abort', 'begin', 'start', 'commit', 'end', 'rollback', 'savepoint', 'release'])
// What the server refuses inside of a transaction (psql's manual, AUTOCOMMIT).
const outside = [
  ...[
    /^vacuum\b/,
    /^cluster$/,
    /^(?:create|drop) (?:database|tablespace)\b/,
    /^alter system\b/,
    /^discard all\b/,
  ],
  ...[/^(?:create(?: unique)?|drop) index concurrently\b/, /^reindex (?:database|system)\b/],
  ...[/^reindex (?:\( .* \) )?(?:index|table|schema) concurrently\b/, /^prepare transaction\b/],
  /^alter table (?:if exists )?\S+ detach partition \S+ (?:concurrently|finalize)\b/,
]

/** Whether a transaction is opened before a statement of a session that does not commit by itself. */
export function needsBegin(text: string): boolean {
  const words: string[] = []
  for (const { kind, start, end } of scanTokens(text)) {
    if (kind === 'code' || kind === 'quoted') words.push(text.slice(start, end).toLowerCase())
    if (words.length >= 16) break
  }
  if (control.has(words[0] ?? '')) return false
  const head = words.join(' ').replaceAll(' . ', '.')
  return !outside.some((pattern) => pattern.test(head))
}
