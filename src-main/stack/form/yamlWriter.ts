import { type Document, isMap, isScalar, isSeq, type Pair, Scalar, stringify, visit } from 'yaml'
import { readYaml } from '../compose/composeFile.ts'

/** Writes values as the file around them is written: its indents, its quotes, its line ends. */
export interface YamlWriter {
  eol: string
  /** A value on one line, quoted as the one that it takes the place of; `isFlow`: between brackets. */
  scalar(value: unknown, like: unknown, isFlow: boolean): string
  /** On one line: `[a, b]`, `{a: 1}`. */
  flow(value: unknown): string
  /** A mapping or a list as lines that begin at this column. */
  block(value: unknown, column: number): string
  /** What stands in the lines below a key that begins at this column. */
  below(value: unknown, column: number): string
}

/** Words that older readers of YAML take for true or false. */
const yaml11Word = /^(y|yes|n|no|on|off|true|false|null|~)$/i
/** Digits with colons are a number of base 60 to older readers. */
const sexagesimal = /^[0-9]+(:[0-9]+)+$/

export function createYamlWriter(document: Document, text: string): YamlWriter {
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  const manners = mannersOf(document, text)
  const options = {
    lineWidth: 0,
    indent: manners.indent,
    indentSeq: manners.isListIndented,
    singleQuote: !manners.isDoubleQuoted,
    flowCollectionPadding: false,
  }
  const styleOf = (value: string, like: unknown, isFlow: boolean): Scalar.Type => {
    if (/\p{Cc}/u.test(value)) return Scalar.QUOTE_DOUBLE
    const type = isScalar(like) ? like.type : undefined
    if (type === Scalar.QUOTE_DOUBLE || type === Scalar.QUOTE_SINGLE) return type
    if (readsBack(value, isFlow)) return Scalar.PLAIN
    return manners.isDoubleQuoted ? Scalar.QUOTE_DOUBLE : Scalar.QUOTE_SINGLE
  }
  const styled = (value: unknown, isFlow: boolean): unknown => {
    if (Array.isArray(value)) return value.map((item) => styled(item, isFlow))
    if (value !== null && typeof value === 'object')
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, styled(item, isFlow)]))
    if (typeof value !== 'string') return value
    return Object.assign(new Scalar(value), { type: styleOf(value, undefined, isFlow) })
  }
  const block = (value: unknown, column: number) =>
    stringify(styled(value, false), options)
      .trimEnd()
      .split('\n')
      .map((line) => ' '.repeat(column) + line)
      .join(eol)
  return {
    eol,
    scalar: (value, like, isFlow) => {
      if (typeof value !== 'string') return String(value)
      const style = styleOf(value, like, isFlow)
      if (style === Scalar.PLAIN) return value
      return style === Scalar.QUOTE_SINGLE ? `'${value.replaceAll("'", "''")}'` : JSON.stringify(value)
    },
    flow: (value) => stringify(styled(value, true), { ...options, collectionStyle: 'flow' }).trim(),
    block,
    below: (value, column) =>
      block(value, column + (Array.isArray(value) && !manners.isListIndented ? 0 : manners.indent)),
  }
}

/** Every reader of YAML takes the bare text for just this text. */
function readsBack(value: string, isFlow: boolean): boolean {
  if (yaml11Word.test(value) || sexagesimal.test(value)) return false
  const { document } = readYaml(isFlow ? `[${value}]` : `- ${value}`)
  if (document.errors.length > 0) return false
  const items: unknown = document.toJS()
  return Array.isArray(items) && items.length === 1 && items[0] === value
}

/** How far the file indents, whether its lists stand deeper than their key, and which quotes it uses more. */
function mannersOf(document: Document, text: string) {
  let [double, single] = [0, 0]
  let indent: number | undefined
  let isListIndented: boolean | undefined
  const columnOf = (at: number) => at - (text.lastIndexOf('\n', at - 1) + 1)
  visit(document, {
    Scalar: (_key, { type }) => {
      if (type === Scalar.QUOTE_DOUBLE) double += 1
      if (type === Scalar.QUOTE_SINGLE) single += 1
    },
    Pair: (_key, { key, value }: Pair) => {
      if (!isScalar(key) || !key.range) return
      const column = columnOf(key.range[0])
      if (isMap(value) && !value.flow && value.range) indent ??= columnOf(value.range[0]) - column
      if (isSeq(value) && !value.flow && value.range) isListIndented ??= columnOf(value.range[0]) > column
    },
  })
  return {
    indent: Math.max(1, indent ?? 2),
    isListIndented: isListIndented ?? true,
    isDoubleQuoted: double > single,
  }
}
