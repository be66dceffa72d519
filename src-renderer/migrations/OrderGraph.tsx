import { useQuery } from '@tanstack/react-query'
import type { Migration } from '../../src-main/migrations/state.contract.ts'
import { rpc } from '../rpc/client.ts'
import { Graph } from '../ui/Graph.tsx'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { State } from '../ui/State.tsx'
import { fileNameOf, marks, stateWords, useSource } from './source.ts'

interface Props {
  migrations: readonly Migration[]
  selected: Migration | undefined
  onSelect: (version: string) => void
}

const nodeSize = { width: 206, height: 44 }

/** Which migration stands on which: an arrow from the one that makes a table to the one that needs it. */
export function OrderGraph({ migrations, selected, onSelect }: Props) {
  const order = useQuery(rpc.migrations.order.queryOptions({ input: useSource() }))
  const byVersion = new Map(migrations.map((one) => [one.version, one]))
  return (
    <QueryPanel query={order} rows={3}>
      {(nodes) => (
        <div className="mig__order">
          <Graph
            label="Order of the migrations"
            nodes={nodes.map(({ version, dependsOn }) => ({ id: version, dependsOn }))}
            {...nodeSize}
            edgeState={(_from, to) => (byVersion.get(to)?.appliedAt ? 'done' : 'waiting')}
            renderNode={(version) => {
              const migration = byVersion.get(version)
              if (!migration) return null
              return (
                <button
                  type="button"
                  className={`mig__node${version === selected?.version ? ' is-selected' : ''}`}
                  style={nodeSize}
                  aria-pressed={version === selected?.version}
                  onClick={() => onSelect(version)}
                >
                  <State name={marks[migration.state]} label={migration.state} />
                  <span className="grow" style={{ minWidth: 0, textAlign: 'left' }}>
                    <span className="mono clip" style={{ display: 'block' }}>
                      {fileNameOf(migration)}
                    </span>
                    <span className="t3 small">{stateWords[migration.state]}</span>
                  </span>
                </button>
              )
            }}
          />
        </div>
      )}
    </QueryPanel>
  )
}
