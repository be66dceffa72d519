import { AtlasError } from '../../errors.ts'
import { unquote } from './command.ts'

export interface CopyCommand {
  direction: 'from' | 'to'
  /** The file; undefined for the lines behind the command. */
  path: string | undefined
  /** What the server is sent: `copy t (a, b) from stdin with (format csv)`. */
  statement: string
}

const form =
  /^((?:"(?:[^"]|"")*"|'(?:[^']|'')*'|[^"'])*?)\s+(from|to)\s+('(?:[^']|'')*'|[^\s;]+)\s*([\s\S]*?);?$/i

/** Reads `\copy TABLE|(QUERY) FROM|TO FILE OPTIONS`. Throws `INPUT_INVALID`, and `UNSUPPORTED` for programs. */
export function readCopy(rest: string): CopyCommand {
  const [, source = '', word = '', file = '', options = ''] = splitQuery(rest) ?? form.exec(rest) ?? []
  if (source === '') {
    throw new AtlasError('INPUT_INVALID', '\\copy takes a table or a query, FROM or TO, and a file', {
      object: rest,
      next: "For example: \\copy explore.raw_data to '/tmp/raw.csv' csv header",
    })
  }
  const direction = word.toLowerCase() as CopyCommand['direction']
  if (/^(?:program|pstdin|pstdout)$/i.test(file) || (direction === 'to' && /^stdout$/i.test(file))) {
    throw new AtlasError('UNSUPPORTED', `\\copy ${direction} ${file} is not run here`, {
      saved: 'Nothing was copied.',
      next: direction === 'to' ? 'Name a file, or export the result of a query.' : 'Name a file.',
    })
  }
  const stream = direction === 'from' ? 'stdin' : 'stdout'
  return {
    direction,
    path: direction === 'from' && /^stdin$/i.test(file) ? undefined : unquote(file),
    statement: `copy ${source} ${direction} ${stream} ${options}`.trim(),
  }
}

/** A query in parentheses may hold the words FROM and TO itself. */
function splitQuery(rest: string): string[] | undefined {
  if (!rest.startsWith('(')) return undefined
  let depth = 0
  for (const found of rest.matchAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|[()]/g)) {
    if (found[0] === '(') depth++
    else if (found[0] === ')') depth--
    if (depth === 0) {
      const end = found.index + 1
      const tail = form.exec(`x ${rest.slice(end).trim()}`)
      return tail ? ['', rest.slice(0, end), ...tail.slice(2)] : undefined
    }
  }
  return undefined
}
