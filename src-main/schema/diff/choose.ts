import type { Definition } from '../ddl/definition.ts'
import { alterTable, isAlterable, leaveParents } from './alterTable.ts'
import { addLabels, alterComposite, alterDomain, alterSequence, quoted } from './alterType.ts'
import { isSame, isSameObject } from './compare.ts'
import { dropSteps } from './drop.ts'
import { asSteps, constraintsOf, holdsRows, type Sides, tableOf } from './sides.ts'
import type { Step } from './step.ts'
import { swapEnum } from './swapEnum.ts'

/** What happens to each object that changes, by its key. */
export interface Choice {
  gone: Set<string>
  made: Set<string>
  /** Dropped and made again. */
  remade: Set<string>
  altered: Map<string, Step[]>
  /** Before anything is dropped: tables that leave their parents, defaults that are in the way. */
  first: Step[]
  /** Columns whose values or types change, or that go, by the key of their table. */
  touched: Map<string, string[]>
  /** Enums that another one takes the place of, with the columns of tables. */
  swapped: Set<string>
  /** Labels that come to enums: they can be used only after a commit. */
  newLabels: string[]
  /** Tables that would have to be made anew, with their rows lost, and are not. */
  blocked: Set<string>
  problems: string[]
}

interface Options {
  /** Keys of what may change; undefined for all. */
  only: ReadonlySet<string> | undefined
  withDestructive: boolean
}

/** Chooses for each difference the gentlest way: alter, else make anew. */
export function choose(sides: Sides, { only, withDestructive }: Options): Choice {
  const { pairs, ignore, nowKeys, wantedKeys } = sides
  const inherited = constraintsOf(sides.now)
  const choice: Choice = {
    gone: new Set(),
    made: new Set(),
    remade: new Set(),
    altered: new Map(),
    first: [],
    touched: new Map(),
    swapped: new Set(),
    newLabels: [],
    blocked: new Set(),
    problems: [],
  }
  for (const { key, now, wanted } of pairs.values()) {
    const holder = now?.holder ? nowKeys.get(now.holder) : wanted?.holder && wantedKeys.get(wanted.holder)
    if (only && !only.has(holder ?? key)) continue
    if (!wanted) choice.gone.add(key)
    else if (!now) choice.made.add(key)
    else if (!isSame(now, wanted, ignore)) decide(key, now, wanted)
  }
  if (!withDestructive) block(sides, choice)
  return choice

  function decide(key: string, now: Definition, wanted: Definition): void {
    const steps = isSameObject(now, wanted, ignore) ? [] : alterationOf(key, now, wanted)
    if (steps) choice.altered.set(key, steps)
    else choice.remade.add(key)
  }

  /** Whether a table is dropped, alone or with what it is a partition of. */
  function isGoing(key: string): boolean {
    const pair = pairs.get(key)
    const [from, to] = [tableOf(pair?.now), tableOf(pair?.wanted)]
    if (!withDestructive || !from || (only && !only.has(key))) return false
    return !to || !isAlterable(from, to) || isGoing(`relation ${from.partitionOf?.parent}`)
  }

  function touch(table: string, columns: string[]): void {
    choice.touched.set(table, [...(choice.touched.get(table) ?? []), ...columns])
  }

  function alterationOf(key: string, now: Definition, wanted: Definition): Step[] | undefined {
    const { name } = wanted
    const [a, b] = [now.shape, wanted.shape]
    if (a?.type === 'table' && b?.type === 'table') {
      if (!isAlterable(a.table, b.table)) return undefined
      choice.first.push(...leaveParents(a.table, b.table, inherited))
      const from = ignore.has('tablespaces') ? { ...a.table, tablespace: b.table.tablespace } : a.table
      const { steps, columns } = alterTable(from, b.table, ignore.has('partitions') ? '' : 'only ')
      if (columns.length > 0) touch(key, columns)
      return steps
    }
    if (a?.type === 'enum' && b?.type === 'enum') {
      const steps = addLabels(name, a, b)
      if (steps) {
        choice.newLabels.push(...b.labels.filter((label) => !a.labels.includes(label)))
        return steps
      }
      const gone = a.labels.filter((label) => !b.labels.includes(label)).map(quoted)
      const swap = swapEnum(wanted, gone, isGoing, sides)
      choice.problems.push(...swap.problems)
      if (swap.problems.length > 0) return []
      choice.swapped.add(key)
      for (const [table, columns] of swap.touched) touch(table, columns)
      return swap.steps
    }
    if (a?.type === 'composite' && b?.type === 'composite') return alterComposite(name, a, b)
    if (a?.type === 'domain' && b?.type === 'domain') return alterDomain(name, a, b)
    if (a?.type === 'sequence' && b?.type === 'sequence') {
      const steps: Step[] = [{ text: alterSequence(name, b.options), object: name }]
      if (a.isUnlogged !== b.isUnlogged)
        steps.push({ text: `alter sequence ${name} set ${b.isUnlogged ? 'un' : ''}logged`, object: name })
      return steps
    }
    if (a?.type === 'extension' && b?.type === 'extension')
      return [{ text: `alter extension ${name} set schema ${b.schema}`, object: name }]
    if (a?.type === 'routine' && b?.type === 'routine') {
      const isReplaceable =
        now.kind === wanted.kind && a.signature === b.signature && wanted.kind !== 'aggregate'
      return isReplaceable ? asSteps(wanted, wanted.statements) : undefined
    }
    if (b?.type === 'part' && wanted.kind === 'constraint' && isNowValid(now, wanted))
      return [
        {
          text: `alter table ${b.table} validate constraint ${b.name}`,
          object: name,
          risk: `reads all rows of ${b.table}`,
        },
      ]
    if (wanted.kind === 'settings') {
      const lost = now.statements.filter((one) => !wanted.statements.includes(one))
      return [...dropSteps({ ...now, statements: lost }), ...asSteps(wanted, wanted.statements)]
    }
    return wanted.kind === 'sequence owner' ? asSteps(wanted, wanted.statements) : undefined
  }
}

const isNowValid = (now: Definition, wanted: Definition) =>
  now.statements[0] === `${wanted.statements[0]} NOT VALID`

/** Leaves tables alone that only a drop could change, with what belongs to them and what is a part of them. */
function block({ pairs, nowKeys, wantedKeys, wanted, now }: Sides, choice: Choice): void {
  const names = new Set<string>()
  for (const key of choice.remade) {
    const pair = pairs.get(key)
    if (!holdsRows(pair?.now)) continue
    choice.blocked.add(key)
    names.add(pair?.now?.name ?? '')
    choice.problems.push(
      `${pair?.now?.name} stays as it is: what differs cannot be altered, and a new table would begin without its rows.`,
    )
  }
  // Partitions of such a table, at any depth, in the order in which the one needs the other.
  for (let size = -1; size !== names.size; ) {
    size = names.size
    for (const definition of [...now.all, ...wanted.all]) {
      const parent = tableOf(definition)?.partitionOf?.parent
      if (parent && names.has(parent)) names.add(definition.name)
    }
  }
  const isBlocked = (definition: Definition | undefined, keys: Map<string, string>) =>
    definition !== undefined &&
    ((tableOf(definition) !== undefined && names.has(definition.name)) ||
      names.has(
        pairs.get(keys.get(definition.holder ?? '') ?? '')?.[keys === nowKeys ? 'now' : 'wanted']?.name ?? '',
      ))
  for (const { key, now: old, wanted: wish } of pairs.values()) {
    if (!isBlocked(old, nowKeys) && !isBlocked(wish, wantedKeys)) continue
    for (const set of [choice.gone, choice.made, choice.remade]) set.delete(key)
    choice.altered.delete(key)
    choice.touched.delete(key)
  }
}
