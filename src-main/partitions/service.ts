import type { z } from 'zod'
import type { Database } from '../adapters/postgres.ts'
import type { ServiceOf } from '../contract.ts'
import { AtlasError } from '../errors.ts'
import type { JobStarter } from '../jobs/contract.ts'
import { listCandidates } from './actionSql.ts'
import { planAction } from './actions.ts'
import { readBound } from './bounds.ts'
import type { partitionsContract } from './contract.ts'
import { countExactly, describePartition, describeTies, keyColumn } from './detailSql.ts'
import { judge } from './health.ts'
import { listMembers } from './members.ts'
import { groupDefault } from './periods.ts'
import { show } from './plan.ts'
import { prune } from './pruning.ts'
import { runPlan } from './run.ts'
import { ensureAll, sampledKeys, serverVersion } from './sql.ts'
import { findParent } from './subjects.ts'
import type { PartitionedTable, Relation } from './table.contract.ts'
import { policyOf, readRules } from './ties.ts'
import { growTrees, type Tree } from './tree.ts'

interface Dependencies {
  db: Pick<Database, 'rows' | 'row' | 'session' | 'interruptible' | 'transaction'>
  jobs: JobStarter
  environmentId: string
  horizonMonths: number
}

const gone = ({ schema, name }: Relation) =>
  new AtlasError('NOT_FOUND', 'There is no such partition', {
    object: `${schema}.${name}`,
    next: 'Read the partitions again: somebody may have changed them.',
  })

type Sampled = z.infer<ReturnType<typeof sampledKeys>['row']>

const keysOf = (sampled: Sampled[], { schema, name }: Relation, column: string | null) =>
  sampled.find((one) => one.schema === schema && one.name === name && one.column === column)?.keys ?? []

/** Partitioned tables of any kind: what covers what, what is missing or will be, and changing it. */
export function createPartitions({
  db,
  jobs,
  environmentId,
  horizonMonths,
}: Dependencies): ServiceOf<typeof partitionsContract> {
  /** Seven catalogue queries at most, however many tables and partitions there are. */
  async function read(of?: Relation): Promise<{ table: PartitionedTable; tree: Tree }[]> {
    const [members, rules] = await Promise.all([listMembers(db, of), readRules(db)])
    const now = Date.now()
    const trees = growTrees(members, rules.policies, now)
    const columns = new Map(members.tables.map(({ id, keyColumn }) => [id, keyColumn]))
    const spares = trees.flatMap(({ id, scale, partitions }) =>
      partitions.flatMap(({ schema, name, level, state, estimatedRows }) => {
        const column = columns.get(id)
        const isSpare = scale === 'time' && level === 1 && state === 'default' && estimatedRows >= 1
        return isSpare && column ? [{ schema, name, column }] : []
      }),
    )
    const sampled = spares.length > 0 ? await db.rows(sampledKeys(spares)) : []
    return trees.map((tree) => {
      const { partitions } = tree
      const spare = partitions.find(({ level, state }) => level === 1 && state === 'default')
      const defaultTimes = (spare ? keysOf(sampled, spare, columns.get(tree.id) ?? null) : []).flatMap(
        (key) => readBound(`FOR VALUES FROM ('${key}') TO (MAXVALUE)`).from ?? [],
      )
      return {
        tree,
        table: judge(tree, {
          now,
          horizonMonths,
          policy: policyOf(rules, tree),
          holds: rules.holds,
          defaultTimes,
        }),
      }
    })
  }

  /** Three catalogue queries: no plan tells what is due from what is cold, so that no policy is asked. */
  async function growTree(of: Relation): Promise<Tree> {
    const [tree] = growTrees(await listMembers(db, of), [], Date.now())
    if (tree) return tree
    throw new AtlasError('NOT_FOUND', 'There is no such partitioned table', {
      object: `${of.schema}.${of.name}`,
      saved: 'Nothing was changed.',
      next: 'Choose the table itself: a partition that is partitioned is continued in the console.',
    })
  }

  async function describeKnown(partition: Relation) {
    const known = await db.row(describePartition(partition))
    if (known) return known
    throw gone(partition)
  }

  return {
    check: async () => {
      const tables = (await read()).map(({ table }) => table)
      const isHealthy = tables.every(({ findings }) => findings.every(({ severity }) => severity === 'note'))
      return { horizonMonths, tables, isHealthy }
    },

    list: async (of) => {
      const named =
        of?.schema !== undefined && of.name !== undefined ? { schema: of.schema, name: of.name } : undefined
      const found = await read(named)
      return {
        horizonMonths,
        tables: found.map(({ table, tree }) => ({ ...table, partitions: tree.partitions })),
      }
    },

    describe: async (partition) => {
      const { id, ...known } = await describeKnown(partition)
      const [ties, key] = await Promise.all([db.row(describeTies(id)), db.row(keyColumn(id))])
      if (!ties) throw gone(partition)
      const column = key?.name ?? null
      const sampled = column === null ? [] : await db.rows(sampledKeys([{ ...partition, column }]))
      const sorted = keysOf(sampled, partition, column).toSorted((a, b) =>
        a.localeCompare(b, 'en', { numeric: true }),
      )
      return { ...known, ...ties, oldestKey: sorted[0] ?? null, newestKey: sorted.at(-1) ?? null }
    },

    count: async (partition) => {
      const { id } = await describeKnown(partition)
      const key = await db.row(keyColumn(id))
      const begun = performance.now()
      const counted = await db.row(countExactly(partition, key?.name ?? null))
      if (!counted) throw new Error('Nothing was counted')
      return { ...counted, durationMs: performance.now() - begun }
    },

    countDefault: async (table) => groupDefault(db, await findParent(db, table), await growTree(table)),

    listCandidates: async (table) => db.rows(listCandidates(table)),

    plan: async ({ action }) => show(await planAction(db, action, growTree)),

    apply: async ({ action, confirm }) => {
      const plan = await planAction(db, action, growTree)
      const { schema, name } = 'table' in action ? action.table : action.partition
      const object = `${schema}.${name}`
      if (plan.refusal)
        throw new AtlasError('CONFLICT', plan.refusal.reason, {
          object,
          saved: 'Nothing was changed.',
          next: plan.refusal.instead,
        })
      if (plan.confirm !== null && confirm !== plan.confirm)
        throw new AtlasError('CONFIRMATION_NEEDED', `${plan.title} needs its name repeated`, {
          object,
          saved: 'Nothing was changed.',
          next: `Confirm with ${plan.confirm}.`,
        })
      return jobs.start(
        { environmentId, title: plan.title.replace(/\?$/, ''), link: '/partitions', isCancellable: true },
        (job) => runPlan(db, plan, job),
      )
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

    prune: async ({ statement }) => {
      const [members, server] = await Promise.all([listMembers(db), db.row(serverVersion())])
      return prune(db, statement, server?.number ?? 0, members)
    },
  }
}
