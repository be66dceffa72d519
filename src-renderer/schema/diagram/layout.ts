import { type ElkNode, layOutGraph } from '../../ui/elk.ts'
import type { Box, Point, Wire } from './geometry.ts'

export interface Layout {
  positions: Map<string, Point>
  /** Ways of wires between boxes that stand where they were put. */
  routes: Map<string, Point[]>
}

// From here on the layout saves time where nobody sees it: fewer tries to avoid crossings.
const bigFrom = 150

/**
 * Puts referenced tables to the left of those that refer to them; a wire leaves and enters at the rows of its columns. Runs
 * in a worker.
 */
export async function layOut(boxes: Box[], wires: Wire[], signal: AbortSignal): Promise<Layout> {
  // Names may hold anything: elk gets numbers.
  const number = new Map(boxes.map(({ id }, index) => [id, index]))
  const ports = new Map<string, { id: string; y: number; side: 'EAST' | 'WEST'; box: number }>()
  const portOf = (box: string, y: number, side: 'EAST' | 'WEST') => {
    const id = `${number.get(box)} ${side} ${y}`
    ports.set(id, { id, y, side, box: number.get(box) ?? 0 })
    return id
  }
  const edges = wires.map(({ id, from, to, fromY, toY }) => ({
    id,
    sources: [portOf(to, toY, 'EAST')],
    targets: [portOf(from, fromY, 'WEST')],
  }))
  const portsOf = Map.groupBy(ports.values(), ({ box }) => box)
  const graph: ElkNode = {
    id: 'root',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': 'RIGHT',
      'elk.edgeRouting': 'ORTHOGONAL',
      'elk.spacing.nodeNode': '28',
      'elk.spacing.edgeNode': '18',
      'elk.spacing.componentComponent': '36',
      'elk.layered.spacing.nodeNodeBetweenLayers': '70',
      'elk.layered.spacing.edgeNodeBetweenLayers': '28',
      'elk.aspectRatio': '1.6',
      'elk.padding': '[top=24,left=24,bottom=24,right=24]',
      ...(boxes.length > bigFrom
        ? { 'elk.layered.thoroughness': '2', 'elk.layered.nodePlacement.strategy': 'SIMPLE' }
        : { 'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX' }),
    },
    children: boxes.map(({ width, height }, index) => ({
      id: String(index),
      width,
      height,
      layoutOptions: { 'elk.portConstraints': 'FIXED_POS' },
      ports: (portsOf.get(index) ?? []).map(({ id, y, side }) => ({
        id,
        x: side === 'EAST' ? width : 0,
        y,
        width: 0,
        height: 0,
        layoutOptions: { 'elk.port.side': side },
      })),
    })),
    edges,
  }
  const made = await layOutGraph(graph, signal)
  return {
    positions: new Map(
      (made.children ?? []).map(({ id, x = 0, y = 0 }) => [boxes[Number(id)]?.id ?? '', { x, y }]),
    ),
    routes: new Map(
      (made.edges ?? []).flatMap(({ id, sections }) => {
        const section = sections?.[0]
        if (!id || !section) return []
        // From the referencing table on: the other way round than the layout runs.
        return [[id, [section.endPoint, ...(section.bendPoints ?? []).toReversed(), section.startPoint]]]
      }),
    ),
  }
}
