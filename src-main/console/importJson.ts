import { AtlasError } from '../errors.ts'
import type { RefusedRecord } from './importRejects.ts'

/** `invalid_json_text` of PostgreSQL. */
const invalidJson = '22032'

// A number that would lose digits as one of JavaScript keeps the text that it has in the file.
type RawJson = typeof JSON & { rawJSON(text: string): unknown }
const reviveExact = (_key: string, value: unknown, context?: { source?: string }): unknown =>
  typeof value === 'number' && context?.source && String(value) !== context.source
    ? (JSON as RawJson).rawJSON(context.source)
    : value

function parseLine(line: string): Record<string, unknown> | undefined {
  try {
    const row: unknown = JSON.parse(line, reviveExact as Parameters<typeof JSON.parse>[1])
    if (typeof row === 'object' && row !== null && !Array.isArray(row)) return row as Record<string, unknown>
  } catch {
    // No object either.
  }
  return undefined
}

/** The keys of all objects in the lines, in the order in which they come. Throws `FILE_UNREADABLE` where no line is one. */
export function keysOfLines(bytes: Buffer, path: string): string[] {
  const keys = new Set<string>()
  const lines = bytes.toString('utf8').split('\n')
  let objects = 0
  for (const line of lines) {
    const row = parseLine(line)
    if (!row) continue
    objects++
    for (const key of Object.keys(row)) keys.add(key)
  }
  if (objects > 0) return [...keys]
  throw new AtlasError('FILE_UNREADABLE', 'No line is a JSON object', {
    object: path,
    detail: lines[0]?.slice(0, 200),
    saved: 'Nothing was imported.',
    next: 'Write one object a line: a list of objects is `jq -c .[]` away from that.',
  })
}

/**
 * JSON lines as records of CSV with the values of `names`, each with its line; what is no object is refused. Throws
 * `FILE_UNREADABLE` for a key that no column is for: its values would be lost.
 */
export function jsonAsCsv(
  bytes: Buffer,
  names: string[],
  firstLine: number,
  path: string,
): { bytes: Buffer; lines: number[]; refused: RefusedRecord[] } {
  const known = new Set(names)
  const lines: number[] = []
  const refused: RefusedRecord[] = []
  let text = ''
  for (const [at, line] of bytes.toString('utf8').split('\n').entries()) {
    if (line.trim() === '') continue
    const number = firstLine + at
    const row = parseLine(line)
    if (!row) {
      refused.push({
        line: number,
        sqlState: invalidJson,
        message: 'the line is no JSON object',
        record: line,
      })
      continue
    }
    const stranger = Object.keys(row).find((key) => !known.has(key))
    if (stranger !== undefined) {
      throw new AtlasError(
        'FILE_UNREADABLE',
        `Line ${number} holds the key ${stranger}, which no line before has`,
        {
          object: path,
          saved: 'Nothing was imported.',
          next: `Put a line with ${stranger} to the beginning of the file, so that it becomes a column.`,
        },
      )
    }
    text += `${names.map((name) => csvCell(row[name])).join(',')}\n`
    lines.push(number)
  }
  return { bytes: Buffer.from(text), lines, refused }
}

/** A value as a cell of CSV, in quotes; NULL is nothing. */
export function csvCell(value: unknown): string {
  if (value === null || value === undefined) return ''
  const text =
    value instanceof Date
      ? value.toISOString()
      : value instanceof Uint8Array
        ? `\\x${Buffer.from(value).toString('hex')}`
        : typeof value === 'object'
          ? JSON.stringify(value, (_key, inner) => (typeof inner === 'bigint' ? Number(inner) : inner))
          : String(value)
  return `"${text.replaceAll('"', '""')}"`
}
