/** A piece of a script, cut where PostgreSQL's own scanner would cut it. */
export interface Statement {
  /** Without the semicolon that ends it and the white space and comments around it. */
  text: string
  /** Offsets in the script, in UTF-16 units. */
  start: number
  end: number
  /** One-based place of the first character. */
  line: number
  column: number
}

/** Why a script cannot be cut: what was opened and never closed, and where. */
export class UnterminatedError extends Error {
  readonly line: number
  readonly column: number

  constructor(construct: string, place: { line: number; column: number }) {
    super(`The ${construct} that begins at line ${place.line}, column ${place.column} is not closed`)
    this.name = 'UnterminatedError'
    this.line = place.line
    this.column = place.column
  }
}

type TokenKind = 'space' | 'comment' | 'string' | 'quoted' | 'semicolon' | 'code'

interface Token {
  kind: TokenKind
  start: number
  end: number
}

const identifierStart = /[A-Za-z_\u0080-\uffff]/
const dollarTag = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y

/**
 * The lexical rules of PostgreSQL (manual, 4.1): nested block comments, dollar quotes, `E''` strings in which a
 * backslash escapes, and identifiers that may hold `$`. Throws {@link UnterminatedError}.
 */
export function* scanTokens(text: string): Generator<Token> {
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0
  const token = (kind: TokenKind, end: number): Token => {
    const made = { kind, start: at, end }
    at = end
    return made
  }
  while (at < text.length) {
    const character = text[at] ?? ''
    const pair = text.slice(at, at + 2)
    if (/\s/.test(character)) yield token('space', skipWhile(text, at, /\s/))
    else if (pair === '--') yield token('comment', lineEnd(text, at))
    else if (pair === '/*') yield token('comment', blockCommentEnd(text, at))
    else if (character === "'") yield token('string', stringEnd(text, at, at + 1, false))
    else if ((character === 'e' || character === 'E') && text[at + 1] === "'") {
      yield token('string', stringEnd(text, at, at + 2, true))
    } else if (character === '"') yield token('quoted', closing(text, at, at + 1, '"', 'quoted identifier'))
    else if (character === ';') yield token('semicolon', at + 1)
    else if (identifierStart.test(character)) {
      yield token('code', skipWhile(text, at, /[A-Za-z0-9_$\u0080-\uffff]/))
    } else if (character === '$') yield dollarToken()
    else yield token('code', at + 1)
  }

  function dollarToken(): Token {
    dollarTag.lastIndex = at
    const tag = dollarTag.exec(text)?.[0]
    if (!tag) return token('code', at + 1)
    const end = text.indexOf(tag, at + tag.length)
    if (end === -1) throw new UnterminatedError(`dollar quote ${tag}`, placeOf(text, at))
    return token('string', end + tag.length)
  }
}

/** Cuts a script into its statements. Empty ones (only comments, only white space) are left out. */
export function splitStatements(text: string): Statement[] {
  const statements: Statement[] = []
  let first: number | undefined
  let last = 0
  // `create function … begin atomic … end` holds semicolons of its own (PostgreSQL 14 and newer).
  let atomicDepth = 0
  // `create rule … do (insert …; delete …)` too: as in psql, a semicolon in parentheses ends nothing.
  let parentheses = 0
  let previous = ''
  const place = { offset: 0, line: 1, lineStart: 0 }
  const flush = () => {
    if (first !== undefined) {
      // Counted on from the statement before, so that a long script is read once.
      for (
        let at = text.indexOf('\n', place.offset);
        at !== -1 && at < first;
        at = text.indexOf('\n', at + 1)
      ) {
        place.line++
        place.lineStart = at + 1
      }
      place.offset = first
      const column = first - place.lineStart + 1
      statements.push({ text: text.slice(first, last), start: first, end: last, line: place.line, column })
    }
    first = undefined
    atomicDepth = 0
    parentheses = 0
  }
  for (const { kind, start, end } of scanTokens(text)) {
    if (kind === 'space' || kind === 'comment') continue
    const word = kind === 'code' ? text.slice(start, end).toLowerCase() : ''
    if (kind === 'semicolon' && atomicDepth === 0 && parentheses === 0) {
      flush()
    } else {
      first ??= start
      last = end
      if (word === '(') parentheses++
      else if (word === ')') parentheses = Math.max(0, parentheses - 1)
      if (word === 'atomic' && previous === 'begin') atomicDepth = 1
      else if (atomicDepth > 0 && word === 'case') atomicDepth++
      else if (atomicDepth > 0 && word === 'end') atomicDepth--
    }
    previous = word
  }
  flush()
  return statements
}

/**
 * The script without what changes nothing: comments gone, white space and line ends one blank, outside of literals.
 * Two scripts with the same normal form do the same.
 */
export function normaliseScript(text: string): string {
  let normal = ''
  let pending = false
  for (const { kind, start, end } of scanTokens(text)) {
    if (kind === 'space' || kind === 'comment') {
      pending = normal !== ''
      continue
    }
    if (pending) normal += ' '
    pending = false
    normal += text.slice(start, end)
  }
  return normal
}

/** One-based line and column of an offset. */
export function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  return { line, column: offset - before.lastIndexOf('\n') }
}

function skipWhile(text: string, start: number, accepted: RegExp): number {
  let at = start
  while (at < text.length && accepted.test(text[at] ?? '')) at++
  return at
}

function lineEnd(text: string, start: number): number {
  const end = text.indexOf('\n', start)
  return end === -1 ? text.length : end
}

function blockCommentEnd(text: string, start: number): number {
  let depth = 0
  let at = start
  while (at < text.length) {
    const pair = text.slice(at, at + 2)
    if (pair === '/*') depth++
    else if (pair === '*/') depth--
    at += pair === '/*' || pair === '*/' ? 2 : 1
    if (depth === 0) return at
  }
  throw new UnterminatedError('comment', placeOf(text, start))
}

function stringEnd(text: string, start: number, from: number, hasEscapes: boolean): number {
  if (!hasEscapes) return closing(text, start, from, "'", 'string')
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === "'") {
      if (text[at + 1] !== "'") return at + 1
      at++
    }
  }
  throw new UnterminatedError('string', placeOf(text, start))
}

/** The end of a literal whose quote is doubled to stand inside it. */
function closing(text: string, start: number, from: number, quote: string, construct: string): number {
  let at = text.indexOf(quote, from)
  while (at !== -1 && text[at + 1] === quote) at = text.indexOf(quote, at + 2)
  if (at === -1) throw new UnterminatedError(construct, placeOf(text, start))
  return at + 1
}
