import { type Level, levels } from './contract.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: this is what terminals are told in
const escapes = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_])/g

/** A text without the codes that colour it and move the cursor. */
export function plainText(text: string): string {
  return text.includes('\x1b') ? text.replace(escapes, '') : text
}

const byWord: Record<string, Level> = {
  trace: 'debug',
  debug: 'debug',
  debug1: 'debug',
  verbose: 'debug',
  info: 'info',
  information: 'info',
  notice: 'info',
  log: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  err: 'error',
  fatal: 'error',
  panic: 'error',
  critical: 'error',
  crit: 'error',
  severe: 'error',
  alert: 'error',
  emerg: 'error',
}

// pino and bunyan write numbers: 10 trace to 60 fatal.
const byNumber = (value: number): Level =>
  value < 30 ? 'debug' : value < 40 ? 'info' : value < 50 ? 'warn' : 'error'

const json = /"(?:level|severity|lvl|levelname)"\s*:\s*(?:"([A-Za-z]+)|(\d+))/
const logfmt = /(?:^|\s)(?:level|lvl|severity)=["']?([A-Za-z]+)/
// PostgreSQL: `… UTC [64] LOG:  …`; the translated names of its levels are not known here.
const postgres = /(?:^|\] |> )(DEBUG[1-5]?|INFO|NOTICE|WARNING|ERROR|LOG|FATAL|PANIC):\s{1,2}/
// Redis: `1:M 25 Nov 2026 09:12:19.640 * Background saving terminated`.
const redis = /^\d+:[A-Z] \d{1,2} [A-Z][a-z]{2} \d{4} [\d:.]+ ([.\-*#]) /
const redisMarks: Record<string, Level> = { '.': 'debug', '-': 'debug', '*': 'info', '#': 'warn' }
const word =
  /(?:^|[\s[(<|:])(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|FATAL|CRITICAL|SEVERE|PANIC|trace|debug|info|notice|warn|warning|error|fatal|critical|panic)(?=[\s\])>|:]|$)/
/** What belongs to the line before: indented, a frame of a stack, or PostgreSQL's further fields. */
const continued =
  /^(?:\s+\S|at \S+ \(|Caused by:|Traceback |\.\.\. \d+ more)|(?:^|\] )(?:DETAIL|HINT|CONTEXT|STATEMENT|QUERY|LOCATION):\s{1,2}/

/** The level that a line names. `before` is that of the line before it from the same container: what continues it shares it. */
export function levelOf(line: string, before: Level): Level {
  const text = plainText(line.length > 400 ? line.slice(0, 400) : line)
  if (continued.test(text)) return before
  if (text.startsWith('{')) {
    const found = json.exec(text)
    if (found?.[1]) return byWord[found[1].toLowerCase()] ?? 'none'
    if (found?.[2]) return byNumber(Number(found[2]))
  }
  const mark = redis.exec(text)?.[1]
  if (mark) return redisMarks[mark] ?? 'none'
  const head = text.slice(0, 120)
  const name = postgres.exec(head)?.[1] ?? logfmt.exec(text)?.[1] ?? word.exec(head)?.[1]
  return name ? (byWord[name.toLowerCase().replace(/[1-5]$/, '')] ?? 'none') : 'none'
}

export const levelNumber = (level: Level) => levels.indexOf(level)
