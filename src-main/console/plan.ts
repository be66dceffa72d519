import { z } from 'zod'
import { AtlasError } from '../errors.ts'
import type { Plan, PlanNode } from './explainContract.ts'
import { hintsOf } from './planHints.ts'

type Raw = Record<string, unknown>

const documentSchema = z
  .array(
    z.looseObject({
      Plan: z.looseObject({ 'Node Type': z.string() }),
      'Planning Time': z.number().optional(),
      'Execution Time': z.number().optional(),
      JIT: z.looseObject({ Timing: z.looseObject({ Total: z.number().optional() }).optional() }).optional(),
      Triggers: z
        .array(
          z.looseObject({
            'Trigger Name': z.string(),
            Time: z.number().optional(),
            Calls: z.number().optional(),
          }),
        )
        .optional(),
      Settings: z.record(z.string(), z.string()).optional(),
    }),
  )
  .min(1)

/** Reads what `explain (format json)` gives. `INPUT_INVALID` where it is something else. */
export function readPlan(document: unknown, statement: string): Plan {
  const parsed = documentSchema.safeParse(Array.isArray(document) ? document : [document])
  const [plan] = parsed.data ?? []
  if (!plan) {
    throw new AtlasError('INPUT_INVALID', 'This is no plan in JSON', {
      next: 'Take the output of explain (analyze, buffers, format json).',
    })
  }
  const { nodes, raws } = flatten(plan.Plan)
  const read: Omit<Plan, 'hints'> = {
    statement,
    isAnalyzed: plan['Execution Time'] !== undefined || number(plan.Plan['Actual Loops']) !== undefined,
    planningMs: plan['Planning Time'] ?? null,
    executionMs: plan['Execution Time'] ?? null,
    jitMs: plan.JIT?.Timing?.Total ?? null,
    triggers: (plan.Triggers ?? []).map((trigger) => ({
      name: trigger['Trigger Name'],
      ms: trigger.Time ?? 0,
      calls: trigger.Calls ?? 0,
    })),
    settings: Object.entries(plan.Settings ?? {}),
    nodes,
    json: JSON.stringify(document),
  }
  return { ...read, hints: hintsOf(read, raws) }
}

/** Depth first, as the server prints it. Without recursion: a plan may be thousands of steps deep. */
function flatten(root: Raw): { nodes: PlanNode[]; raws: Raw[] } {
  const nodes: PlanNode[] = []
  const raws: Raw[] = []
  const open: { raw: Raw; parentId: number | null; depth: number; processes: number }[] = [
    { raw: root, parentId: null, depth: 0, processes: 1 },
  ]
  for (let next = open.pop(); next; next = open.pop()) {
    const { raw, parentId, depth, processes } = next
    const id = nodes.length
    nodes.push(readNode(raw, id, parentId, depth, processes))
    raws.push(raw)
    const launched = number(raw['Workers Launched'])
    // Below a Gather a step runs in each worker and in the leader at the same time: its time is that of one of them.
    const below = launched === undefined ? processes : launched + 1
    for (const child of children(raw).reverse())
      open.push({ raw: child, parentId: id, depth: depth + 1, processes: below })
  }
  subtractChildren(nodes, raws)
  return { nodes, raws }
}

function subtractChildren(nodes: PlanNode[], raws: Raw[]): void {
  for (const node of nodes) {
    const parent = node.parentId === null ? undefined : nodes[node.parentId]
    if (!parent) continue
    if (parent.exclusiveMs !== null) parent.exclusiveMs -= node.totalMs ?? 0
    parent.exclusiveCost -= number(raws[node.id]?.['Total Cost']) ?? 0
    for (const kind of ['hit', 'read', 'written', 'temp'] as const)
      parent.blocks[kind] -= readBlocks(raws[node.id] ?? {})[kind]
    parent.ioMs -= readIo(raws[node.id] ?? {})
  }
  for (const node of nodes) {
    if (node.exclusiveMs !== null) node.exclusiveMs = Math.max(0, node.exclusiveMs)
    node.exclusiveCost = Math.max(0, node.exclusiveCost)
    node.ioMs = Math.max(0, node.ioMs)
    for (const kind of ['hit', 'read', 'written', 'temp'] as const)
      node.blocks[kind] = Math.max(0, node.blocks[kind])
  }
}

function readNode(raw: Raw, id: number, parentId: number | null, depth: number, processes: number): PlanNode {
  const loops = number(raw['Actual Loops']) ?? null
  const perLoop = number(raw['Actual Total Time'])
  const totalMs =
    perLoop === undefined || loops === null
      ? null
      : (perLoop * loops) / Math.min(processes, Math.max(1, loops))
  const rowsALoop = number(raw['Actual Rows'])
  const actualRows = rowsALoop === undefined || loops === null ? null : rowsALoop * loops
  const estimatedRows = (number(raw['Plan Rows']) ?? 0) * Math.max(1, loops ?? 1)
  return {
    id,
    parentId,
    depth,
    type: typeOf(raw),
    target: targetOf(raw),
    totalMs,
    exclusiveMs: totalMs,
    exclusiveCost: number(raw['Total Cost']) ?? 0,
    estimatedRows,
    actualRows,
    loops,
    errorFactor: actualRows === null || loops === 0 ? null : factor(estimatedRows, actualRows),
    blocks: readBlocks(raw),
    ioMs: readIo(raw),
    workers:
      raw['Workers Planned'] === undefined
        ? null
        : { planned: number(raw['Workers Planned']) ?? 0, launched: number(raw['Workers Launched']) ?? null },
  }
}

function typeOf(raw: Raw): string {
  const join = raw['Join Type'] && raw['Join Type'] !== 'Inner' ? ` ${raw['Join Type']}` : ''
  const partial = raw['Partial Mode'] && raw['Partial Mode'] !== 'Simple' ? `${raw['Partial Mode']} ` : ''
  const operation = raw.Operation ? ` (${raw.Operation})` : ''
  const parallel = raw['Parallel Aware'] ? 'Parallel ' : ''
  return `${parallel}${partial}${raw['Node Type']}${join}${operation}`
}

function targetOf(raw: Raw): string {
  const relation = [raw.Schema, raw['Relation Name']].filter(Boolean).join('.')
  const name = relation || raw['CTE Name'] || raw['Function Name'] || raw['Subplan Name'] || ''
  const alias = raw.Alias && raw.Alias !== raw['Relation Name'] ? ` ${raw.Alias}` : ''
  const index = raw['Index Name'] ? ` using ${raw['Index Name']}` : ''
  return `${name}${alias}${index}`.trim()
}

function factor(estimated: number, actual: number): number {
  const [low, high] = [Math.max(1, Math.min(estimated, actual)), Math.max(1, Math.max(estimated, actual))]
  return high / low
}

function readBlocks(raw: Raw): PlanNode['blocks'] {
  const sum = (...names: string[]) => names.reduce((total, name) => total + (number(raw[name]) ?? 0), 0)
  return {
    hit: sum('Shared Hit Blocks', 'Local Hit Blocks'),
    read: sum('Shared Read Blocks', 'Local Read Blocks'),
    written: sum('Shared Written Blocks', 'Local Written Blocks'),
    temp: sum('Temp Read Blocks', 'Temp Written Blocks'),
  }
}

function readIo(raw: Raw): number {
  const names = ['I/O Read Time', 'I/O Write Time', 'Shared I/O Read Time', 'Shared I/O Write Time']
  return [...names, 'Temp I/O Read Time', 'Temp I/O Write Time'].reduce(
    (sum, name) => sum + (number(raw[name]) ?? 0),
    0,
  )
}

function children({ Plans }: Raw): Raw[] {
  return Array.isArray(Plans)
    ? Plans.filter((plan): plan is Raw => typeof plan === 'object' && plan !== null)
    : []
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}
