import type { BoundInput } from './action.contract.ts'

/** A bound as it is read out of PostgreSQL's own writing of it. */
export interface ParsedBound {
  kind: 'range' | 'list' | 'hash' | 'default'
  /** Of a range over one column: a time in milliseconds, a number, or null where it has no end or is neither. */
  from: number | null
  to: number | null
  scale: 'time' | 'number' | 'none'
  /** Of a list, as text; null is `NULL`. */
  values: string[]
  modulus: number | null
  remainder: number | null
}

const nothing = { from: null, to: null, scale: 'none', values: [], modulus: null, remainder: null } as const

/**
 * Reads what `pg_get_expr(relpartbound)` wrote: `FOR VALUES FROM ('2026-01-01') TO (MAXVALUE)`, `FOR VALUES IN ('a', NULL)`,
 * `FOR VALUES WITH (modulus 4, remainder 1)` or `DEFAULT`. Ranges over several columns have a kind and no ends.
 */
export function readBound(bound: string): ParsedBound {
  const hash = /^FOR VALUES WITH \(modulus (\d+), remainder (\d+)\)$/.exec(bound)
  if (hash)
    return { ...nothing, values: [], kind: 'hash', modulus: Number(hash[1]), remainder: Number(hash[2]) }
  const list = /^FOR VALUES IN \((.*)\)$/s.exec(bound)
  if (list) return { ...nothing, kind: 'list', values: readItems(list[1] ?? '') }
  const range = /^FOR VALUES FROM \((.*)\) TO \((.*)\)$/s.exec(bound)
  if (!range) return { ...nothing, values: [], kind: 'default' }
  const [from, to] = [readItems(range[1] ?? ''), readItems(range[2] ?? '')]
  if (from.length !== 1 || to.length !== 1) return { ...nothing, values: [], kind: 'range' }
  const ends = [from[0] ?? '', to[0] ?? ''] as const
  for (const [scale, read] of [
    ['time', readTime],
    ['number', readNumber],
  ] as const) {
    const lower = isOpen(ends[0]) ? null : read(ends[0])
    const upper = isOpen(ends[1]) ? null : read(ends[1])
    // Neither end known, or one that is no such value.
    if (lower === undefined || upper === undefined || (lower === null && upper === null)) continue
    return { ...nothing, values: [], kind: 'range', scale, from: lower, to: upper }
  }
  return { ...nothing, values: [], kind: 'range' }
}

const isOpen = (end: string) => end === 'MINVALUE' || end === 'MAXVALUE'

/** What attaches a table with a bound again; undefined of a range over several columns and of a list with a null. */
export function boundInputOf(text: string): BoundInput | undefined {
  const { kind, values, modulus, remainder } = readBound(text)
  if (kind === 'default') return { kind }
  if (kind === 'hash')
    return modulus === null || remainder === null ? undefined : { kind, modulus, remainder }
  if (kind === 'list') return /[(, ]NULL[,)]/.test(text) ? undefined : { kind, values }
  const [, from, to] = /^FOR VALUES FROM \((.*)\) TO \((.*)\)$/s.exec(text) ?? []
  const [lower, upper] = [readItems(from ?? ''), readItems(to ?? '')]
  return lower.length === 1 && upper.length === 1
    ? { kind, from: lower[0] ?? '', to: upper[0] ?? '' }
    : undefined
}

/** `'a''b', NULL, 5` cut at the commas outside of quotes; quotes are taken off, and a cast behind them is dropped. */
function readItems(text: string): string[] {
  const item = /\s*(?:(E?)'((?:[^']|'')*)'(?:::[^,]*)?|([^,]*))\s*(?:,|$)/gy
  const items: string[] = []
  while (item.lastIndex < text.length) {
    const match = item.exec(text)
    if (!match) break
    const quoted = match[2]?.replaceAll("''", "'")
    items.push((match[1] ? quoted?.replaceAll('\\\\', '\\') : quoted) ?? match[3]?.trim() ?? '')
  }
  return items
}

const timeText =
  /^(\d{4,6})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d):(\d\d)(\.\d+)?(?:([+-])(\d\d)(?::?(\d\d))?)?)?$/

/** What most bounds are: read by the engine itself, which halves the time for those of 10,000 partitions. */
const utcText = /^\d{4}-\d\d-\d\d(?: \d\d:\d\d:\d\d\+00)?$/

/** `2026-01-01` is midnight UTC; `2026-01-01 01:00:00+01` is what it says. Undefined where it is no time. */
function readTime(text: string): number | undefined {
  if (utcText.test(text)) {
    const time = Date.parse(text.length === 10 ? text : `${text.slice(0, 10)}T${text.slice(11, 19)}Z`)
    return Number.isNaN(time) ? undefined : time
  }
  const match = timeText.exec(text)
  if (!match) return undefined
  const [, year, month, day, hour, minute, second, fraction, sign, zoneHours, zoneMinutes] = match
  const utc = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour ?? 0),
    Number(minute ?? 0),
    Number(second ?? 0),
    Math.trunc(Number(fraction ?? 0) * 1000),
  )
  // Date.UTC takes 0 to 99 as of the twentieth century.
  const local = Number(year) < 100 ? new Date(utc).setUTCFullYear(Number(year)) : utc
  const offset = Number(zoneHours ?? 0) * 3_600_000 + Number(zoneMinutes ?? 0) * 60_000
  const time = sign === '-' ? local + offset : local - offset
  return Number.isNaN(time) ? undefined : time
}

function readNumber(text: string): number | undefined {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined
}
