import type { Difference } from '../../src-main/migrations/report.contract.ts'
import { DataTable } from '../ui/DataTable.tsx'
import { State } from '../ui/State.tsx'

/** What differs between two schemas, object by object. */
export function Differences({ differences, label }: { differences: readonly Difference[]; label: string }) {
  return (
    <DataTable
      label={label}
      rows={differences.map((one, index) => ({ ...one, key: String(index) }))}
      keyOf={({ key }) => key}
      columns={[
        {
          name: 'change',
          label: label,
          width: 180,
          sortBy: ({ change }) => change,
          render: ({ change, kind }) => (
            <span className="cell">
              <State name={change === 'missing' ? 'failed' : 'warning'} label={change} />
              {change} {kind}
            </span>
          ),
        },
        {
          name: 'object',
          label: 'Object',
          sortBy: ({ object }) => object,
          render: ({ object }) => (
            <span className="mono clip" title={object}>
              {object}
            </span>
          ),
        },
        {
          name: 'expected',
          label: 'Should be',
          render: ({ expected }) => (
            <span className="mono clip" title={expected ?? ''}>
              {expected}
            </span>
          ),
        },
        {
          name: 'found',
          label: 'Is',
          render: ({ found }) => (
            <span className="mono clip" title={found ?? ''}>
              {found}
            </span>
          ),
        },
      ]}
    />
  )
}
