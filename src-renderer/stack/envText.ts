export interface Variable {
  name: string
  value: string
  /** The comment above it. */
  comment: string
  /** Index of its line. */
  line: number
}

const assignment = /^(\s*(?:export\s+)?)([A-Za-z_][A-Za-z0-9_.-]*)(\s*=\s*)(.*)$/

/** The variables of a `.env` text in their order, each with the comment right above it. */
export function readVariables(text: string): Variable[] {
  const lines = text.split('\n')
  return lines.flatMap((content, line): Variable[] => {
    const match = assignment.exec(content)
    if (!match?.[2]) return []
    const comments: string[] = []
    for (let at = line - 1; lines[at]?.startsWith('#'); at--)
      comments.unshift((lines[at] ?? '').replace(/^#\s?/, ''))
    return [{ name: match[2], value: unquoted(match[4] ?? ''), comment: comments.join(' '), line }]
  })
}

/** The text with another value in that line; everything else stays as it was typed. */
export function writeVariable(text: string, line: number, value: string): string {
  const lines = text.split('\n')
  const match = assignment.exec(lines[line] ?? '')
  if (!match) return text
  lines[line] = `${match[1]}${match[2]}${match[3]}${quoted(value)}`
  return lines.join('\n')
}

/** The text with one more variable at its end. */
export function addVariable(text: string, name: string, value: string): string {
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${name}=${quoted(value)}\n`
}

function unquoted(value: string): string {
  const trimmed = value.trim()
  const inner = /^'([^']*)'$|^"((?:[^"\\]|\\.)*)"$/.exec(trimmed)
  if (inner) return inner[1] ?? (inner[2] ?? '').replace(/\\(["\\$])/g, '$1')
  return trimmed.replace(/\s+#.*$/, '')
}

/** Quotes what a bare value could not hold: blanks at its ends, `#` after one, quotes, and `$`, which would be replaced. */
function quoted(value: string): string {
  if (!/^\s|\s$|\s#|^['"]|\$/.test(value)) return value
  return value.includes("'") ? `"${value.replace(/(["\\$])/g, '\\$1')}"` : `'${value}'`
}
