import { identifier, sql } from '../sql.ts'
import type { Plan } from './action.contract.ts'
import { named } from './actionSql.ts'
import { boundInputOf } from './bounds.ts'
import {
  type ActionPlan,
  alone,
  counted,
  fact,
  inTransaction,
  type PlannedTransaction,
  refuse,
  step,
} from './plan.ts'
import { count, enter, type Leaving } from './planManifest.ts'
import type { Member } from './subjects.ts'
import type { Relation } from './table.contract.ts'
import type { Ties } from './ties.ts'

interface Detach {
  isConcurrent: boolean
  toSchema?: string | undefined
}

/** A partition as its detach needs to know it. */
export type Leaver = Pick<
  Member,
  'schema' | 'name' | 'bound' | 'parent' | 'root' | 'isDetaching' | 'hasDefault' | 'pendingSibling'
>

export function planDetach(member: Member, detach: Detach, ties: Ties): ActionPlan {
  const { name, parent } = member
  const title = `Detach ${name}`
  const facts = factsOf(member, ties)
  const refusal = whyNot(member, ties)
  if (refusal) return refuse(title, facts, refusal.reason, refusal.instead)
  if (detach.isConcurrent && member.hasDefault)
    return refuse(
      title,
      facts,
      `PostgreSQL detaches concurrently only where no default partition stands, and ${parent.name} has one.`,
      'Detach plainly: the lock on the table is held for milliseconds, and given up after 2 s of waiting.',
    )
  const { toSchema = member.schema } = detach
  return {
    title,
    facts: [...facts, fact('Undo', 'Attach it again with its bound.')],
    transactions: detachment(member, detach, ties),
    isDestructive: false,
    refusal: null,
    confirm: null,
    undo: attachAgain(member, { schema: toSchema, name }),
    button: `Detach ${name}`,
    outcome: () =>
      `${name} detached; it stays as a table${toSchema === member.schema ? '' : ` in ${toSchema}`}`,
  }
}

/** The transactions in which a partition leaves its table, and is entered in the manifest of the platform. */
export function detachment(
  member: Leaver,
  { isConcurrent, toSchema }: Detach,
  ties: Ties,
): PlannedTransaction[] {
  const { name, parent, hasDefault } = member
  const leaving = ties.leaving && {
    ...ties.leaving,
    partition: { schema: toSchema ?? member.schema, name },
  }
  const to = sql`alter table ${named(parent)} detach partition ${named(member)}`
  if (isConcurrent)
    return [
      alone(
        step(
          sql`${to} concurrently`,
          'share update exclusive',
          parent,
          'waits for every transaction that reads the table; nobody waits for it. Interrupted, it stays half done until it is finalized',
        ),
      ),
      ...(toSchema === undefined ? [] : [inTransaction([move(member, toSchema)])]),
      ...entered(leaving),
    ]
  return [
    inTransaction([
      step(
        to,
        'access exclusive',
        parent,
        hasDefault
          ? 'not concurrently: PostgreSQL refuses that while a default partition exists'
          : 'for milliseconds',
      ),
      ...(toSchema === undefined ? [] : [move(member, toSchema)]),
      ...(leaving ? [enter(leaving, 'detached')] : []),
    ]),
    ...(leaving ? [inTransaction([count(leaving)])] : []),
  ]
}

const move = (member: Relation, schema: string) =>
  step(sql`alter table ${named(member)} set schema ${identifier(schema)}`, 'access exclusive', member)

/** Undefined bounds are those of several columns, or with a null: they are attached in the console. */
function attachAgain({ parent, bound }: Member, partition: Relation): Plan['undo'] {
  const input = boundInputOf(bound)
  return input ? { kind: 'attach', table: parent, partition, bound: input } : null
}

/** What cannot be entered in the transaction of a concurrent detach is entered right after it. */
const entered = (leaving: Leaving | undefined) =>
  leaving ? [inTransaction([enter(leaving, 'detached'), count(leaving)])] : []

export function planFinalize(member: Member, { leaving }: Ties): ActionPlan {
  const title = `Finalize the detach of ${member.name}`
  if (!member.isDetaching)
    return refuse(title, [], `No detach of ${member.name} is pending.`, 'Detach it, if it shall go.')
  return {
    title,
    facts: [
      fact('Since', 'a concurrent detach was interrupted'),
      fact('Undo', 'Attach it again with its bound.'),
    ],
    transactions: [
      alone(
        step(
          sql`alter table ${named(member.parent)} detach partition ${named(member)} finalize`,
          'share update exclusive',
          member.parent,
          'waits for transactions that still see the partition',
        ),
      ),
      ...entered(leaving),
    ],
    isDestructive: false,
    refusal: null,
    confirm: null,
    undo: attachAgain(member, { schema: member.schema, name: member.name }),
    button: 'Finalize',
    outcome: () => `${member.name} detached; it stays as a table`,
  }
}

export function planDrop(member: Member, ties: Ties): ActionPlan {
  const { name } = member
  const title = `Drop ${name}?`
  const facts = [...factsOf(member, ties), fact('Undo', 'None after the commit.', true)]
  const refusal = whyNot(member, ties)
  if (refusal) return refuse(title, facts, refusal.reason, refusal.instead)
  if (member.dependents.length > 0)
    return refuse(
      title,
      facts,
      `${member.dependents.join(', ')} ${member.dependents.length === 1 ? 'reads' : 'read'} this partition by name.`,
      'Drop or change what depends on it first.',
    )
  const rows = `about ${counted(member.estimatedRows)} rows`
  return {
    title,
    facts,
    transactions: [dropping(member, ties)],
    isDestructive: true,
    refusal: null,
    confirm: name,
    undo: null,
    button: `Drop ${rows}`,
    outcome: () => `${name} dropped with ${rows}`,
  }
}

/** The transaction in which a partition leaves its table and is gone. */
export function dropping(member: Pick<Leaver, 'schema' | 'name' | 'parent'>, { leaving }: Ties) {
  const { parent } = member
  return inTransaction([
    step(
      sql`alter table ${named(parent)} detach partition ${named(member)}`,
      'access exclusive',
      parent,
      'for milliseconds',
    ),
    step(sql`drop table ${named(member)}`, 'access exclusive', member),
    ...(leaving ? [enter(leaving, 'dropped')] : []),
  ])
}

function factsOf(
  { estimatedRows, sizeBytes, indexes, dependents, readers, isReferenced }: Member,
  ties: Ties,
) {
  const { hold, keptUntil } = ties
  const isEarly = keptUntil !== undefined && keptUntil.getTime() > Date.now()
  return [
    fact('Rows', `about ${counted(estimatedRows)} and ${counted(indexes)} indexes, ${megabytes(sizeBytes)}`),
    ...(hold === undefined ? [] : [fact('Legal hold', hold, true)]),
    ...(keptUntil === undefined
      ? []
      : [
          fact(
            'Retention',
            isEarly ? `to be kept until ${keptUntil.toISOString().slice(0, 10)}` : 'past its time',
            isEarly,
          ),
        ]),
    fact('Depends on it', dependents.length === 0 ? 'nothing' : dependents.join(', '), dependents.length > 0),
    ...(isReferenced
      ? [fact('Referenced', 'foreign keys point at it: PostgreSQL refuses while rows are referenced', true)]
      : []),
    fact(
      'Running now',
      readers === 0
        ? 'nobody uses it'
        : `${counted(readers)} ${readers === 1 ? 'session uses' : 'sessions use'} it; the lock waits for at most 2 s`,
      readers > 0,
    ),
  ]
}

function megabytes(bytes: number): string {
  return bytes < 1024 ** 2 ? `${Math.round(bytes / 1024)} kB` : `${(bytes / 1024 ** 2).toFixed(1)} MB`
}

/** Why a partition has to stay for now, and what can be done instead. */
export function whyNot(
  { name, isDetaching, pendingSibling }: Leaver,
  { hold, isAuditLog }: Ties,
): Plan['refusal'] {
  if (hold !== undefined)
    return {
      reason: `The legal hold “${hold}” keeps it.`,
      instead: 'Release the hold first, with whoever placed it.',
    }
  if (isAuditLog)
    return {
      reason: 'The audit log only loses partitions to the archive, with the end of their chain on record.',
      instead: "Let retention do it: select * from archive.detach_expired_partitions('compliance.audit_log')",
    }
  const pending = isDetaching ? name : pendingSibling
  if (pending === null) return null
  return {
    reason: `The detach of ${pending} is half done.`,
    instead: `Finalize the detach of ${pending} first.`,
  }
}
