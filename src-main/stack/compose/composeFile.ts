import {
  type Document,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml'
import type { Problem } from '../contract.ts'

/** Keys and indexes from the top of a file: `['services', 'db', 'ports', 0]`. */
export type Path = readonly (string | number)[]

/** A value that compose cannot take, and where it stands. */
export class ComposeProblem extends Error {
  readonly path: Path

  constructor(path: Path, message: string) {
    super(message)
    this.path = path
  }
}

/** One compose file as it was written: its values, and the place of each. */
export interface ComposeFile {
  path: string
  value: Record<string, unknown>
  /** Where `!reset` and `!override` stand. */
  tags: { path: Path; tag: '!reset' | '!override' }[]
  /** What is wrong with its YAML. */
  problems: Problem[]
  /** A problem at a path of this file: at the value, or at the key where the value is the fault of its name. */
  problemAt(
    path: Path,
    message: string,
    options?: { severity?: Problem['severity']; isKey?: boolean },
  ): Problem
  /** How many steps of a path this file has. */
  depthOf(path: Path): number
}

/** Go's YAML reads 0644 as octal, as YAML 1.1 did. */
const octalTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true as const,
  test: /^0[0-7]+$/,
  resolve: (text: string) => Number.parseInt(text, 8),
}

/** A text as its nodes, and the lines in which they stand. */
export interface Yaml {
  document: Document.Parsed
  lines: LineCounter
}

/** The YAML of a compose file, each node with its place. */
export function readYaml(text: string): Yaml {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    merge: true,
    customTags: (tags) => [octalTag, ...tags],
    logLevel: 'silent',
  })
  return { document, lines }
}

const kept = new Map<string, Yaml>()
const most = { texts: 6, characters: 200_000 }

/**
 * The YAML of a text, to be looked at and not changed. The last few are kept: a key that is pressed in a form has the same
 * text changed, described and checked, and reading it is nearly all that each of them costs.
 */
export function readOnce(text: string): Yaml {
  const found = kept.get(text) ?? readYaml(text)
  kept.delete(text)
  kept.set(text, found)
  let characters = 0
  for (const [age, one] of [...kept.keys()].toReversed().entries()) {
    characters += one.length
    if (age > 0 && (age >= most.texts || characters > most.characters)) kept.delete(one)
  }
  return found
}

/** Reads a compose file with anchors, `<<` and the tags `!reset` and `!override`. Syntax errors become problems. */
export function parseComposeFile(text: string, path: string): ComposeFile {
  const { document, lines } = readOnce(text)
  const problem = (
    start: number,
    end: number,
    keys: Path,
    message: string,
    severity: Problem['severity'],
  ) => {
    const from = lines.linePos(start)
    const to = lines.linePos(Math.max(end, start + 1))
    return {
      severity,
      file: path,
      line: from.line,
      column: from.col,
      endLine: to.line,
      endColumn: to.col,
      path: keys.join('.'),
      message,
    }
  }
  const tags: ComposeFile['tags'] = []
  visit(document, {
    Node: (_key, node, ancestors) => {
      if (node.tag === '!reset' || node.tag === '!override')
        tags.push({ path: pathOf([...ancestors, node]), tag: node.tag })
    },
  })
  const find = (keys: Path, isKey: boolean) => findNode(document.contents, keys, isKey)
  const problems = document.errors.map(({ message, pos }) =>
    problem(pos[0], pos[1], [], message.split(' at line')[0] ?? message, 'error'),
  )
  const value: unknown =
    problems.length > 0 ? {} : readValue(() => document.toJS({ maxAliasCount: 1000 }), problems, problem)
  if (problems.length === 0 && value !== null && (typeof value !== 'object' || Array.isArray(value)))
    problems.push(problem(0, 1, [], 'a compose file is a mapping', 'error'))
  return {
    path,
    value: value !== null && typeof value === 'object' && !Array.isArray(value) ? { ...value } : {},
    tags,
    problems,
    problemAt: (keys, message, { severity = 'error', isKey = false } = {}) => {
      const [start, end] = find(keys, isKey).range
      return problem(start, end, keys, message, severity)
    },
    depthOf: (keys) => find(keys, false).depth,
  }
}

function readValue(
  read: () => unknown,
  problems: Problem[],
  problem: (start: number, end: number, keys: Path, message: string, severity: 'error') => Problem,
): unknown {
  try {
    return read()
  } catch (error) {
    // An alias that multiplies itself without end.
    problems.push(problem(0, 1, [], (error as Error).message, 'error'))
    return {}
  }
}

function pathOf(nodes: readonly unknown[]): Path {
  return nodes.flatMap((node, index): (string | number)[] => {
    const next = nodes[index + 1]
    if (isPair(node) && next === node.value)
      return [isScalar(node.key) ? String(node.key.value) : String(node.key)]
    if (isSeq(node) && next !== undefined) return [node.items.indexOf(next)]
    return []
  })
}

/** The deepest node on a path, and how many steps it took; of the last step the key where that is asked for. */
function findNode(root: unknown, path: Path, isKey: boolean): { range: [number, number]; depth: number } {
  let node = root
  let range = rangeOf(root) ?? [0, 1]
  let depth = 0
  for (const [index, step] of path.entries()) {
    const wantsKey = isKey && index === path.length - 1
    const pair = isMap(node)
      ? node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))
      : undefined
    const next: unknown = pair ? pair.value : isSeq(node) ? node.items[Number(step)] : undefined
    if (!pair && next === undefined) break
    depth += 1
    const own = wantsKey || !isNode(next) || isCollection(next) ? rangeOf(pair?.key) : undefined
    range = own ?? rangeOf(next) ?? range
    node = next
  }
  return { range, depth }
}

function rangeOf(node: unknown): [number, number] | undefined {
  const range = isNode(node) ? (node as Node).range : undefined
  return range ? [range[0], range[1]] : undefined
}
