/** A piece of a line that is drawn in one way. */
export interface Segment {
  /** Offset in the line. */
  from: number
  text: string
  className: string
  isMark: boolean
  href?: string
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: this is what terminals are told in
const terminalCode = /\x1b(?:\[([0-?]*)[ -/]*([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_])/g
const link = /\bhttps?:\/\/[^\s"'<>)\]}]+/g
const drawnCharacters = 4000

/**
 * A line in the pieces that are drawn: its colours from the codes that terminals understand, addresses as links, what is
 * searched for marked. Cuts what is too long to be read in a row; the detail shows all of it.
 */
export function segmentsOf(line: string, pattern: RegExp | undefined): Segment[] {
  const { text, styles } = readEscapes(
    line.length > drawnCharacters ? `${line.slice(0, drawnCharacters)}…` : line,
  )
  const marks = pattern ? rangesOf(text, pattern) : []
  const links = rangesOf(text, link)
  const cuts = [
    ...new Set([0, text.length, ...styles.map(({ at }) => at), ...[...marks, ...links].flat()]),
  ].sort((a, b) => a - b)
  return cuts.slice(0, -1).map((from, index): Segment => {
    const to = cuts[index + 1] ?? text.length
    const inside = ([start, end]: [number, number]) => from >= start && to <= end
    const address = links.find(inside)
    return {
      from,
      text: text.slice(from, to),
      className: styles.findLast(({ at }) => at <= from)?.className ?? '',
      isMark: marks.some(inside),
      ...(address && { href: text.slice(...address) }),
    }
  })
}

/** A line without codes. */
export const withoutEscapes = (line: string) => line.replace(terminalCode, '')

function readEscapes(line: string): { text: string; styles: { at: number; className: string }[] } {
  if (!line.includes('\x1b')) return { text: line, styles: [] }
  let text = ''
  let last = 0
  let colour = ''
  let weight = ''
  const styles: { at: number; className: string }[] = []
  for (const match of line.matchAll(terminalCode)) {
    text += line.slice(last, match.index)
    last = match.index + match[0].length
    if (match[2] !== 'm') continue
    const codes = (match[1] || '0').split(';').map(Number)
    for (let at = 0; at < codes.length; at++) {
      const code = codes[at] ?? 0
      if (code === 0) [colour, weight] = ['', '']
      else if (code === 1) weight = 'ansi--bold'
      else if (code === 2) weight = 'ansi--dim'
      else if (code === 22) weight = ''
      else if (code === 39) colour = ''
      else if (code === 38 || code === 48) at += codes[at + 1] === 5 ? 2 : 4
      else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) colour = `ansi--${code % 10}`
    }
    styles.push({ at: text.length, className: [colour, weight].filter(Boolean).join(' ') })
  }
  return { text: text + line.slice(last), styles }
}

function rangesOf(text: string, pattern: RegExp): [number, number][] {
  const ranges: [number, number][] = []
  for (const { 0: found, index } of text.matchAll(pattern)) {
    if (found.length > 0) ranges.push([index, index + found.length])
    if (ranges.length >= 50) break
  }
  return ranges
}

const messageKeys = ['msg', 'message', 'event', 'log']
const headKeys = new Set([
  'time',
  'timestamp',
  'ts',
  '@timestamp',
  'level',
  'lvl',
  'severity',
  'levelname',
  'pid',
  'hostname',
  'v',
])

/** A JSON line as people read one: its message, then the rest as names and values; undefined of any other line. */
export function readJsonLine(line: string): { message: string; fields: [string, string][] } | undefined {
  if (!line.startsWith('{') || line.length > 20_000) return undefined
  try {
    const value = JSON.parse(line) as Record<string, unknown>
    const messageKey = messageKeys.find((key) => typeof value[key] === 'string')
    return {
      message: messageKey ? String(value[messageKey]) : '',
      fields: Object.entries(value)
        .filter(([key]) => key !== messageKey && !headKeys.has(key))
        .map(([key, field]) => [key, typeof field === 'string' ? field : JSON.stringify(field)]),
    }
  } catch {
    return undefined
  }
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** `status=500`, `user.id=7`: a field of a JSON line at its value, as it is drawn; of any other line the text itself. */
function fieldPattern(typed: string): string | undefined {
  const [, path, value] = /^([\w@-]+(?:\.[\w@-]+)*)=("[^"]*"|[^\s"]+)$/.exec(typed) ?? []
  if (path === undefined || value === undefined) return undefined
  const bare = escaped(value.replace(/^"|"$/g, ''))
  const keys = path.split('.').map((key) => `"${escaped(key)}"\\s*:\\s*`)
  return `${keys.join('\\{[^{}]*')}(?:"${bare}"|${bare})\\s*[,}]|(?<![\\w.])${escaped(path)}=${escaped(value)}(?![\\w.])`
}

/** What was typed into the search: a text, a field and its value, or a regular expression between slashes. */
export function parseSearch(typed: string): { pattern?: string; isRegex: boolean; isCaseSensitive: boolean } {
  const regex = /^\/(.+)\/(i?)$/.exec(typed)
  if (regex?.[1]) return { pattern: regex[1], isRegex: true, isCaseSensitive: regex[2] !== 'i' }
  const field = fieldPattern(typed)
  if (field) return { pattern: field, isRegex: true, isCaseSensitive: true }
  // Letters that are all small find large ones as well.
  return { ...(typed && { pattern: typed }), isRegex: false, isCaseSensitive: /\p{Lu}/u.test(typed) }
}

/** What is marked in the lines in sight; undefined where nothing is searched for or the pattern is not valid. */
export function markPattern({
  pattern,
  isRegex,
  isCaseSensitive,
}: ReturnType<typeof parseSearch>): RegExp | undefined {
  if (!pattern) return undefined
  try {
    const source = isRegex ? pattern : escaped(pattern)
    return new RegExp(source, isCaseSensitive ? 'g' : 'gi')
  } catch {
    return undefined
  }
}
