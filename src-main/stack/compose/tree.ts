import type { Path } from './composeFile.ts'
import { isMapping } from './values.ts'

/** Values of a YAML text by their paths. Nothing is changed in place. */

/** Undefined where there is none. */
export function valueAt(tree: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (node, step) =>
      isMapping(node) ? node[step] : Array.isArray(node) ? (node as unknown[])[Number(step)] : undefined,
    tree,
  )
}

/** What lacks on the way is made. */
export function withValue(tree: unknown, [step, ...rest]: Path, value: unknown): unknown {
  if (step === undefined) return value
  if (Array.isArray(tree)) return tree.with(Number(step), withValue(tree[Number(step)], rest, value))
  const own = isMapping(tree) ? tree : {}
  return { ...own, [step]: withValue(own[step], rest, value) }
}

/** A value in mappings of one entry each: `['a', 'b']` and 1 are `{a: {b: 1}}`. */
export function nested(path: Path, value: unknown): unknown {
  return path
    .toReversed()
    .reduce((inner, step) => (typeof step === 'number' ? [inner] : { [step]: inner }), value)
}

export function without<T>(tree: T, [step, ...rest]: Path): T {
  if (step === undefined) return tree
  if (Array.isArray(tree)) {
    return (
      rest.length === 0
        ? tree.filter((_item, index) => index !== step)
        : tree.map((item, index) => (index === step ? without(item, rest) : item))
    ) as T
  }
  if (!isMapping(tree) || !(step in tree)) return tree
  const { [step]: inner, ...others } = tree
  return (rest.length === 0 ? others : { ...tree, [step]: without(inner, rest) }) as T
}
