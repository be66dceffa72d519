import { quoteIdentifier } from '../sql.ts'
import type { Plan, PlanNode } from './explainContract.ts'

type Hint = Plan['hints'][number]
type Raw = Record<string, unknown>

const manyRows = 10_000
const farOff = 100
const manyLoops = 1000

/** What is worth a look in a plan, each with SQL to try where there is some; `raws` is what the server said of its steps. */
export function hintsOf(
  { nodes, executionMs, jitMs }: Pick<Plan, 'nodes' | 'executionMs' | 'jitMs'>,
  raws: readonly Raw[],
): Hint[] {
  const hints = nodes.flatMap((node) => rules.flatMap((rule) => rule(node, raws[node.id] ?? {}) ?? []))
  if (jitMs !== null && executionMs !== null && jitMs > executionMs / 3) {
    hints.push({
      nodeId: null,
      text: `Compiling the plan took ${Math.round(jitMs)} of ${Math.round(executionMs)} ms.`,
      sql: 'set jit = off;',
    })
  }
  return hints
}

const rules: ((node: PlanNode, raw: Raw) => Hint | undefined)[] = [
  (node, raw) => {
    const removed = Number(detail(raw, 'Rows Removed by Filter') ?? 0) * (node.loops ?? 1)
    if (!/Seq Scan/.test(node.type) || removed < manyRows || removed < 10 * (node.actualRows ?? 0))
      return undefined
    const columns = columnsOf(detail(raw, 'Filter') ?? '')
    return {
      nodeId: node.id,
      text: `Read ${count(removed + (node.actualRows ?? 0))} rows of ${relation(node)} to keep ${count(node.actualRows ?? 0)}.`,
      sql:
        columns.length > 0 ? `create index concurrently on ${quoted(node)} (${columns.join(', ')});` : null,
    }
  },
  (node, raw) => {
    if (!/Seq Scan/.test(node.type) || (node.loops ?? 0) < manyLoops) return undefined
    const columns = columnsOf(detail(raw, 'Filter') ?? '')
    return {
      nodeId: node.id,
      text: `${relation(node)} is read whole ${count(node.loops ?? 0)} times.`,
      sql:
        columns.length > 0 ? `create index concurrently on ${quoted(node)} (${columns.join(', ')});` : null,
    }
  },
  (node, raw) => {
    const isScan =
      /Scan/.test(node.type) && detail(raw, 'Function Name') === undefined && relation(node) !== ''
    if (!isScan || (node.errorFactor ?? 0) < farOff) return undefined
    return {
      nodeId: node.id,
      text: `The planner expected ${count(node.estimatedRows)} rows of ${relation(node)} and ${count(node.actualRows ?? 0)} came.`,
      sql: `analyze ${quoted(node)};`,
    }
  },
  (node, raw) => {
    if (detail(raw, 'Sort Space Type') !== 'Disk') return undefined
    return memoryHint(
      node,
      `Sorting took ${count(Number(detail(raw, 'Sort Space Used') ?? 0))} kB on disk.`,
      Number(detail(raw, 'Sort Space Used') ?? 0),
    )
  },
  (node, raw) => {
    const batches = Number(detail(raw, 'Hash Batches') ?? 1)
    if (batches <= 1) return undefined
    return memoryHint(
      node,
      `The hash table did not fit in memory: ${batches} batches.`,
      batches * Number(detail(raw, 'Peak Memory Usage') ?? 4096),
    )
  },
  (node, raw) => {
    if (Number(detail(raw, 'Lossy Heap Blocks') ?? 0) === 0) return undefined
    return memoryHint(node, 'The bitmap did not fit in memory and became lossy.', 64 * 1024)
  },
  (node) => {
    // A plan that was not run has launched none.
    if (!node.workers || node.workers.launched === null || node.workers.launched >= node.workers.planned)
      return undefined
    return {
      nodeId: node.id,
      text: `${node.workers.launched} of ${node.workers.planned} workers were free.`,
      sql: 'show max_parallel_workers;',
    }
  },
]

function memoryHint(node: PlanNode, text: string, kilobytes: number): Hint {
  const megabytes = Math.min(2048, 2 ** Math.ceil(Math.log2(Math.max(8, (kilobytes * 2.5) / 1024))))
  return { nodeId: node.id, text, sql: `set work_mem = '${megabytes}MB';` }
}

function detail(raw: Raw, name: string): string | undefined {
  const value = raw[name]
  return value === undefined || typeof value === 'string' ? value : JSON.stringify(value)
}

const relation = ({ target }: PlanNode) => target.split(' ')[0] ?? ''
const quoted = (node: PlanNode) => relation(node).split('.').map(quoteIdentifier).join('.')
const count = (value: number) => Math.round(value).toLocaleString('en-US')

/** Columns that a filter compares: `((s.status = 'x'::text) AND (s.at > now()))`. */
function columnsOf(filter: string): string[] {
  const names = [
    ...filter.matchAll(/\(?(?:"?\w+"?\.)?("[^"]+"|[a-z_]\w*)\)?(?:::\w+)? (?:=|<|>|<=|>=|~~|IS) /g),
  ]
  return [...new Set(names.map(([, name = '']) => name))].filter((name) => name !== 'NOT').slice(0, 3)
}
