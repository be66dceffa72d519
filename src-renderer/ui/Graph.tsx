import type { ElkNode } from 'elkjs/lib/elk-api'
import type { ReactNode } from 'react'
import { useEffect, useState } from 'react'
import { layOutGraph } from './elk.ts'
import './graph.css'

interface Props {
  label: string
  nodes: { id: string; dependsOn: string[] }[]
  width: number
  height: number
  /** Between two nodes above each other. */
  gap?: number
  renderNode: (id: string) => ReactNode
  edgeState: (from: string, to: string) => 'done' | 'live' | 'waiting' | 'open' | 'blocking'
}

interface Layout {
  width: number
  height: number
  nodes: { id: string; x: number; y: number }[]
  edges: { from: string; to: string; path: string }[]
}

/** A graph from left to right, laid out by elkjs; nodes are what the caller draws. */
export function Graph({ label, nodes, width, height, gap = 20, renderNode, edgeState }: Props) {
  const [layout, setLayout] = useState<Layout>()
  const shape = JSON.stringify(nodes)
  useEffect(() => {
    let isStale = false
    void layOut(JSON.parse(shape) as Props['nodes'], width, height, gap).then((made) => {
      if (!isStale) setLayout(made)
    })
    return () => {
      isStale = true
    }
  }, [shape, width, height, gap])
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms
    <div
      className="dag"
      role="group"
      aria-label={label}
      style={{ height: Math.min(260, Math.max(120, (layout?.height ?? 0) + 8)) }}
    >
      {layout && (
        <div style={{ position: 'relative', width: layout.width, height: layout.height }}>
          <svg className="dag__edges" width={layout.width} height={layout.height} aria-hidden="true">
            {layout.edges.map(({ from, to, path }) => (
              <path
                key={`${from} ${to}`}
                className={`dag__edge dag__edge--${edgeState(from, to)}`}
                d={path}
              />
            ))}
          </svg>
          {layout.nodes.map(({ id, x, y }) => (
            <div key={id} style={{ position: 'absolute', left: x, top: y }}>
              {renderNode(id)}
            </div>
          ))}
        </div>
      )}
    </div>
  )
}

async function layOut(nodes: Props['nodes'], width: number, height: number, gap: number): Promise<Layout> {
  const graph: ElkNode = {
    id: 'root',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': 'RIGHT',
      'elk.spacing.nodeNode': String(gap),
      'elk.spacing.componentComponent': String(gap),
      'elk.layered.spacing.nodeNodeBetweenLayers': '36',
      'elk.edgeRouting': 'ORTHOGONAL',
      'elk.padding': '[top=14,left=14,bottom=14,right=14]',
    },
    children: nodes.map(({ id }) => ({ id, width, height })),
    edges: nodes.flatMap(({ id, dependsOn }) =>
      dependsOn.map((from) => ({ id: `${from} ${id}`, sources: [from], targets: [id] })),
    ),
  }
  const made = await layOutGraph(graph)
  return {
    width: made.width ?? 0,
    height: made.height ?? 0,
    nodes: (made.children ?? []).map(({ id, x = 0, y = 0 }) => ({ id, x, y })),
    edges: (made.edges ?? []).map(({ sources, targets, sections }) => {
      const section = sections?.[0]
      const points = section ? [section.startPoint, ...(section.bendPoints ?? []), section.endPoint] : []
      return {
        from: sources[0] ?? '',
        to: targets[0] ?? '',
        path: points.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join(''),
      }
    }),
  }
}
