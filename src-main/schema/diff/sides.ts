import type { Definition, Definitions } from '../ddl/definition.ts'
import type { TableShape } from '../ddl/table.ts'
import type { Inherited } from './alterTable.ts'
import { type Ignore, keyOf, type Pair, pairsOf } from './compare.ts'

/** The database as it is and as it shall be, object by object. */
export interface Sides {
  now: Definitions
  wanted: Definitions
  ignore: Ignore
  pairs: Map<string, Pair>
  /** The key of what is at an address, on one side. */
  nowKeys: Map<string, string>
  wantedKeys: Map<string, string>
}

export function sidesOf(now: Definitions, wanted: Definitions, ignore: Ignore): Sides {
  const keys = ({ all }: Definitions) => new Map(all.map((one) => [one.address, keyOf(one)]))
  return {
    now,
    wanted,
    ignore,
    pairs: new Map(pairsOf(now, wanted).map((pair) => [pair.key, pair])),
    nowKeys: keys(now),
    wantedKeys: keys(wanted),
  }
}

export function tableOf(definition: Definition | undefined): TableShape | undefined {
  return definition?.shape?.type === 'table' ? definition.shape.table : undefined
}

/** A table that holds rows of its own: neither a view nor a foreign table. */
export function holdsRows(definition: Definition | undefined): boolean {
  const table = tableOf(definition)
  return table !== undefined && !table.view && table.kind !== 'foreign table'
}

export function asSteps({ name }: Definition, statements: string[]): { text: string; object: string }[] {
  return statements.map((text) => ({ text, object: name }))
}

/** The checks and foreign keys of a table and of what it is a partition of, at any height. */
export function constraintsOf({ all }: Definitions): (table: string) => Inherited[] {
  const byTable = new Map<string, Inherited[]>()
  const parents = new Map<string, string>()
  for (const definition of all) {
    const { shape, kind, statements } = definition
    const parent = tableOf(definition)?.partitionOf?.parent
    if (parent) parents.set(definition.name, parent)
    // Primary keys and the like are indexes: those of a partition are its own.
    if (kind !== 'constraint' || shape?.type !== 'part' || shape.qualified) continue
    const text = statements[0] ?? ''
    const at = text.indexOf(` add constraint ${shape.name} `)
    const own = byTable.get(shape.table) ?? []
    own.push({
      name: shape.name,
      definition: text.slice(at + ' add '.length),
      isCheck: text.startsWith(` add constraint ${shape.name} CHECK `, at),
    })
    byTable.set(shape.table, own)
  }
  const of = (table: string): Inherited[] => {
    const parent = parents.get(table)
    return [...(byTable.get(table) ?? []), ...(parent === undefined ? [] : of(parent))]
  }
  return of
}
