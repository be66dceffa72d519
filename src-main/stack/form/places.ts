import { isMap, isPair, isScalar, isSeq, type Node, type Pair } from 'yaml'

/** Offsets in a YAML text: of lines, and of what its nodes wrote. */

/** A change that cannot be made to the text without changing more of what it says. */
export class UneditableError extends Error {}

export const eolAt = (text: string, at: number) => (text.startsWith('\r\n', at) ? 2 : 1)
export const splice = (text: string, start: number, end: number, by: string) =>
  text.slice(0, start) + by + text.slice(end)
export const lineStart = (text: string, at: number) => text.lastIndexOf('\n', at - 1) + 1
export const columnOf = (text: string, at: number) => at - lineStart(text, at)

/** Where the line of this offset ends, before its line break. An offset behind a break belongs to the line before. */
export function lineEnd(text: string, at: number): number {
  const from = text[at - 1] === '\n' ? at - 1 : at
  const end = text.indexOf('\n', from)
  if (end === -1) return text.length
  return text[end - 1] === '\r' ? end - 1 : end
}

export function rangeOf(node: unknown): [number, number] {
  const range = (node as Node | null | undefined)?.range
  if (!range) throw new UneditableError('this value has no place in the text')
  return [range[0], range[1]]
}

/** From the first character of a value to behind its last, without the comments and blank lines that follow it. */
export function contentOf(text: string, node: Node): [number, number] {
  const [start, end] = rangeOf(node)
  if ((isMap(node) || isSeq(node)) && !node.flow) {
    const last = node.items.at(-1)
    if (isPair(last)) return [start, endOfPair(text, last as Pair<Node, Node | null>)]
    if (last) return [start, contentOf(text, last as Node)[1]]
  }
  return [
    start,
    text[end - 1] === '\n' && end > start
      ? end - eolAt(text, end - 2 >= 0 && text[end - 2] === '\r' ? end - 2 : end - 1)
      : end,
  ]
}

export function endOfPair(text: string, { key, value }: Pair<Node, Node | null>): number {
  if (value === null || isEmptyText(value)) return text.indexOf(':', rangeOf(key)[1]) + 1
  return contentOf(text, value)[1]
}

/** A value that was left out: `KEY:`. */
export const isEmptyText = (node: unknown) => isScalar(node) && node.value === null && !node.source
