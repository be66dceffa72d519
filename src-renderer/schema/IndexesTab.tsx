import type { Table } from '../../src-main/schema/table/contract.ts'
import { bytesColumn, countColumn } from '../ui/columns.tsx'
import { DataTable } from '../ui/DataTable.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { State } from '../ui/State.tsx'
import { ObjectIcon } from './ObjectIcon.tsx'

type Index = Table['indexes'][number]

/** What is wrong with an index, the worst first. */
function findingOf({ isValid, duplicateOf, isUnused }: Index): string | undefined {
  if (!isValid) return 'invalid: a build failed or is under way'
  if (duplicateOf) return `says what ${duplicateOf} says`
  return isUnused ? 'never used' : undefined
}

/** The indexes with size and use; those that nobody needs are marked. */
export function IndexesTab({ table }: { table: Table }) {
  if (table.indexes.length === 0) {
    return (
      <EmptyState icon={<ObjectIcon kind="index" />} title="No index">
        Every look for a row reads the whole table.
      </EmptyState>
    )
  }
  return (
    <DataTable
      label="Indexes"
      rows={table.indexes}
      keyOf={({ name }) => name}
      columns={[
        {
          name: 'valid',
          label: '',
          width: 34,
          render: (index) => {
            const finding = findingOf(index)
            return finding && <State name={index.isValid ? 'warning' : 'failed'} label={finding} />
          },
        },
        {
          name: 'name',
          label: 'Index',
          width: 240,
          sortBy: ({ name }) => name,
          render: ({ name }) => (
            <span className="mono" title={name}>
              {name}
            </span>
          ),
        },
        {
          name: 'kind',
          label: 'Kind',
          width: 70,
          render: ({ isPrimary, isUnique }) => (isPrimary ? 'primary' : isUnique ? 'unique' : ''),
        },
        {
          name: 'definition',
          label: 'Definition',
          render: ({ definition }) => (
            <span className="mono t2" title={definition}>
              {definition.replace(/^CREATE (UNIQUE )?INDEX .+? ON (ONLY )?/, '')}
            </span>
          ),
        },
        {
          name: 'finding',
          label: 'Finding',
          width: 190,
          render: (index) => (
            <span className="t-warn" title={findingOf(index)}>
              {findingOf(index)}
            </span>
          ),
        },
        countColumn('scans', 'Scans', ({ scans }: Index) => scans, 80),
        bytesColumn('size', 'Size', ({ sizeBytes }: Index) => sizeBytes),
      ]}
    />
  )
}
