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
  readonly construct: string
  readonly line: number
  readonly column: number

  constructor(construct: string, place: { line: number; column: number }) {
    super(`The ${construct} that begins at line ${place.line}, column ${place.column} is not closed`)
    this.name = 'UnterminatedError'
    this.construct = construct
    this.line = place.line
    this.column = place.column
  }
}

type TokenKind = 'space' | 'comment' | 'string' | 'quoted' | 'semicolon' | 'code'

export interface Token {
  kind: TokenKind
  start: number
  end: number
}

export interface ScanOptions {
  /** Where to begin; the offsets of tokens stay those of the whole text. */
  from?: number
  /** The server's `standard_conforming_strings`: off, a backslash escapes in every string. */
  hasStandardStrings?: () => boolean
}

// What PostgreSQL takes for white space; a no-break space begins an identifier.
const space = /[ \t\n\r\f\v]+/y
const lineComment = /--[^\n\r]*/y
const word = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y
const number = /[0-9][0-9_.]*/y
const dollarTag = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y
const commentMark = /\/\*|\*\//g
const escapedEnd = /\\[\s\S]|''|'/g

/**
 * The lexical rules of PostgreSQL (manual, 4.1): nested block comments, dollar quotes, `E''` strings in which a
 * backslash escapes, and identifiers that may hold `$`. Every character belongs to one token. Throws
 * {@link UnterminatedError}.
 */
export function* scanTokens(text: string, options: ScanOptions = {}): Generator<Token> {
  const from = options.from ?? 0
  let at = from === 0 && text.charCodeAt(0) === 0xfeff ? 1 : from
  while (at < text.length) {
    const start = at
    const [kind, end] = readToken(text, start, options.hasStandardStrings?.() ?? true)
    at = end
    yield { kind, start, end }
  }
}

function readToken(text: string, at: number, hasStandardStrings: boolean): [TokenKind, number] {
  switch (text[at]) {
    case ' ':
    case '\t':
    case '\n':
    case '\r':
    case '\f':
    case '\v':
      return ['space', match(space, text, at)]
    case '-':
      return text[at + 1] === '-' ? ['comment', match(lineComment, text, at)] : ['code', at + 1]
    case '/':
      return text[at + 1] === '*' ? ['comment', blockCommentEnd(text, at)] : ['code', at + 1]
    case "'":
      return ['string', stringEnd(text, at, at + 1, !hasStandardStrings)]
    case 'e':
    case 'E':
      if (text[at + 1] === "'") return ['string', stringEnd(text, at, at + 2, true)]
      return ['code', match(word, text, at)]
    case '"':
      return ['quoted', closing(text, at, at + 1, '"', 'quoted identifier')]
    case ';':
      return ['semicolon', at + 1]
    case '$':
      return dollarToken(text, at)
  }
  return ['code', match(word, text, at) || match(number, text, at) || at + 1]
}

/** The end of what the sticky pattern finds here, or zero. */
function match(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : 0
}

function dollarToken(text: string, at: number): [TokenKind, number] {
  const opened = match(dollarTag, text, at)
  if (opened === 0) return ['code', at + 1]
  const tag = text.slice(at, opened)
  const end = text.indexOf(tag, opened)
  if (end === -1) throw new UnterminatedError(`dollar quote ${tag}`, placeOf(text, at))
  return ['string', end + tag.length]
}

/** Tells where a statement ends, told every token that is neither white space nor a comment. */
export function createBoundary() {
  // `create function … begin atomic … end` holds semicolons of its own (PostgreSQL 14 and newer).
  let atomicDepth = 0
  // `create rule … do (insert …; delete …)` too: as in psql, a semicolon in parentheses ends nothing.
  let parentheses = 0
  let previous = ''
  return {
    /** The parentheses that are open. */
    get depth() {
      return parentheses
    },
    /** Whether this token, of which `word` is the lower-case text if it is code, ends the statement. */
    isEnd: (kind: Token['kind'], word: string): boolean => {
      const before = previous
      previous = word
      if (kind === 'semicolon' && atomicDepth === 0 && parentheses === 0) return true
      if (word === '(') parentheses++
      else if (word === ')') parentheses = Math.max(0, parentheses - 1)
      else if (word === 'atomic' && before === 'begin') atomicDepth = 1
      // Behind AS or a dot it is a name.
      else if (atomicDepth > 0 && before !== 'as' && before !== '.') {
        if (word === 'case') atomicDepth++
        else if (word === 'end') atomicDepth--
      }
      return false
    },
  }
}

/** Counts lines up to ascending offsets, so that a long text is read once; from another offset than 0, those behind it. */
export function createPlaces(text: string, from = 0) {
  const place = { offset: from, line: 1, lineStart: from }
  return (offset: number): { line: number; column: number } => {
    for (
      let at = text.indexOf('\n', place.offset);
      at !== -1 && at < offset;
      at = text.indexOf('\n', at + 1)
    ) {
      place.line++
      place.lineStart = at + 1
    }
    place.offset = offset
    return { line: place.line, column: offset - place.lineStart + 1 }
  }
}

/** Cuts a script into its statements. Empty ones (only comments, only white space) are left out. */
export function splitStatements(text: string): Statement[] {
  const statements: Statement[] = []
  const placeAt = createPlaces(text)
  let boundary = createBoundary()
  let first: number | undefined
  let last = 0
  const flush = () => {
    if (first !== undefined)
      statements.push({ text: text.slice(first, last), start: first, end: last, ...placeAt(first) })
    first = undefined
    boundary = createBoundary()
  }
  for (const { kind, start, end } of scanTokens(text)) {
    if (kind === 'space' || kind === 'comment') continue
    if (boundary.isEnd(kind, kind === 'code' ? text.slice(start, end).toLowerCase() : '')) flush()
    else {
      first ??= start
      last = end
    }
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

function blockCommentEnd(text: string, start: number): number {
  let depth = 0
  commentMark.lastIndex = start
  for (let mark = commentMark.exec(text); mark; mark = commentMark.exec(text)) {
    depth += mark[0] === '/*' ? 1 : -1
    if (depth === 0) return commentMark.lastIndex
  }
  throw new UnterminatedError('comment', placeOf(text, start))
}

function stringEnd(text: string, start: number, from: number, hasEscapes: boolean): number {
  if (!hasEscapes) return closing(text, start, from, "'", 'string')
  escapedEnd.lastIndex = from
  for (let found = escapedEnd.exec(text); found; found = escapedEnd.exec(text)) {
    if (found[0] === "'") return escapedEnd.lastIndex
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
