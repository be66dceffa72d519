import type { Queryable } from '../adapters/postgres.ts'
import type { ServiceOf } from '../contract.ts'
import type { JobStarter } from '../jobs/contract.ts'
import type { Partition, PartitionedTable, partitionsContract } from './contract.ts'
import { coverageOf, parseBound, stepOf } from './coverage.ts'
import { ensureAll, listLeaves, listParents } from './sql.ts'

interface Dependencies {
  db: Pick<Queryable, 'rows'>
  jobs: JobStarter
  environmentId: string
  horizonMonths: number
}

/** Partitioned tables with what covers which time, what is missing, and making it. */
export function createPartitions({
  db,
  jobs,
  environmentId,
  horizonMonths,
}: Dependencies): ServiceOf<typeof partitionsContract> {
  return {
    list: async () => {
      const [parents, leaves] = await Promise.all([db.rows(listParents()), db.rows(listLeaves())])
      const now = new Date()
      const tables = parents.map(({ oid, ...parent }): PartitionedTable => {
        const partitions = leaves
          .filter((leaf) => leaf.parent === oid)
          .map(
            ({ parent: _parent, ...leaf }): Partition => ({
              ...leaf,
              from: parseBound(leaf.bound)?.from ?? null,
              to: parseBound(leaf.bound)?.to ?? null,
              isDefault: leaf.bound === 'DEFAULT',
            }),
          )
          .sort((a, b) => (a.from?.getTime() ?? Infinity) - (b.from?.getTime() ?? Infinity))
        const sum = (value: (partition: Partition) => number) =>
          partitions.reduce((total, one) => total + value(one), 0)
        const table = {
          ...parent,
          partitions,
          step: stepOf(partitions),
          ...coverageOf(partitions, now),
          estimatedRows: sum((one) => one.estimatedRows),
          sizeBytes: sum((one) => one.sizeBytes),
          defaultRows: sum((one) => (one.isDefault ? one.estimatedRows : 0)),
        }
        return { ...table, findings: findingsOf(table, now, horizonMonths) }
      })
      return { horizonMonths, tables }
    },

    ensure: async ({ horizonMonths: months = horizonMonths }) =>
      jobs.start(
        { environmentId, title: `Make partitions for ${months} months`, link: '/partitions' },
        async () => {
          const made = await db.rows(ensureAll(months))
          const moved = made.reduce((sum, { rowsMoved }) => sum + rowsMoved, 0)
          return made.length === 0
            ? 'None was missing'
            : `${made.length} made, ${moved} rows moved out of default`
        },
      ),
  }
}

/** What somebody should look at, the most urgent first. Tables of the past (facts of closed years) need no tomorrow. */
function findingsOf(table: Omit<PartitionedTable, 'findings'>, now: Date, horizonMonths: number): string[] {
  const findings: string[] = []
  const horizon = new Date(now)
  horizon.setUTCMonth(horizon.getUTCMonth() + horizonMonths)
  const isLive = table.partitions.some(({ to }) => to !== null && to > now)
  if (table.strategy === 'range' && isLive) {
    if (!table.coveredUntil) findings.push('No partition covers today')
    else if (table.coveredUntil < horizon)
      findings.push(`Partitions end on ${table.coveredUntil.toISOString().slice(0, 10)}`)
  }
  if (table.defaultRows > 0)
    findings.push(`About ${Math.round(table.defaultRows)} rows are in the default partition`)
  const incomplete = table.partitions.filter(({ missingIndexes }) => missingIndexes > 0)
  if (incomplete.length > 0)
    findings.push(`${incomplete.map(({ name }) => name).join(', ')} lack an index of the table`)
  return findings
}
