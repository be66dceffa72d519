import type { Definition } from '../ddl/definition.ts'
import { isRoutine } from '../ddl/definitions.ts'
import type { Step } from './step.ts'

/** What removes an object; nothing where it goes with another one. */
export function dropSteps(definition: Definition): Step[] {
  const { kind, name, shape } = definition
  const step = (text: string, destroys?: string): Step[] => [{ text, object: name, destroys }]
  if (shape?.type === 'part') return dropPart(definition, shape)
  if (shape?.type === 'table') {
    const { view, kind: relation } = shape.table
    if (view || relation === 'foreign table') return step(`drop ${relation} ${name}`)
    return step(`drop table ${name}`, `the table ${name} with its rows`)
  }
  if (isRoutine(kind)) return step(`drop ${kind === 'window function' ? 'function' : kind} ${name}`)
  if (kind === 'domain') return step(`drop domain ${name}`)
  if (/type$|^enum$/.test(kind)) return step(`drop type ${name}`)
  // The sequence of a serial column goes with its column.
  if (kind === 'sequence')
    return step(`drop sequence if exists ${name}`, `the sequence ${name} with its place`)
  if (kind === 'sequence owner') return step(`alter sequence if exists ${name} owned by none`)
  if (kind === 'settings') return definition.statements.flatMap((statement) => undo(definition, statement))
  if (kind === 'default privileges')
    return definition.statements.flatMap((statement) =>
      statement.split(';\n').map((one) => ({ text: inverted(one), object: name })),
    )
  return step(`drop ${kind} ${name}`)
}

function dropPart(
  { kind, name }: Definition,
  { name: own, table, qualified }: Extract<Definition['shape'], { type: 'part' }>,
): Step[] {
  const text =
    kind === 'constraint'
      ? `alter table ${table} drop constraint ${own}`
      : kind === 'index' || kind === 'statistics'
        ? `drop ${kind} ${qualified}`
        : `drop ${kind} ${own} on ${table}`
  return [{ text, object: name }]
}

/** The opposite of a setting that follows a table. */
function undo({ name }: Definition, statement: string): Step[] {
  const opposites: [RegExp, string][] = [
    [/ enable row level security$/, 'disable row level security'],
    [/ force row level security$/, 'no force row level security'],
    [/ replica identity /, 'replica identity default'],
    [/ cluster on /, 'set without cluster'],
  ]
  const rest = statement.slice(`alter table only ${name}`.length)
  const opposite = opposites.find(([pattern]) => pattern.test(rest))?.[1]
  return opposite ? [{ text: `alter table ${name} ${opposite}`, object: name }] : []
}

/** `alter default privileges … grant … to x` the other way round. */
function inverted(statement: string): string {
  const found = / (grant|revoke) ([A-Z]+ on (?:tables|sequences|functions|types|schemas)) (?:to|from) /.exec(
    statement,
  )
  if (!found) return statement
  const [whole, act, what] = found
  const rest = statement.slice(found.index + whole.length).replace(/ with grant option$/, '')
  return `${statement.slice(0, found.index)} ${act === 'grant' ? `revoke ${what} from` : `grant ${what} to`} ${rest}`
}
