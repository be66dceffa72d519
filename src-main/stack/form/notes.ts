import { basename } from 'node:path'
import { isAlias, isMap, isScalar, type Node, type Pair, visit } from 'yaml'
import { type Path, readOnce } from '../compose/composeFile.ts'
import type { FormNote } from '../formContract.ts'
import { contentOf } from './places.ts'
import { nodeAt } from './yamlEdit.ts'

/** One compose file with the places of its nodes and what ties them together. */
export interface FormFile {
  path: string
  root: Node | null
  isValid: boolean
  /** With aliases followed and merges made. */
  value: unknown
  linesOf(node: Node): { line: number; endLine: number }
  /** The line of a key. */
  lineOfKey(path: Path): number | undefined
  /** Why what stands at this path cannot be changed alone. */
  lockAt(path: Path): FormNote | null
  /** The merge that brings a value to a path where this file writes none. */
  mergeAt(path: Path): FormNote | null
}

export function openFormFile(text: string, path: string): FormFile {
  const { document, lines } = readOnce(text)
  const isValid = document.errors.length === 0
  const root: Node | null = isValid ? document.contents : null
  const lineAt = (offset: number) => lines.linePos(offset).line
  const lineOf = (node: Node | null | undefined) => lineAt(node?.range?.[0] ?? 0)
  const uses = new Map<string, number>()
  const anchors = new Map<string, number>()
  visit(document, {
    Node: (_key, node) => {
      if (isAlias(node)) uses.set(node.source, (uses.get(node.source) ?? 0) + 1)
      else if (node.anchor) anchors.set(node.anchor, lineOf(node))
    },
  })
  const note = (message: string, line: number, isLocked = true): FormNote => ({
    message,
    file: path,
    line,
    isLocked,
  })

  const lockOf = (node: Node): FormNote | null => {
    if (isAlias(node)) {
      const line = anchors.get(node.source) ?? lineOf(node)
      return note(`It is *${node.source}, which stands in line ${line} for every place that uses it`, line)
    }
    const others = node.anchor === undefined ? 0 : (uses.get(node.anchor) ?? 0)
    if (others > 0)
      return note(
        `It is &${node.anchor}, which ${others === 1 ? 'another place uses' : `${others} other places use`} too`,
        lineOf(node),
      )
    if (node.tag === '!reset' || node.tag === '!override')
      return note(`It is ${node.tag} of what another file says`, lineOf(node))
    return null
  }
  return {
    path,
    root,
    isValid,
    value: isValid ? (document.toJS({ maxAliasCount: 1000 }) as unknown) : {},
    linesOf: (node) => {
      const [start, end] = contentOf(text, node)
      return { line: lineAt(start), endLine: lineAt(Math.max(start, end - 1)) }
    },
    lineOfKey: (at) => {
      const pair = pairOf(nodeAt(root, at.slice(0, -1)), String(at.at(-1)))
      return pair ? lineOf(pair.key as Node) : undefined
    },
    lockAt: (at) => {
      for (let depth = 1; depth <= at.length; depth += 1) {
        const node = nodeAt(root, at.slice(0, depth))
        const lock = node ? lockOf(node) : null
        if (lock) return lock
      }
      return null
    },
    mergeAt: (at) => {
      for (let depth = at.length - 1; depth >= 2; depth -= 1) {
        const pair = mergeOf(nodeAt(root, at.slice(0, depth)))
        if (pair) return note(`It comes in by <<, from ${sourceOf(pair.value)}`, lineOf(pair.key as Node))
      }
      return null
    },
  }
}

function sourceOf(node: unknown): string {
  if (isAlias(node)) return `*${node.source}`
  return 'several places'
}

function pairOf(node: unknown, name: string): Pair | undefined {
  return isMap(node)
    ? node.items.find(
        ({ key }) => isScalar(key) && typeof key.value !== 'symbol' && String(key.value) === name,
      )
    : undefined
}

function mergeOf(node: unknown): Pair | undefined {
  return isMap(node)
    ? node.items.find(({ key }) => isScalar(key) && typeof key.value === 'symbol')
    : undefined
}

/** The note that another file has a say in what stands at a line of it; `isLater`: that one wins. */
export function noteOfOther(
  file: FormFile,
  line: number | undefined,
  isLater: boolean,
  shown: string,
): FormNote | null {
  if (line === undefined) return null
  const says = shown === '' ? 'says it too' : `says ${shown}`
  const place = `${basename(file.path)}, line ${line}`
  return {
    message: isLater ? `${place}, ${says} and wins` : `${place}, ${says}`,
    file: file.path,
    line,
    isLocked: isLater,
  }
}
