import { bareValue, closingQuote, unescaped } from '../files/envText.ts'
import { interpolateText } from './interpolate.ts'

/** An env file that cannot be read as one. */
export class DotenvError extends Error {
  readonly line: number

  constructor(line: number, message: string) {
    super(message)
    this.line = line
  }
}

/**
 * Reads an env file as compose does: `export` before a name, `K=V` or `K: V`; a bare value ends at ` #` and is
 * interpolated, `"…"` knows escapes and is interpolated, `'…'` is taken as it is, quoted values may span lines. A name
 * alone takes its value from `inherit`. Earlier variables of the file count for later ones.
 */
export function parseDotenv(
  text: string,
  inherit: (name: string) => string | undefined,
): Record<string, string> {
  const source = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')
  const values: Record<string, string> = {}
  const lookup = (name: string) => values[name] ?? inherit(name)
  let at = 0
  const lineAt = (offset: number) => source.slice(0, offset).split('\n').length
  while (at < source.length) {
    const line = /^[^\n]*/.exec(source.slice(at))?.[0] ?? ''
    if (/^\s*(#|$)/.test(line)) {
      at += line.length + 1
      continue
    }
    const head = /^[ \t]*(?:export[ \t]+)?([A-Za-z0-9_.\-[\]]+)[ \t]*([=:]?)[ \t]*/.exec(line)
    const name = head?.[1]
    const after = line.slice(head?.[0].length ?? 0)
    if (!head || name === undefined || (head[2] === '' && after !== '' && !after.startsWith('#')))
      throw new DotenvError(lineAt(at), `this line is no NAME=value: ${line.slice(0, 60)}`)
    if (head[2] === '') {
      const inherited = inherit(name)
      if (inherited !== undefined) values[name] = inherited
      at += line.length + 1
      continue
    }
    const start = at + head[0].length
    const quote = source[start]
    if (quote === '"' || quote === "'") {
      const end = closingQuote(source, start + 1, quote)
      if (end === -1) throw new DotenvError(lineAt(at), `the value of ${name} has no closing quote`)
      const raw = source.slice(start + 1, end)
      values[name] = quote === "'" ? raw : fill(unescaped(raw, true), lookup, lineAt(at))
      const rest = source.indexOf('\n', end)
      at = rest === -1 ? source.length : rest + 1
    } else {
      values[name] = fill(bareValue(after), lookup, lineAt(at))
      at += line.length + 1
    }
  }
  return values
}

function fill(text: string, lookup: (name: string) => string | undefined, line: number): string {
  try {
    return interpolateText(text, lookup).text
  } catch (error) {
    throw new DotenvError(line, (error as Error).message)
  }
}
