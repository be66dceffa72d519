import type { Hold } from './sql.ts'
import type { Finding, Partition, PartitionedTable } from './table.contract.ts'
import { isOn, platformSchemas } from './ties.ts'
import type { Tree } from './tree.ts'

/** What is judged beside the tree itself. */
export interface Circumstances {
  now: number
  horizonMonths: number
  policy: { keep: string; keptFrom: Date; action: string } | undefined
  holds: Hold[]
  /** Keys that the statistics saw in the default partition, in milliseconds; empty where they saw none. */
  defaultTimes: number[]
}

const day = 86_400_000
const periods = {
  hour: day / 24,
  day,
  week: 7 * day,
  month: 31 * day,
  quarter: 92 * day,
  year: 366 * day,
  other: 0,
}
const bloatedRows = 10_000
const bloatedShare = 0.2
const unknownRows = 100_000

/** `9 December 2026` */
const date = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
})
const count = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

/** A tree with what its policy says of it and what somebody should look at, the most urgent first. */
export function judge(tree: Tree, circumstances: Circumstances): PartitionedTable {
  const { partitions, analyzedRows, ...table } = tree
  const { policy, holds } = circumstances
  const held = holds.filter((hold) => [table, ...partitions].some((one) => isOn(hold, one)))
  const findings = [
    ...ofTime(tree, circumstances),
    ...ofDefault(tree, circumstances.defaultTimes),
    ...ofIndexes(partitions),
    ...ofDetaching(partitions),
    ...ofStatistics(partitions, table, analyzedRows),
    ...ofRetention(partitions, policy, held),
  ]
  const order = { failed: 0, warning: 1, note: 2 }
  return {
    ...table,
    retention: policy ? { ...policy, holds: held.map(({ hold }) => hold) } : null,
    findings: findings.sort((a, b) => order[a.severity] - order[b.severity]),
  }
}

function ofTime(tree: Tree, { now, horizonMonths }: Circumstances): Finding[] {
  const ranges = tree.partitions.filter(
    ({ level, from, to }) => level === 1 && (from !== null || to !== null),
  )
  const found: Finding[] = []
  for (const { from, to } of tree.gaps) {
    found.push({
      kind: 'gap',
      severity: tree.scale === 'time' && to > now ? 'warning' : 'note',
      text: `No partition covers ${show(from, tree.scale)} to ${show(to, tree.scale)}`,
      next: 'Make a partition for it, or attach the one that was there.',
      partitions: [],
    })
  }
  const isLive = ranges.some(({ to }) => to === null || to > now)
  if (tree.scale !== 'time' || !isLive) return found
  const hasDefault = tree.partitions.some(({ level, state }) => level === 1 && state === 'default')
  if (!tree.coveredUntil) {
    const pending = ranges.find(
      ({ state, from, to }) =>
        state === 'detaching' && (from === null || from <= now) && (to === null || to > now),
    )
    found.push({
      kind: 'uncovered',
      severity: hasDefault ? 'warning' : 'failed',
      text: `No partition covers today: ${hasDefault ? 'its rows go to the default partition' : 'inserts fail'}`,
      next: pending
        ? `Finalize the detach of ${pending.name}, and attach it again or make another.`
        : 'Make the partition of today.',
      partitions: [],
    })
    return found
  }
  const horizon = new Date(now)
  horizon.setUTCMonth(horizon.getUTCMonth() + horizonMonths)
  const period = tree.step === 'other' ? Math.max(...ranges.map(lengthOf)) : periods[tree.step]
  const wanted = platformSchemas.has(tree.schema)
    ? horizon.getTime()
    : Math.min(horizon.getTime(), now + 4 * period)
  if (tree.coveredUntil.getTime() < wanted) {
    found.push({
      kind: 'ends',
      severity: 'warning',
      text: `Premade partitions end on ${date.format(tree.coveredUntil)}`,
      next: 'Make the next ones.',
      partitions: [],
    })
  }
  return found
}

const lengthOf = ({ from, to }: Partition) => (from === null || to === null ? 0 : to - from)

function show(value: number, scale: Tree['scale']): string {
  return scale === 'time' ? date.format(value) : String(value)
}

function ofDefault({ partitions, scale }: Tree, times: number[]): Finding[] {
  return partitions
    .filter(({ state, estimatedRows }) => state === 'default' && estimatedRows >= 1)
    .map(({ name, estimatedRows, level }) => {
      const [first, last] = [Math.min(...times), Math.max(...times)]
      const when =
        scale === 'time' && level === 1 && times.length > 0
          ? `, of ${date.format(first)}${date.format(first) === date.format(last) ? '' : ` to ${date.format(last)}`}`
          : ''
      return {
        kind: 'default rows',
        severity: 'warning',
        text: `About ${count.format(estimatedRows)} rows are in the default partition${when}`,
        next: 'Count them by period, and split the periods out.',
        partitions: [name],
      }
    })
}

function ofIndexes(partitions: Partition[]): Finding[] {
  const lacking = partitions.filter(({ missingIndexes }) => missingIndexes > 0)
  return about(
    lacking,
    'missing index',
    'warning',
    'lacks an index of the table',
    'lack an index of the table',
    {
      next: 'Make the index on the partition and attach it to the one of the table.',
    },
  )
}

function ofDetaching(partitions: Partition[]): Finding[] {
  const pending = partitions.filter(({ state }) => state === 'detaching')
  return about(pending, 'detach pending', 'warning', 'is half detached', 'are half detached', {
    next: 'Finalize the detach: until then no other can be detached.',
  })
}

function ofStatistics(
  partitions: Partition[],
  table: Pick<PartitionedTable, 'name' | 'estimatedRows'>,
  analyzedRows: number,
): Finding[] {
  const bloated = partitions.filter(
    ({ deadRows, estimatedRows, strategy }) =>
      strategy === null && deadRows > bloatedRows && deadRows > estimatedRows * bloatedShare,
  )
  const unknown = partitions.filter(
    ({ isNeverAnalyzed, estimatedRows }) => isNeverAnalyzed && estimatedRows >= 1,
  )
  const isBig = unknown.some(({ estimatedRows }) => estimatedRows >= unknownRows)
  const found = [
    ...about(bloated, 'bloat', 'warning', 'holds many dead rows', 'hold many dead rows', {
      next: 'Vacuum it, and look what keeps autovacuum from it.',
    }),
    ...about(
      unknown,
      'never analysed',
      isBig ? 'warning' : 'note',
      'was never analysed',
      'were never analysed',
      {
        next: 'Analyse the table.',
      },
    ),
  ]
  if (analyzedRows < 0 && table.estimatedRows >= unknownRows && unknown.length === 0) {
    found.push({
      kind: 'never analysed',
      severity: 'note',
      text: `${table.name} itself was never analysed: autovacuum analyses partitions only`,
      next: 'Analyse the table.',
      partitions: [],
    })
  }
  return found
}

function ofRetention(partitions: Partition[], policy: Circumstances['policy'], held: Hold[]): Finding[] {
  const due = partitions.filter(
    ({ state, to }) => state === 'due' && policy && to !== null && to <= policy.keptFrom.getTime(),
  )
  if (due.length === 0 || !policy) return []
  const hold = held[0] ? `; the hold “${held[0].hold}” may keep them` : ''
  return about(
    due,
    'due',
    'note',
    `is past its ${policy.keep}${hold}`,
    `are past their ${policy.keep}${hold}`,
    {
      next: 'Detach or archive what the policy no longer keeps.',
    },
  )
}

function about(
  found: Partition[],
  kind: Finding['kind'],
  severity: Finding['severity'],
  one: string,
  many: string,
  { next }: { next: string },
): Finding[] {
  if (found.length === 0) return []
  const names = found.map(({ name }) => name)
  const shown =
    names.length > 3 ? `${names.slice(0, 2).join(', ')} and ${names.length - 2} more` : names.join(', ')
  return [
    {
      kind,
      severity,
      text: `${shown} ${found.length === 1 ? one : many}`,
      next,
      partitions: names.slice(0, 10),
    },
  ]
}
