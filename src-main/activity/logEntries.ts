import { parse } from 'csv-parse/sync'
import type { LogEntry, LogPage } from './log.contract.ts'

type Format = LogPage['format']

export const formatOf = (file: string): Format =>
  file.endsWith('.json') ? 'json' : file.endsWith('.csv') ? 'csv' : 'text'

const words = 'DEBUG\\d?|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC'
const attached = 'DETAIL|HINT|QUERY|CONTEXT|LOCATION|STATEMENT|BACKTRACE'
const begin: Record<Format, RegExp> = {
  text: new RegExp(`^(?!\\t).*?\\b(?:${words}):  `, 'm'),
  csv: /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} /m,
  json: /^\{/m,
}
const textLine = new RegExp(`^(?!\\t)(.*?)\\b(${words}|${attached}):  (.*)$`)

/**
 * Cuts a piece of a log file, read from its middle, to whole records. Places are bytes: the piece is looked at as Latin-1,
 * in which each byte is a character.
 */
export function wholeRecords(
  bytes: Buffer,
  format: Format,
  isStart: boolean,
): { start: number; end: number } {
  const text = bytes.toString('latin1')
  let start = 0
  if (!isStart) {
    const line = text.indexOf('\n') + 1
    const found = line === 0 ? -1 : text.slice(line).search(begin[format])
    if (found < 0) return { start: text.length, end: text.length }
    start = line + found
  }
  let end = text.lastIndexOf('\n') + 1
  // A quote that is open at the end is of a record that is still being written.
  while (format === 'csv' && end > start && quotesIn(text.slice(start, end)) % 2 === 1)
    end = text.lastIndexOf('\n', end - 2) + 1
  return { start, end: Math.max(start, end) }
}

const quotesIn = (text: string) => text.split('"').length - 1

/** Reads whole records of one of the formats that PostgreSQL writes (manual, 20.8). */
export function readEntries(text: string, format: Format): LogEntry[] {
  if (format === 'json') return text.split('\n').flatMap(readJson)
  return format === 'csv' ? readCsv(text) : readText(text)
}

function readText(text: string): LogEntry[] {
  const entries: LogEntry[] = []
  for (const line of text.split('\n')) {
    const [, prefix = '', word = '', message = ''] = textLine.exec(line) ?? []
    const last = entries.at(-1)
    if (word && !isAttached(word))
      entries.push(
        entry(word, {
          at: /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?(?: [A-Z]\w*)?/.exec(prefix)?.[0] ?? null,
          processId: Number(/\[(\d+)(?:-\d+)?\]/.exec(prefix)?.[1] ?? 0) || null,
          message,
        }),
      )
    else if (last && word) last.rest += `${last.rest && '\n'}${word}: ${message}`
    else if (last && line !== '') {
      const more = `\n${line.replace(/^\t/, '')}`
      if (last.rest) last.rest += more
      else last.message += more
    }
  }
  return entries
}

const isAttached = (word: string) => attached.split('|').includes(word)

function readCsv(text: string): LogEntry[] {
  const rows: string[][] = parse(text, { relax_column_count: true, skip_records_with_error: true })
  return rows.map((row) => {
    const of = (column: number) => row[column] ?? ''
    return entry(of(11), {
      at: of(0) || null,
      user: of(1),
      database: of(2),
      processId: Number(of(3)) || null,
      sqlState: of(12),
      message: of(13),
      rest: restOf({ DETAIL: of(14), HINT: of(15), CONTEXT: of(18), STATEMENT: of(19) }),
      application: of(22),
    })
  })
}

function readJson(line: string): LogEntry[] {
  let record: Record<string, unknown>
  try {
    record = JSON.parse(line)
  } catch {
    return []
  }
  const of = (name: string) => (record[name] === undefined ? '' : String(record[name]))
  return [
    entry(of('error_severity'), {
      at: of('timestamp') || null,
      user: of('user'),
      database: of('dbname'),
      processId: Number(of('pid')) || null,
      sqlState: of('state_code'),
      message: of('message'),
      rest: restOf({
        DETAIL: of('detail'),
        HINT: of('hint'),
        CONTEXT: of('context'),
        STATEMENT: of('statement'),
      }),
      application: of('application_name'),
    }),
  ]
}

const restOf = (parts: Record<string, string>) =>
  Object.entries(parts)
    .flatMap(([name, text]) => (text ? `${name}: ${text}` : []))
    .join('\n')

function entry(severity: string, known: Partial<LogEntry>): LogEntry {
  return {
    at: null,
    level: levelOf(severity),
    severity,
    processId: null,
    user: '',
    database: '',
    application: '',
    sqlState: '',
    message: '',
    rest: '',
    ...known,
  }
}

function levelOf(severity: string): LogEntry['level'] {
  if (/^(ERROR|FATAL|PANIC)$/.test(severity)) return 'error'
  if (severity === 'WARNING') return 'warning'
  return severity.startsWith('DEBUG') ? 'debug' : 'info'
}
