import { setFlagsFromString } from 'node:v8'
import { AtlasError } from './errors.ts'

type Parser = typeof import('libpg-query')

let loading: Promise<Parser> | undefined

/**
 * Loads the parser with its first use. V8 compiles it once and does not optimise it later: that takes 550 MB for a moment,
 * and wins nothing that can be measured.
 */
function loadParser(): Promise<Parser> {
  loading ??= (async () => {
    setFlagsFromString('--no-wasm-tier-up')
    setFlagsFromString('--no-wasm-dynamic-tiering')
    const parser = await import('libpg-query')
    await parser.loadModule()
    return parser
  })()
  return loading
}

/** A statement as PostgreSQL's own parser reads it. Offsets are UTF-16 code units in the text that was parsed. */
export interface ParsedStatement {
  /** The name of its node in the parse tree: `SelectStmt`, `AlterTableStmt`, … */
  kind: string
  node: Record<string, unknown>
  text: string
  start: number
  end: number
}

/**
 * Parses SQL with the parser of PostgreSQL 18 (libpg-query, the server's own grammar compiled to WebAssembly).
 * Throws `SYNTAX_ERROR` with the place. psql's backslash commands and COPY data are not SQL: cut them first.
 */
export async function parseStatements(text: string): Promise<ParsedStatement[]> {
  // libpg-query takes no empty text.
  if (text.trim() === '') return []
  const parser = await loadParser()
  const { stmts = [] } = located(parser, text, () => parser.parseSync(text))
  const toOffset = byteOffsets(text)
  return stmts.map(({ stmt, stmt_location: from = 0, stmt_len: length }) => {
    const [kind = '', node = {}] = Object.entries(stmt ?? {})[0] ?? []
    const begin = toOffset(from)
    const raw = text.slice(begin, length ? toOffset(from + length) : text.length)
    const start = begin + raw.length - raw.trimStart().length
    const own = raw.trim()
    return { kind, node: node as Record<string, unknown>, text: own, start, end: start + own.length }
  })
}

/**
 * The text without comments and with one space between its tokens: equal for two texts that differ in nothing else.
 * Throws `SYNTAX_ERROR` where a quote or a comment does not end.
 */
export async function normalizeSql(text: string): Promise<string> {
  if (text.trim() === '') return ''
  const parser = await loadParser()
  const { tokens } = located(parser, text, () => parser.scanSync(text))
  return tokens
    .filter(({ tokenName }) => tokenName !== 'C_COMMENT' && tokenName !== 'SQL_COMMENT')
    .map(({ text: token }) => token)
    .join(' ')
}

/**
 * The SQL statements in the body of a PL/pgSQL block, wherever they stand in it, and whether it runs text that is made
 * while it runs (`EXECUTE`). Throws where PL/pgSQL's own parser does not take it.
 */
export async function parseBlocks(body: string): Promise<{ statements: string[]; isDynamic: boolean }> {
  const parser = await loadParser()
  const tree: unknown = parser.parsePlPgSQLSync(`do ${dollarQuote(body)}`)
  const statements: string[] = []
  let isDynamic = false
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    for (const [kind, child] of Object.entries(node)) {
      if (kind.startsWith('PLpgSQL_stmt_dyn')) isDynamic = true
      // Mode 0 is a whole statement; the others are expressions, which cannot write by themselves.
      const { query, parseMode } = (kind === 'PLpgSQL_expr' ? child : {}) as {
        query?: string
        parseMode?: number
      }
      if (query !== undefined && (parseMode ?? 0) === 0) statements.push(query)
      visit(child)
    }
  }
  visit(tree)
  return { statements, isDynamic }
}

function dollarQuote(text: string): string {
  let tag = '$body$'
  for (let number = 1; text.includes(tag); number++) tag = `$body${number}$`
  return `${tag}${text}${tag}`
}

function located<Result>({ hasSqlDetails }: Parser, text: string, read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    if (!hasSqlDetails(error)) throw error
    const characters = [...text].slice(0, error.sqlDetails?.cursorPosition ?? 0)
    throw new AtlasError('SYNTAX_ERROR', error.message, {
      sqlState: '42601',
      position: characters.join('').length + 1,
      saved: 'Nothing was run.',
    })
  }
}

/** The parser counts UTF-8 bytes: from a count of them to an offset. Ascending look-ups cost one pass over the text. */
export function byteOffsets(text: string): (bytes: number) => number {
  let [bytes, offset] = [0, 0]
  return (wanted) => {
    if (wanted < bytes) [bytes, offset] = [0, 0]
    while (bytes < wanted && offset < text.length) {
      const code = text.codePointAt(offset) ?? 0
      bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
      offset += code < 0x10000 ? 1 : 2
    }
    return offset
  }
}
