import type { TableShape } from '../ddl/table.ts'
import { alterColumns, type Touched } from './alterColumn.ts'
import type { Step } from './step.ts'

/** Whether a table can be altered into another one: else it is made anew. */
export function isAlterable(now: TableShape, wanted: TableShape): boolean {
  const fixed = ({ kind, partitionKey, server, view, columns }: TableShape) =>
    JSON.stringify([
      kind,
      partitionKey,
      server,
      view,
      kind === 'foreign table' && columns.map(({ name, foreignOptions }) => [name, foreignOptions]),
    ])
  return !now.view && !wanted.view && fixed(now) === fixed(wanted)
}

/** Another table is its parent, or none: a new bound alone is no move. */
export const isMoved = (now: TableShape, wanted: TableShape): boolean =>
  now.partitionOf?.parent !== wanted.partitionOf?.parent

/** What takes a table from parents that it shall no longer have, with the constraints that it had from them. */
export function leaveParents(
  now: TableShape,
  wanted: TableShape,
  constraintsOf: (table: string) => Inherited[],
): Step[] {
  const { partitionOf: from, name } = now
  const left = now.inherits.filter((parent) => !wanted.inherits.includes(parent))
  const parents = from && isMoved(now, wanted) ? [...left, from.parent] : left
  return [
    ...left.map((parent) => `alter table ${name} no inherit ${parent}`),
    ...(from && isMoved(now, wanted) ? [`alter table ${from.parent} detach partition ${name}`] : []),
    ...parents
      .flatMap(constraintsOf)
      .map(({ name: constraint }) => `alter table ${name} drop constraint if exists ${constraint}`),
  ].map((text) => ({ text, object: name }))
}

/** A constraint that a partition or a child has from its parent. */
export interface Inherited {
  name: string
  /** `alter table … add constraint …` up to the table, and from the name on. */
  definition: string
  isCheck: boolean
}

/** What makes a table a partition, or gives it another bound, once all else is as it shall be. */
export function attach(
  { name, partitionOf }: TableShape,
  now: TableShape | undefined,
  constraintsOf: (table: string) => Inherited[],
): Step[] {
  if (!partitionOf) return []
  const { parent, bound } = partitionOf
  const isStaying = now?.partitionOf?.parent === parent
  const inherited = isStaying ? [] : constraintsOf(parent)
  const own = constraintsOf(name).slice(0, -inherited.length || undefined)
  const isMissing = ({ name: constraint, isCheck }: Inherited) =>
    isCheck && !own.some((one) => one.name === constraint)
  return [
    ...(isStaying ? [`alter table ${parent} detach partition ${name}`] : []),
    ...inherited.filter(isMissing).map(({ definition }) => `alter table ${name} add ${definition}`),
    `alter table ${parent} attach partition ${name} ${bound}`,
  ].map((text) => ({
    text,
    object: name,
    risk: text.includes(' attach partition ')
      ? 'its rows are read: all must lie within the bounds'
      : undefined,
  }))
}

/** What alters a table into another one; `only` keeps a change from partitions that are compared themselves. */
export function alterTable(now: TableShape, wanted: TableShape, only: string): Touched {
  const { name } = wanted
  const alter = (what: string): Step => ({ text: `alter table ${name} ${what}`, object: name })
  const { steps, columns } = alterColumns({ now, wanted, only })
  if (now.isUnlogged !== wanted.isUnlogged)
    steps.push({
      ...alter(`set ${wanted.isUnlogged ? 'unlogged' : 'logged'}`),
      risk: `writes all rows of ${name} anew`,
    })
  const gone = namesOf(now.options).filter((option) => !namesOf(wanted.options).includes(option))
  if (gone.length > 0) steps.push(alter(`reset (${gone.join(', ')})`))
  const set = wanted.options.filter((option) => !now.options.includes(option))
  if (set.length > 0) steps.push(alter(`set (${set.join(', ')})`))
  if (now.accessMethod !== wanted.accessMethod)
    steps.push(alter(`set access method ${wanted.accessMethod ?? 'heap'}`))
  if (now.tablespace !== wanted.tablespace)
    steps.push(alter(`set tablespace ${wanted.tablespace ?? 'pg_default'}`))
  if (now.ofType !== wanted.ofType) steps.push(alter(wanted.ofType ? `of ${wanted.ofType}` : 'not of'))
  for (const parent of wanted.inherits)
    if (!now.inherits.includes(parent)) steps.push(alter(`inherit ${parent}`))
  return { steps, columns }
}

const namesOf = (options: string[]) => options.map((option) => option.split('=')[0])
