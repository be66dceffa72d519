import { z } from 'zod'
import type { Queryable } from '../adapters/postgres.ts'
import { identifier, query, type Sql, sql } from '../sql.ts'
import type { BoundInput } from './action.contract.ts'
import { named, periodEnds, zoneAndTaken } from './actionSql.ts'
import { createNamer, unused } from './naming.ts'
import type { Period } from './planPeriods.ts'
import type { Parent } from './subjects.ts'
import type { PartitionedTable } from './table.contract.ts'
import type { Tree } from './tree.ts'

type Db = Pick<Queryable, 'rows' | 'row'>
type Step = PartitionedTable['step']

const hour = 3_600_000
const intervals: Record<Exclude<Step, 'other'>, string> = {
  hour: '1 hour',
  day: '1 day',
  week: '7 days',
  month: '1 month',
  quarter: '3 months',
  year: '1 year',
}
const lengths = {
  hour,
  day: 24 * hour,
  week: 168 * hour,
  month: 720 * hour,
  quarter: 2160 * hour,
  year: 8760 * hour,
}
const mostPeriods = 100_000
const mostFilled = 400

/** The last partition of a row of ranges that has both ends. */
const lastOf = ({ partitions }: Tree) =>
  partitions.findLast(
    (one): one is typeof one & { from: number; to: number } =>
      one.level === 1 && one.from !== null && one.to !== null,
  )

/** The zone whose midnights a table's bounds are: UTC, or else the server's. */
function zoneOf(from: number, step: Step, keyType: string, serverZone: string): string {
  const isUtc =
    !keyType.includes('with time zone') || step === 'hour' || step === 'other' || from % (24 * hour) === 0
  return isUtc ? 'UTC' : serverZone
}

/**
 * The next `count` periods of a table, each as long as its last partition, named as it is named. Where the last one ended
 * in the past, they begin with the one that covers `now`. A text says why there are none.
 */
export async function nextPeriods(
  db: Db,
  parent: Parent,
  tree: Tree,
  count: number,
  now: number,
): Promise<Period[] | string> {
  const last = lastOf(tree)
  if (parent.strategy !== 'range')
    return `${parent.name} is partitioned by ${parent.strategy}: there is no next partition.`
  if (!last || !parent.keyType)
    return `${parent.name} has no partition with two ends, over one column, to continue.`
  if (
    tree.partitions.some(
      ({ level, to, from, state }) => level === 1 && to === null && from !== null && state !== 'default',
    )
  )
    return `The last partition of ${parent.name} has no end: nothing can come after it.`
  const known = await db.row(zoneAndTaken(parent))
  const taken = known?.taken ?? []
  if (tree.scale === 'number') {
    const used = new Set(taken)
    const width = last.to - last.from
    return Array.from({ length: count }, (_, index) => {
      const from = last.to + index * width
      const wanted = last.name.includes(String(last.from))
        ? last.name.replace(String(last.from), String(from))
        : `${parent.name}_${from}`
      return { name: unused(wanted, used), from: String(from), to: String(from + width) }
    })
  }
  if (tree.scale !== 'time') return `The bounds of ${parent.name} are neither times nor numbers.`
  const zone = zoneOf(last.from, tree.step, parent.keyType, known?.zone ?? 'UTC')
  const length = tree.step === 'other' ? last.to - last.from : lengths[tree.step]
  const behind = Math.max(0, Math.ceil((now - last.to) / length) + 1)
  if (behind + count > mostPeriods)
    return `The last partition of ${parent.name} ended too long ago to continue from it.`
  const interval = tree.step === 'other' ? `${length} milliseconds` : intervals[tree.step]
  const starts = [
    { from: last.from, count: 0 },
    { from: last.to, count: behind + count },
  ]
  const [start, ...ends] = await db.rows(periodEnds(starts, interval, parent.keyType, zone))
  if (['day', 'week', 'month', 'quarter', 'year'].includes(tree.step) && !start?.local.endsWith('00:00:00'))
    return `The partitions of ${parent.name} begin at no midnight, neither of UTC nor of ${zone}.`
  const name = createNamer(parent.name, tree.step, start && { name: last.name, local: start.local }, taken)
  const periods = ends.slice(0, -1).map((from, index) => ({ from, to: ends[index + 1] ?? from }))
  const isAhead = ({ to }: { to: { text: string } }) => last.to > now || Date.parse(readable(to.text)) > now
  return periods
    .filter(isAhead)
    .slice(0, count)
    .map(({ from, to }) => ({ name: name(from.local), from: from.text, to: to.text }))
}

/**
 * What no partition covers between the first and the last, in periods as long as the last partition; the last of a gap ends
 * where the gap does. A text says why there are none.
 */
export async function missingPeriods(db: Db, parent: Parent, tree: Tree): Promise<Period[] | string> {
  const last = lastOf(tree)
  if (tree.gaps.length === 0)
    return `Nothing is missing between the first and the last partition of ${parent.name}.`
  if (!last || !parent.keyType) return `${parent.name} has no partition with two ends, over one column.`
  const known = await db.row(zoneAndTaken(parent))
  const taken = known?.taken ?? []
  const length = tree.scale === 'number' || tree.step === 'other' ? last.to - last.from : lengths[tree.step]
  const missing = tree.gaps.reduce((sum, { from, to }) => sum + Math.ceil((to - from) / length), 0)
  if (missing > mostFilled)
    return `${missing} periods of ${parent.name} are missing: more than ${mostFilled} are not made in one go.`
  if (tree.scale === 'number') {
    const used = new Set(taken)
    return tree.gaps.flatMap((gap) =>
      Array.from({ length: Math.ceil((gap.to - gap.from) / length) }, (_, index) => {
        const from = gap.from + index * length
        return {
          name: unused(`${parent.name}_${from}`, used),
          from: String(from),
          to: String(Math.min(gap.to, from + length)),
        }
      }),
    )
  }
  const zone = zoneOf(last.from, tree.step, parent.keyType, known?.zone ?? 'UTC')
  const interval = tree.step === 'other' ? `${length} milliseconds` : intervals[tree.step]
  const starts = [
    { from: last.from, count: 0 },
    ...tree.gaps.flatMap(({ from, to }) => [
      { from, count: Math.ceil((to - from) / length) + 1 },
      { from: to, count: 0 },
    ]),
  ]
  const [start, ...ends] = await db.rows(periodEnds(starts, interval, parent.keyType, zone))
  const name = createNamer(parent.name, tree.step, start && { name: last.name, local: start.local }, taken)
  const byPlace = Map.groupBy(ends, ({ place }) => place)
  return tree.gaps.flatMap((gap, index) => {
    // Places count from 1, and the first is that of the last partition.
    const [own = [], [stop] = []] = [byPlace.get(2 * index + 2), byPlace.get(2 * index + 3)]
    const inside = own.filter(({ text }) => Date.parse(readable(text)) < gap.to)
    return inside.map(({ text, local }, at) => ({
      name: name(local),
      from: text,
      to: inside[at + 1]?.text ?? stop?.text ?? text,
    }))
  })
}

/** What PostgreSQL wrote, as JavaScript reads it: without a zone it is UTC. */
function readable(text: string): string {
  const [day, time] = text.replace(/\.\d+/, '').split(' ')
  return time ? `${day}T${time.replace(/\+00$/, '')}Z` : `${day}T00:00:00Z`
}

export interface DefaultGroup {
  label: string
  rows: number
  split: { name: string; bound: BoundInput } | null
}

/** Reads the default partition: its rows by the period or value that a partition is missing for, the most first. */
export async function groupDefault(db: Db, parent: Parent, tree: Tree): Promise<DefaultGroup[]> {
  const spare = parent.defaultPartition
  const [column, ...others] = parent.keyColumns
  if (!spare || !column || others.length > 0 || !parent.keyType) return []
  const key = identifier(column)
  const known = await db.row(zoneAndTaken(parent))
  const last = lastOf(tree)
  const isTime = /^(date|timestamp)/.test(parent.keyType)
  if (parent.strategy === 'list' || !(isTime || (tree.scale === 'number' && last))) {
    const groups = await db.rows(grouped(named(spare), sql`${key}::text`, sql`null::text`))
    const used = new Set(known?.taken)
    return groups.map(({ from, rows }) => ({
      label: from ?? 'null',
      rows,
      split:
        from === null || parent.strategy !== 'list'
          ? null
          : { name: unused(`${parent.name}_${from}`, used), bound: { kind: 'list', values: [from] } },
    }))
  }
  if (!isTime && last) {
    const width = last.to - last.from
    const start = sql`(floor((${key} - ${last.from}::numeric) / ${width}::numeric) * ${width}::numeric + ${last.from}::numeric)::numeric`
    const groups = await db.rows(
      grouped(named(spare), sql`${start}::text`, sql`(${start} + ${width}::numeric)::text`),
    )
    const used = new Set(known?.taken)
    return groups.map(({ from, to, rows }) => ({
      label: from === null ? 'null' : `${from} to ${to}`,
      rows,
      split:
        from === null || to === null
          ? null
          : { name: unused(`${parent.name}_${from}`, used), bound: { kind: 'range', from, to } },
    }))
  }
  const step = tree.step === 'other' ? 'day' : tree.step
  const zone = last ? zoneOf(last.from, step, parent.keyType, known?.zone ?? 'UTC') : 'UTC'
  const isZoned = parent.keyType.includes('with time zone')
  const local = isZoned ? sql`(${key} at time zone ${zone})` : sql`${key}::timestamp`
  const start = sql`date_trunc(${step}, ${local})`
  const stop = sql`(${start} + ${intervals[step]}::interval)`
  const write = (time: Sql) =>
    parent.keyType === 'date'
      ? sql`${time}::date::text`
      : isZoned
        ? sql`to_char(${time} at time zone ${zone} at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') || '+00'`
        : sql`to_char(${time}, 'YYYY-MM-DD HH24:MI:SS')`
  const begun =
    last && (await db.row(periodEnds([{ from: last.from, count: 0 }], intervals[step], parent.keyType, zone)))
  const name = createNamer(
    parent.name,
    step,
    last && begun ? { name: last.name, local: begun.local } : undefined,
    known?.taken ?? [],
  )
  const groups = await db.rows(
    grouped(named(spare), write(start), write(stop), sql`to_char(${start}, 'YYYY-MM-DD HH24:MI:SS')`),
  )
  return groups.map(({ from, to, local: begins, rows }) => ({
    label:
      from === null
        ? 'null'
        : `${from.slice(0, step === 'hour' ? 13 : 10)} to ${to?.slice(0, step === 'hour' ? 13 : 10)}`,
    rows,
    split:
      from === null || to === null
        ? null
        : { name: name(begins ?? from), bound: { kind: 'range', from, to } },
  }))
}

const grouped = (table: Sql, from: Sql, to: Sql, local: Sql = sql`null::text`) =>
  query(
    z.object({
      from: z.string().nullable(),
      to: z.string().nullable(),
      local: z.string().nullable(),
      rows: z.number(),
    }),
    sql`select g.from, g.to, g.local, count(*) as rows
        from (select ${from} as "from", ${to} as "to", ${local} as local from only ${table}) g
        group by 1, 2, 3
        order by 4 desc, 1
        limit 1000`,
  )
