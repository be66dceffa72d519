import { commentStatement, type Definition, type Definitions } from './definition.ts'

// Where nothing else is known, this order reads best and needs least.
const phases = [
  'schema',
  'extension',
  'collation',
  'text search dictionary',
  'text search configuration',
  'enum',
  'domain',
  'composite type',
  'range type',
  'foreign data wrapper',
  'server',
  'sequence',
  'function',
  'procedure',
  'window function',
  'operator',
  'cast',
  'aggregate',
  'table',
  'partitioned table',
  'foreign table',
  'sequence owner',
  'view',
  'materialized view',
  'constraint',
  'index',
  'statistics',
  'rule',
  'trigger',
  'policy',
  'settings',
  'default privileges',
  'publication',
  'event trigger',
]

// A foreign key needs the other table's key.
const isForeignKey = ({ kind, statements }: Definition) =>
  kind === 'constraint' && (statements[0] ?? '').includes(' FOREIGN KEY (')

/** Sorts definitions so that each comes after all that it needs. Where they need each other, the order above decides. */
export function inOrder({ all, needs }: Definitions): Definition[] {
  const byAddress = new Map(all.map((definition) => [definition.address, definition]))
  const rank = new Map(
    all.map((definition) => [
      definition.address,
      phases.indexOf(definition.kind) + (isForeignKey(definition) ? 1.5 : 0),
    ]),
  )
  const sorted = [...all].sort(
    (a, b) => (rank.get(a.address) ?? 0) - (rank.get(b.address) ?? 0) || (a.name < b.name ? -1 : 1),
  )
  const state = new Map<string, 'open' | 'done'>()
  const result: Definition[] = []
  for (const first of sorted) {
    // Depth first with a stack of its own: chains of views may be long.
    const stack = [first]
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      if (state.get(top.address) === 'done') {
        stack.pop()
        continue
      }
      const missing = state.get(top.address)
        ? undefined
        : [...(needs.get(top.address) ?? [])]
            .map((address) => byAddress.get(address))
            .filter((other) => other && !state.has(other.address))
      if (missing && missing.length > 0) {
        state.set(top.address, 'open')
        stack.push(...(missing as Definition[]))
        continue
      }
      state.set(top.address, 'done')
      result.push(top)
      stack.pop()
    }
  }
  return result
}

/** All of a database as one script that makes it anew; `unwritten` are the names of what it leaves out. */
export function databaseScript(definitions: Definition[], unwritten: string[]): string {
  const head = [
    ...(unwritten.length > 0 ? ['-- Not in here; pg_dump -s writes them:'] : []),
    ...unwritten.map((name) => `--   ${name.replace(/\s+/g, ' ')}`),
    // As pg_dump does: the body of a function may name what comes after it.
    'set check_function_bodies = off;',
  ]
  return `${head.join('\n')}\n\n${scriptOf(definitions)}`
}

/** One script: the objects, then their comments, then owners and privileges. */
export function scriptOf(definitions: Definition[]): string {
  const statements = [
    ...definitions.flatMap((definition) => definition.statements),
    ...definitions.flatMap(({ comments }) => comments.map(commentStatement)),
    ...definitions.flatMap(({ grants }) => grants.map(({ statement }) => statement)),
  ]
  return statements
    .map((text) => `${text};\n`)
    .join(statements.some((text) => text.includes('\n')) ? '\n' : '')
}
