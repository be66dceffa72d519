import { isDeepStrictEqual } from 'node:util'
import { isMap, isPair, isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml'
import { type Path, readOnce } from '../compose/composeFile.ts'
import { nested, valueAt, without, withValue } from '../compose/tree.ts'
import {
  columnOf,
  contentOf,
  endOfPair,
  eolAt,
  isEmptyText,
  lineEnd,
  lineStart,
  rangeOf,
  splice,
  UneditableError,
} from './places.ts'
import { createYamlWriter, type YamlWriter } from './yamlWriter.ts'

type Mapping = YAMLMap<Node, Node | null>

/**
 * Sets the value at a path of a YAML text, or removes it where it is undefined; what becomes empty by that goes with it, but
 * for a service. Only the lines of this value change: comments, order, quotes and all other bytes stay. What was written is
 * read again, and where it says anything else than the text with that one value, `UneditableError` is thrown: an anchor that
 * others use, an alias, a merge.
 */
export function setAt(text: string, path: Path, value: unknown): string {
  if (value === undefined) return removeAt(text, path)
  return verified(text, (tree) => withValue(tree, path, value), putAt(text, path, value))
}

/** Gives the key at a path of a mapping another name, in its place. */
export function renameAt(text: string, path: Path, name: string): string {
  const { root, write } = open(text)
  const pair = pairAt(root, path)
  const [start, end] = rangeOf(pair.key)
  const changed = splice(text, start, end, write.scalar(name, pair.key, false))
  return verified(
    text,
    (tree) => withValue(without(tree, path), [...path.slice(0, -1), name], valueAt(tree, path)),
    changed,
  )
}

/** Makes a list of texts another one; entries that stay keep their lines. */
export function setListAt(text: string, path: Path, items: readonly string[]): string {
  const { root } = open(text)
  const list = nodeAt(root, path)
  if (!isSeq(list) || items.length === 0) return setAt(text, path, items.length > 0 ? items : undefined)
  const before = list.items.map((item) => (isScalar(item) ? String(item.value) : item))
  let start = 0
  while (start < items.length && start < before.length && before[start] === items[start]) start += 1
  let end = 0
  while (end < Math.min(items.length, before.length) - start && before.at(-1 - end) === items.at(-1 - end))
    end += 1
  const [oldEnd, newEnd] = [before.length - end, items.length - end]
  let result = text
  for (let at = oldEnd - 1; at >= newEnd; at -= 1) result = setAt(result, [...path, at], undefined)
  for (let at = start; at < Math.min(oldEnd, newEnd); at += 1)
    result = setAt(result, [...path, at], items[at])
  for (let at = oldEnd; at < newEnd; at += 1) result = insertAt(result, path, at, items[at])
  return result
}

/** Puts a value before the entry of this index of a list, or after the last. */
export function insertAt(text: string, path: Path, index: number, value: unknown): string {
  const { root, write } = open(text)
  const list = nodeAt(root, path)
  if (!isSeq(list)) throw new UneditableError('this is no list')
  const expected = (tree: unknown) => {
    const items = [...(valueAt(tree, path) as unknown[])]
    items.splice(index, 0, value)
    return withValue(tree, path, items)
  }
  return verified(text, expected, insertItem(text, list as YAMLSeq<Node>, index, value, write))
}

function open(text: string) {
  const { document } = readOnce(text)
  if (document.errors.length > 0) throw new UneditableError('the text is no valid YAML')
  return { root: document.contents as Node | null, write: createYamlWriter(document, text) }
}

/** The text that was made, where it says what it should. */
function verified(text: string, expected: (tree: unknown) => unknown, changed: string): string {
  const wanted = expected(readOnce(text).document.toJS({ maxAliasCount: 1000 }))
  const { document: made } = readOnce(changed)
  if (made.errors.length > 0 || !isDeepStrictEqual(made.toJS({ maxAliasCount: 1000 }), wanted))
    throw new UneditableError('the change would reach beyond this value')
  return changed
}

function putAt(text: string, path: Path, value: unknown): string {
  const { root, write } = open(text)
  if (root === null || (isScalar(root) && root.value === null)) {
    const separator = text === '' || text.endsWith('\n') ? '' : write.eol
    return `${text}${separator}${write.block(nested(path, value), 0)}${write.eol}`
  }
  let node: Node = root
  for (const [index, step] of path.entries()) {
    const rest = path.slice(index + 1)
    if (isSeq(node)) {
      const item = (node as YAMLSeq<Node>).items[Number(step)]
      if (!item) return insertItem(text, node as YAMLSeq<Node>, Number(step), nested(rest, value), write)
      if (rest.length === 0) return replaceItem(text, node as YAMLSeq<Node>, item, value, write)
      node = item
    } else if (isMap(node)) {
      const pair = findPair(node as Mapping, step)
      if (!pair) return insertPair(text, node as Mapping, String(step), nested(rest, value), write)
      if (rest.length === 0 || isEmpty(pair.value))
        return replaceValue(text, node as Mapping, pair, nested(rest, value), write)
      node = pair.value as Node
    } else throw new UneditableError('this is no mapping')
  }
  return text
}

function replaceValue(
  text: string,
  map: Mapping,
  pair: Pair<Node, Node | null>,
  value: unknown,
  write: YamlWriter,
) {
  const [, keyEnd] = rangeOf(pair.key)
  const colon = text.indexOf(':', keyEnd)
  const old = pair.value
  if (isScalar(old) && isEmptyText(old))
    return splice(text, colon + 1, colon + 1, spaced(map, pair, value, text, write))
  if (isScalar(old) && !isCollectionValue(value)) {
    const [start, end] = contentOf(text, old)
    return splice(text, start, end, write.scalar(value, old, map.flow === true))
  }
  const [, end] = contentOf(text, old as Node)
  return splice(text, colon + 1, end, spaced(map, pair, value, text, write))
}

/** A value as it stands after the colon of its key. */
function spaced(
  map: Mapping,
  pair: Pair<Node, Node | null>,
  value: unknown,
  text: string,
  write: YamlWriter,
): string {
  if (!isCollectionValue(value)) return ` ${write.scalar(value, undefined, map.flow === true)}`
  if (map.flow) return ` ${write.flow(value)}`
  const indent = columnOf(text, rangeOf(pair.key)[0])
  return `${write.eol}${write.below(value, indent)}`
}

function replaceItem(
  text: string,
  list: YAMLSeq<Node>,
  item: Node,
  value: unknown,
  write: YamlWriter,
): string {
  const [start, end] = contentOf(text, item)
  const by = isCollectionValue(value) ? write.flow(value) : write.scalar(value, item, list.flow === true)
  return splice(text, start, end, by)
}

function insertPair(text: string, map: Mapping, key: string, value: unknown, write: YamlWriter): string {
  const last = map.items.at(-1)
  if (map.flow || !last) {
    const [start, end] = contentOf(text, map)
    const before = text.slice(start, end - 1).trimEnd()
    const entry = write.flow({ [key]: value }).replace(/^\{\s*|\s*\}$/g, '')
    return splice(text, start, end, `${before}${last ? ', ' : ''}${entry}}`)
  }
  const indent = columnOf(text, rangeOf(map.items[0]?.key)[0])
  return insertLine(text, endOfPair(text, last), write.block({ [key]: value }, indent), write)
}

function insertItem(
  text: string,
  list: YAMLSeq<Node>,
  index: number,
  value: unknown,
  write: YamlWriter,
): string {
  const [before, after] = [list.items[index - 1], list.items[index]]
  if (list.flow || (!before && !after)) {
    const [start, end] = contentOf(text, list)
    const entry = isCollectionValue(value) ? write.flow(value) : write.scalar(value, before ?? after, true)
    if (before) return splice(text, contentOf(text, before)[1], contentOf(text, before)[1], `, ${entry}`)
    if (after) return splice(text, contentOf(text, after)[0], contentOf(text, after)[0], `${entry}, `)
    return splice(text, start, end, `[${entry}]`)
  }
  const beside = (before ?? after) as Node
  const dash = text.lastIndexOf('-', contentOf(text, beside)[0] - 1)
  const column = columnOf(text, dash)
  const entry = isCollectionValue(value)
    ? write.block(value, column + 2).trimStart()
    : write.scalar(value, beside, false)
  const line = `${' '.repeat(column)}- ${entry}`
  if (before) return insertLine(text, contentOf(text, before)[1], line, write)
  return splice(text, lineStart(text, dash), lineStart(text, dash), `${line}${write.eol}`)
}

function insertLine(text: string, contentEnd: number, line: string, { eol }: YamlWriter): string {
  const end = lineEnd(text, contentEnd)
  return `${text.slice(0, end)}${eol}${line}${text.slice(end)}`
}

function removeAt(text: string, path: Path): string {
  const { root } = open(text)
  if (!isPair(safePair(root, path)) && nodeAt(root, path) === undefined) return text
  let at = path
  for (;;) {
    const parent = nodeAt(root, at.slice(0, -1))
    const isAlone = (isMap(parent) || isSeq(parent)) && parent.items.length === 1
    if (!isAlone || at.length <= 3) break
    at = at.slice(0, -1)
  }
  const expected = (tree: unknown) => without(tree, at)
  const parent = nodeAt(root, at.slice(0, -1)) as Mapping | YAMLSeq<Node>
  if (parent.items.length === 1) {
    const [start, end] = contentOf(text, parent)
    return verified(text, expected, splice(text, start, end, isMap(parent) ? '{}' : '[]'))
  }
  const index = isMap(parent) ? parent.items.indexOf(pairAt(root, at) as never) : Number(at.at(-1))
  return verified(text, expected, cut(text, parent, index))
}

function cut(text: string, parent: Mapping | YAMLSeq<Node>, index: number): string {
  const bounds = (at: number): [number, number] => {
    const item = parent.items[at]
    return isPair(item)
      ? [rangeOf(item.key)[0], endOfPair(text, item as Pair<Node, Node | null>)]
      : contentOf(text, item as Node)
  }
  const [start, end] = bounds(index)
  const isLast = index === parent.items.length - 1
  if (parent.flow)
    return isLast
      ? splice(text, bounds(index - 1)[1], end, '')
      : splice(text, start, bounds(index + 1)[0], '')
  const first = isMap(parent) ? start : text.lastIndexOf('-', start - 1)
  // The first key of a mapping in a list stands behind a dash, which the next one takes over.
  if (text.slice(lineStart(text, first), first).trim() !== '')
    return splice(text, start, bounds(index + 1)[0], '')
  return splice(
    text,
    lineStart(text, first),
    Math.min(text.length, lineEnd(text, end) + eolAt(text, lineEnd(text, end))),
    '',
  )
}

const isEmpty = (node: unknown) => node === null || (isScalar(node) && node.value === null)
const isCollectionValue = (value: unknown): value is object => typeof value === 'object' && value !== null

function findPair(map: Mapping, step: string | number): Pair<Node, Node | null> | undefined {
  return map.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))
}

function safePair(root: Node | null, path: Path): Pair<Node, Node | null> | undefined {
  const parent = nodeAt(root, path.slice(0, -1))
  return isMap(parent) ? findPair(parent as Mapping, path.at(-1) ?? '') : undefined
}

function pairAt(root: Node | null, path: Path): Pair<Node, Node | null> {
  const pair = safePair(root, path)
  if (!pair) throw new UneditableError('there is no such field in the text')
  return pair
}

/** The node at a path as it was written: nothing is followed through aliases. */
export function nodeAt(root: Node | null, path: Path): Node | null | undefined {
  let node: Node | null | undefined = root
  for (const step of path) {
    if (isMap(node)) node = findPair(node as Mapping, step)?.value
    else if (isSeq(node)) node = (node as YAMLSeq<Node>).items[Number(step)]
    else return undefined
  }
  return node
}
