const integer = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 2 })
const local = new Intl.DateTimeFormat('en-GB', {
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
})

/** `15,123,319` */
export function formatCount(count: number): string {
  return integer.format(count)
}

/** `15.12 M`: for headlines; below ten thousand every digit stays. */
export function formatCompact(count: number): string {
  return count < 10_000
    ? integer.format(count)
    : compact
        .format(count)
        .replace(/([KMBT])$/, ' $1')
        .replace('K', 'k')
}

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** `4.18 GB`, in steps of 1024, as PostgreSQL counts. */
export function formatBytes(bytes: number): string {
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** step
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(value >= 10 ? 1 : 2)} ${units[step]}`
}

/** `3 ms`, `1.24 s`, `2:05`, `1:02:05` */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1) return `${milliseconds.toFixed(1)} ms`
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 2 : 1)} s`
  const seconds = Math.floor(milliseconds / 1000)
  const two = (part: number) => String(part).padStart(2, '0')
  const minutes = Math.floor(seconds / 60)
  return minutes < 60
    ? `${minutes}:${two(seconds % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`
}

/** `12 s ago`, `3 h ago`, `in 5 days` */
export function formatRelative(time: Date, now: number): string {
  const seconds = Math.round((now - time.getTime()) / 1000)
  const size = Math.abs(seconds)
  const [amount, unit] =
    size < 60
      ? [size, 's']
      : size < 3600
        ? [Math.round(size / 60), 'min']
        : size < 86_400
          ? [Math.round(size / 3600), 'h']
          : [Math.round(size / 86_400), Math.round(size / 86_400) === 1 ? 'day' : 'days']
  if (size < 2) return 'now'
  return seconds > 0 ? `${amount} ${unit} ago` : `in ${amount} ${unit}`
}

/** `24/11/2026, 09:12:37` in the local zone. */
export function formatTime(time: Date): string {
  return local.format(time)
}

/** The exact instant: local and UTC. */
export function formatExact(time: Date): string {
  return `${local.format(time)} (${time.toISOString()})`
}

/** `1 row`, `2 rows` */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}
