import { quoteIdentifier } from '../sql.ts'

/** Pieces of PostgreSQL's parse tree as libpg_query writes it in JSON, and how to read them. */
export interface RangeVar {
  schemaname?: string
  relname: string
  relpersistence?: string
  location?: number
}

export type Node = Record<string, unknown>

/** `[name, body]` of a wrapped node: `{ "Constraint": { … } }`. */
export function unwrap(node: unknown): [string, Node] {
  const [entry] = Object.entries((node ?? {}) as Record<string, Node>)
  return entry ?? ['', {}]
}

/** The texts of a name: of a list of strings, or of one. */
export function stringsOf(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(stringsOf)
  const [kind, body] = unwrap(node)
  if (kind === 'List') return stringsOf(body.items)
  if (kind === 'String') return [String(body.sval ?? '')]
  if (kind === 'TypeName') return stringsOf(body.names)
  if (kind === 'ObjectWithArgs') return stringsOf(body.objname)
  return []
}

/** `schema.table`, the schema left out where it is, quoted where PostgreSQL needs it. */
export function relationName({ schemaname, relname }: RangeVar): string {
  return qualified(schemaname ? [schemaname, relname] : [relname])
}

/** The parts of a name, quoted where PostgreSQL needs it. */
export function qualified(parts: readonly string[]): string {
  return parts
    .map((part) => (/^[a-z_][a-z0-9_$]*$/.test(part) || part === '' ? part : quoteIdentifier(part)))
    .join('.')
}

/** `schema.name`, for people. */
export function nameOf({ schema, name }: { schema: string; name: string }): string {
  return `${schema}.${name}`
}

/** Every node of a kind below a node, itself included. */
export function* findAll(node: unknown, kind: string): Generator<Node> {
  if (Array.isArray(node)) {
    for (const item of node) yield* findAll(item, kind)
  } else if (node !== null && typeof node === 'object') {
    for (const [name, value] of Object.entries(node)) {
      if (name === kind) yield value as Node
      yield* findAll(value, kind)
    }
  }
}
