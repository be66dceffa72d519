/** Durations and sizes as compose writes them. Each throws a `RangeError` that says what it takes. */

const nanoseconds: Record<string, number> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
  d: 86_400e9,
  w: 604_800e9,
}

/** `1m30s`, `1.5h`, `500ms` as nanoseconds. */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d|w)/g)]
  if (text === '0') return 0
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== text)
    throw new RangeError(`${text} is no duration such as 30s or 1m30s`)
  return Math.round(
    parts.reduce((sum, [, count, unit]) => sum + Number(count) * (nanoseconds[unit ?? ''] ?? 0), 0),
  )
}

/** Nanoseconds as Go's time.Duration writes them: `1h0m0s`, `1m30s`, `1.5s`, `100ms`. */
export function formatDuration(value: number): string {
  if (value === 0) return '0s'
  if (value < 1e3) return `${value}ns`
  if (value < 1e6) return `${value / 1e3}µs`
  if (value < 1e9) return `${value / 1e6}ms`
  const hours = Math.floor(value / 3600e9)
  const minutes = Math.floor((value % 3600e9) / 60e9)
  const seconds = `${(value % 60e9) / 1e9}s`
  return hours > 0 ? `${hours}h${minutes}m${seconds}` : minutes > 0 ? `${minutes}m${seconds}` : seconds
}

const bytes: Record<string, number> = {
  '': 1,
  b: 1,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
  t: 1024 ** 4,
  p: 1024 ** 5,
}

/** `512m`, `1.5gb`, `64` as bytes; -1 stays. */
export function parseBytes(text: string): number {
  const match = /^(-?\d+(?:\.\d+)?) ?([kmgtp]?)i?b?$/i.exec(text.trim())
  if (!match) throw new RangeError(`${text} is no size such as 512m or 1g`)
  return Math.trunc(Number(match[1]) * (bytes[(match[2] ?? '').toLowerCase()] ?? 1))
}
