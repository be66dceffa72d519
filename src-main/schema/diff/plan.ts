import { commentStatement, type Definition, type Definitions } from '../ddl/definition.ts'
import { inOrder } from '../ddl/order.ts'
import { tableStatements, tableTail } from '../ddl/table.ts'
import { attach, isMoved } from './alterTable.ts'
import { type Choice, choose } from './choose.ts'
import { grantsOf, type Ignore } from './compare.ts'
import { remakeDependents } from './dependents.ts'
import { dropSteps } from './drop.ts'
import { leaveOut } from './leaveOut.ts'
import { asSteps, constraintsOf, type Sides, sidesOf, tableOf } from './sides.ts'
import type { Step } from './step.ts'

export interface MigrationPlan {
  steps: Step[]
  /** What no step changes, and why. */
  problems: string[]
  /** Labels that come to enums: they can be used only after a commit. */
  newLabels: string[]
}

interface Request {
  now: Definitions
  wanted: Definitions
  ignore: Ignore
  only?: ReadonlySet<string> | undefined
  withDestructive: boolean
}

// Tables and the like may still use it while they are altered: it goes last.
const goesLast =
  /^(schema|extension|collation|text search dictionary|text search configuration|operator|cast|enum|domain|composite type|range type|function|procedure|aggregate|window function|sequence|server|foreign data wrapper)$/

/**
 * The statements that make one database as another is. First goes what is in the way, dependents before what they need; then
 * everything is altered or made in the order in which it is needed; last goes what nothing needs any more.
 */
export function planMigration({ now, wanted, ignore, only, withDestructive }: Request): MigrationPlan {
  const sides = sidesOf(now, wanted, ignore)
  const choice = choose(sides, { only, withDestructive })
  remakeDependents(sides, choice)
  renameAttached(sides, choice)
  const { early, late } = drops(sides, choice)
  const made = creations(sides, choice)
  const steps = [
    ...choice.first,
    ...takenBack(sides, choice),
    ...early,
    ...made.steps,
    ...made.attaching,
    ...late,
  ]
  return {
    steps: withDestructive ? steps : leaveOut(steps, sides),
    problems: [...new Set(choice.problems)],
    newLabels: choice.newLabels,
  }
}

/** An index of a partition cannot be dropped by itself: one that has another name below the same parent is renamed. */
function renameAttached({ now, nowKeys, pairs }: Sides, choice: Choice): void {
  const addresses = partAddresses(now)
  const isDropped = (name: string) => {
    const key = nowKeys.get(addresses.get(name) ?? '') ?? ''
    return choice.gone.has(key) || choice.remade.has(key)
  }
  const placeOf = (definition: Definition | undefined) => {
    const shape = definition?.shape
    return shape?.type === 'part' && shape.attachedTo ? `${shape.table} ${shape.attachedTo}` : undefined
  }
  const goneAt = new Map<string, string>()
  for (const key of choice.gone) {
    const place = placeOf(pairs.get(key)?.now)
    if (place) goneAt.set(place, key)
  }
  for (const key of choice.made) {
    const wanted = pairs.get(key)?.wanted
    const oldKey = goneAt.get(placeOf(wanted) ?? '')
    const old = oldKey === undefined ? undefined : pairs.get(oldKey)?.now
    if (oldKey === undefined || old?.shape?.type !== 'part' || wanted?.shape?.type !== 'part') continue
    if (isDropped(old.shape.attachedTo ?? '')) continue
    choice.gone.delete(oldKey)
    choice.made.delete(key)
    const to = wanted.shape.name
    const text =
      old.kind === 'constraint'
        ? `alter table ${old.shape.table} rename constraint ${old.shape.name} to ${to}`
        : `alter index ${old.shape.qualified} rename to ${to}`
    choice.altered.set(key, [{ text, object: old.name }])
  }
}

/** The addresses of indexes, also of constraints', by their qualified names. */
function partAddresses({ all }: Definitions): Map<string, string> {
  return new Map(
    all.flatMap(({ address, shape }) =>
      shape?.type === 'part' && shape.qualified ? [[shape.qualified, address]] : [],
    ),
  )
}

/** Comments and privileges that go from what stays. */
function takenBack({ pairs, ignore }: Sides, { altered }: Choice): Step[] {
  return [...altered.keys()].flatMap((key) => {
    const { now, wanted } = pairs.get(key) ?? {}
    if (!now || !wanted) return []
    const still = new Set(wanted.comments.map(({ on }) => on))
    const silenced = ignore.has('comments')
      ? []
      : now.comments.filter(({ on }) => !still.has(on)).map(({ on }) => `${on} is null`)
    const granted = new Set(grantsOf(wanted, ignore))
    const counted = new Set(grantsOf(now, ignore))
    const revoked = now.grants
      .filter(({ statement }) => counted.has(statement) && !granted.has(statement))
      .map(({ inverse }) => inverse)
    return asSteps(now, [...silenced, ...revoked])
  })
}

function drops(sides: Sides, { gone, remade }: Choice): { early: Step[]; late: Step[] } {
  const { now, nowKeys, pairs } = sides
  const early: Step[][] = []
  const late: Step[][] = []
  const isDropped = (address: string | undefined) => {
    const key = address === undefined ? undefined : nowKeys.get(address)
    return key !== undefined && (gone.has(key) || remade.has(key))
  }
  const partNames = partAddresses(now)
  // What was detached before has its indexes for itself.
  const leaves = (table: string | undefined) => {
    const pair = pairs.get(nowKeys.get(table ?? '') ?? '')
    const [from, to] = [tableOf(pair?.now), tableOf(pair?.wanted)]
    return from !== undefined && to !== undefined && isMoved(from, to)
  }
  const isEarly = new Set<string>()
  for (const definition of inOrder(now)) {
    const { address, kind, shape, holder } = definition
    const sequence = kind === 'sequence owner' ? address.slice(0, -' owner'.length) : undefined
    // A sequence that stays would go with its table.
    const isFreed = sequence !== undefined && isDropped(holder) && !isDropped(sequence)
    if (!isDropped(address) && !isFreed) continue
    const isRemade = remade.has(nowKeys.get(address) ?? '')
    const waits =
      goesLast.test(kind) && !isRemade && ![...(now.needs.get(address) ?? [])].some((one) => isEarly.has(one))
    if (!waits) isEarly.add(address)
    const goesAlong =
      (isDropped(holder) && !isForeignKey(definition) && kind !== 'sequence owner') ||
      (shape?.type === 'part' &&
        shape.attachedTo &&
        isDropped(partNames.get(shape.attachedTo)) &&
        !leaves(holder)) ||
      isDropped(sequence)
    if (goesAlong) continue
    const steps = dropSteps(definition).map((step) => ({
      ...step,
      drops: isDropped(holder) ? holder : address,
    }))
    ;(waits ? late : early).push(steps)
  }
  return { early: early.toReversed().flat(), late: late.toReversed().flat() }
}

const isForeignKey = ({ kind, statements }: Definition) =>
  kind === 'constraint' && (statements[0] ?? '').includes(' FOREIGN KEY (')

function creations(sides: Sides, choice: Choice): { steps: Step[]; attaching: Step[] } {
  const { wanted, wantedKeys, pairs, ignore } = sides
  const { made, remade, altered } = choice
  const steps: Step[] = []
  const attaching: Step[] = []
  // Tables that become partitions at the end: what they have is attached with them.
  const joining = new Set<string>()
  const inherited = constraintsOf(wanted)
  const isNew = (key: string | undefined) => key !== undefined && (made.has(key) || remade.has(key))
  const relationKey = (name: string) => `relation ${name}`
  const addresses = partAddresses(wanted)
  const comments: Step[] = []
  for (const definition of inOrder(wanted)) {
    const key = wantedKeys.get(definition.address) ?? ''
    const holder = definition.holder === undefined ? undefined : wantedKeys.get(definition.holder)
    const now = pairs.get(key)?.now
    if (isNew(key) || (remade.has(holder ?? '') && !choice.blocked.has(holder ?? ''))) {
      steps.push(...asSteps(definition, statementsOf(definition)))
      comments.push(...asSteps(definition, beside(definition, undefined)))
    } else if (altered.has(key)) {
      steps.push(...(altered.get(key) ?? []))
      const isSwapped = choice.swapped.has(key)
      comments.push(...asSteps(definition, beside(definition, isSwapped ? undefined : now)))
      const table = tableOf(definition)
      const old = tableOf(now)
      if (table?.partitionOf && JSON.stringify(old?.partitionOf) !== JSON.stringify(table.partitionOf)) {
        if (old && isMoved(old, table)) joining.add(table.name)
        attaching.push(...attach(table, old, inherited))
      }
    }
  }
  return { steps, attaching: [...attaching, ...comments] }

  function statementsOf(definition: Definition): string[] {
    const { shape, statements } = definition
    if (
      shape?.type === 'table' &&
      shape.table.partitionOf &&
      !isNew(relationKey(shape.table.partitionOf.parent))
    ) {
      const { table } = shape
      const { parent } = shape.table.partitionOf
      joining.add(table.name)
      attaching.push(...attach(table, undefined, inherited))
      // Made as a partition it would get indexes under names that the server chooses.
      if (!table.hasParentsOrder) return tableStatements(table).slice(0, -1)
      const like = `(like ${parent} including defaults including generated including storage including compression)`
      return [
        [`create table ${table.name} ${like}`, ...tableTail(table)].join('\n'),
        ...tableStatements(table).slice(1),
      ]
    }
    if (shape?.type !== 'part') return statements
    const own = ignore.has('partitions') ? statements.map((text) => onAll(text, shape)) : statements
    const parent = wantedKeys.get(addresses.get(shape.attachedTo ?? '') ?? '')
    const comesAlong = !isNew(parent) || joining.has(shape.table)
    return shape.attachedTo !== undefined && comesAlong ? own.slice(0, -1) : own
  }

  function beside(definition: Definition, now: Definition | undefined): string[] {
    const said = new Set(now?.comments.map(commentStatement))
    const granted = new Set(now ? grantsOf(now, ignore) : [])
    const all = grantsOf(definition, ignore)
    // A privilege that was taken back may have been part of one that stays.
    const isAnyNew = now !== undefined && (all.some((one) => !granted.has(one)) || granted.size > all.length)
    return [
      ...(ignore.has('comments')
        ? []
        : definition.comments.map(commentStatement).filter((one) => !said.has(one))),
      ...(now && !isAnyNew ? [] : all),
    ]
  }
}

/** What is on a table with its partitions: those are not compared, so they have to come along by themselves. */
function onAll(statement: string, { name, table }: { name: string; table: string }): string {
  for (const [only, all] of [
    [` INDEX ${name} ON ONLY `, ` INDEX ${name} ON `],
    [`alter table only ${table} add `, `alter table ${table} add `],
  ] as const)
    if (statement.slice(0, 30 + only.length).includes(only)) return statement.replace(only, () => all)
  return statement
}
