import { parseBlocks, parseStatements } from '../sqlParse.ts'

/** What a statement does to data that cannot be undone by another. */
export interface Danger {
  kind: 'delete' | 'update' | 'drop' | 'truncate' | 'opaque'
  /** `deletes every row`. */
  what: string
  /** What it is done to, each as the parts of its name; nothing where that cannot be read. */
  objects: { type: string; name: string[] }[]
  isCascade: boolean
}

type Node = Record<string, unknown>

/**
 * What should be confirmed where data matters: `DROP`, `TRUNCATE`, and `UPDATE` or `DELETE` without a condition, in CTEs,
 * behind `EXPLAIN ANALYZE` and `PREPARE` and in the statements of `DO` blocks too. Read from PostgreSQL's own parse
 * tree. What only defines (functions, rules, an `EXPLAIN` that does not run) is none. A text that the parser does not
 * take has none: the server does not run it either.
 */
export async function dangersOf(text: string): Promise<Danger[]> {
  const statements = await parseStatements(text).catch(() => [])
  const dangers: Danger[] = []
  for (const { kind, node } of statements) await visit(kind, node, dangers)
  return dangers
}

const definitions = new Set([
  'CreateFunctionStmt',
  'RuleStmt',
  'CreatePolicyStmt',
  'ViewStmt',
  'CreateTrigStmt',
])
const dropping = new Set(['AT_DropColumn', 'AT_DropConstraint'])

const visitors: Record<string, (node: Node) => Danger | undefined> = {
  DeleteStmt: (node) =>
    hasCondition(node) ? undefined : danger('delete', 'deletes every row', [target(node)]),
  UpdateStmt: (node) =>
    hasCondition(node) ? undefined : danger('update', 'updates every row', [target(node)]),
  TruncateStmt: (node) =>
    danger(
      'truncate',
      'empties tables',
      list(node.relations).map(rangeName),
      node.behavior === 'DROP_CASCADE',
    ),
  DropStmt: (node) => {
    const type = String(node.removeType ?? '')
      .replace('OBJECT_', '')
      .replaceAll('_', ' ')
      .toLowerCase()
    const objects = list(node.objects).map((object) => ({ type, name: nameOf(object) }))
    return danger(
      'drop',
      `drops ${objects.length === 1 ? `a ${type}` : 'objects'}`,
      objects,
      node.behavior === 'DROP_CASCADE',
    )
  },
  DropdbStmt: ({ dbname }) =>
    danger('drop', 'drops a database', [{ type: 'database', name: [String(dbname)] }]),
  DropRoleStmt: ({ roles }) =>
    danger(
      'drop',
      'drops roles',
      list(roles).map((role) => ({ type: 'role', name: nameOf(role) })),
    ),
  DropOwnedStmt: ({ roles, behavior }) =>
    danger(
      'drop',
      'drops all that a role owns',
      list(roles).map((role) => ({ type: 'role', name: nameOf(role) })),
      behavior === 'DROP_CASCADE',
    ),
  DropTableSpaceStmt: ({ tablespacename }) =>
    danger('drop', 'drops a tablespace', [{ type: 'tablespace', name: [String(tablespacename)] }]),
  DropSubscriptionStmt: ({ subname }) =>
    danger('drop', 'drops a subscription', [{ type: 'subscription', name: [String(subname)] }]),
  AlterTableStmt: (node) => {
    const commands = list(node.cmds).map((command) => command.AlterTableCmd as Node)
    const dropped = commands.find(({ subtype }) => dropping.has(String(subtype)))
    if (!dropped) return undefined
    const what = dropped.subtype === 'AT_DropColumn' ? 'drops a column' : 'drops a constraint'
    return danger('drop', what, [target(node)], dropped.behavior === 'DROP_CASCADE')
  },
}

async function visit(kind: string, node: Node, dangers: Danger[]): Promise<void> {
  if (definitions.has(kind)) return
  if (kind === 'ExplainStmt' && !isAnalyze(node)) return
  if (kind === 'DoStmt') return visitBlock(node, dangers)
  const found = visitors[kind]?.(node)
  if (found) dangers.push(found)
  for (const value of Object.values(node)) await visitValue(value, dangers)
}

async function visitValue(value: unknown, dangers: Danger[]): Promise<void> {
  if (Array.isArray(value)) for (const item of value) await visitValue(item, dangers)
  else if (isNode(value))
    for (const [kind, node] of Object.entries(value))
      if (isNode(node)) await visit(kind, node, dangers)
      else await visitValue(node, dangers)
}

/** The statements in the body of a `DO` block, as PL/pgSQL's own parser finds them. */
async function visitBlock(node: Node, dangers: Danger[]): Promise<void> {
  const options = list(node.args).map(({ DefElem }) => DefElem as Node)
  const argument = (name: string) =>
    ((options.find(({ defname }) => defname === name)?.arg as Node)?.String as Node)?.sval as
      | string
      | undefined
  const language = argument('language') ?? 'plpgsql'
  const blocks =
    language === 'plpgsql' ? await parseBlocks(argument('as') ?? '').catch(() => undefined) : undefined
  if (!blocks) {
    dangers.push(danger('opaque', 'runs a block that cannot be read beforehand', []))
    return
  }
  for (const text of blocks.statements) dangers.push(...(await dangersOf(text)))
  if (blocks.isDynamic) dangers.push(danger('opaque', 'runs text that is made while it runs', []))
}

function danger(kind: Danger['kind'], what: string, objects: Danger['objects'], isCascade = false): Danger {
  return { kind, what, objects, isCascade }
}

/** A condition of constants alone, such as `where true` or `where 1 = 1`, is none. */
function hasCondition({ whereClause }: Node): boolean {
  return (
    isNode(whereClause) &&
    /"(?:ColumnRef|ParamRef|CurrentOfExpr|FuncCall|SubLink)"/.test(JSON.stringify(whereClause))
  )
}

function isAnalyze({ options }: Node): boolean {
  return list(options).some(({ DefElem }) => {
    const { defname, arg } = DefElem as Node
    const value = Object.values((arg as Node) ?? {})[0] as Node | undefined
    const written = String(value?.sval ?? value?.ival ?? value?.boolval ?? 'true')
    return defname === 'analyze' && !['false', 'off', '0', '[object Object]'].includes(written)
  })
}

function target({ relation }: Node) {
  return { type: 'table', name: relationName(relation) }
}

function rangeName({ RangeVar }: Node) {
  return { type: 'table', name: relationName(RangeVar) }
}

function relationName(relation: unknown): string[] {
  const { schemaname, relname } = (relation ?? {}) as Node
  return [schemaname, relname].filter((part): part is string => typeof part === 'string')
}

/** The parts of a name, wherever the parse tree keeps them for this kind of object. */
function nameOf(node: Node): string[] {
  const { List, String: text, RoleSpec, TypeName, ObjectWithArgs } = node as Record<string, Node | undefined>
  if (text) return [String(text.sval)]
  if (RoleSpec) return [String(RoleSpec.rolename ?? 'current_user')]
  return list(List?.items ?? TypeName?.names ?? ObjectWithArgs?.objname).flatMap(nameOf)
}

function list(value: unknown): Node[] {
  return Array.isArray(value) ? value : []
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
