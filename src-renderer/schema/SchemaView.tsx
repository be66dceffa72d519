import { IconEye, IconSchema, IconTable, IconTableShare } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import type { TableSummary } from '../../src-main/schema/contract.ts'
import { rpc } from '../rpc/client.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { FilterInput } from '../ui/FilterInput.tsx'
import { formatBytes, formatCompact, plural } from '../ui/format.ts'
import { Layer } from '../ui/Layer.tsx'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { ViewHeader } from '../ui/ViewHeader.tsx'
import { TableDetail } from './TableDetail.tsx'
import './schema.css'

const icons = {
  table: IconTable,
  'partitioned table': IconTableShare,
  view: IconEye,
  'materialized view': IconEye,
  'foreign table': IconTable,
}

/** Every schema with its tables and views; one of them in detail. */
export function SchemaView() {
  const tree = useQuery(rpc.schema.tree.queryOptions())
  const search = useSearch({ strict: false })
  const navigate = useNavigate()
  const [filter, setFilter] = useState('')
  const words = filter.toLowerCase().split(/\s+/)
  const isFound = ({ schema, name, comment }: TableSummary) => {
    const text = `${schema}.${name} ${comment ?? ''}`.toLowerCase()
    return words.every((word) => text.includes(word))
  }
  const sizeBytes = (tree.data?.tables ?? []).reduce((sum, table) => sum + table.sizeBytes, 0)

  return (
    <>
      <ViewHeader
        title="Schema"
        state={
          tree.data && (
            <>
              <span>{plural(tree.data.schemas.length, 'schema')}</span>
              <span>
                {plural(tree.data.tables.filter(({ kind }) => !kind.includes('view')).length, 'table')}
              </span>
              <span>
                {plural(tree.data.tables.filter(({ kind }) => kind.includes('view')).length, 'view')}
              </span>
              <span className="num">{formatBytes(sizeBytes)}</span>
            </>
          )
        }
      />
      <QueryPanel query={tree} rows={14}>
        {({ schemas, tables }) => (
          <div className="view-body panes" style={{ gridTemplateColumns: '300px minmax(0, 1fr)' }}>
            <section className="tree column" aria-label="Tables">
              <div className="toolbar">
                <FilterInput label="Filter by name or comment" value={filter} onChange={setFilter} />
              </div>
              <div className="scroll">
                {schemas.map((schema) => {
                  const own = tables.filter((table) => table.schema === schema.name && isFound(table))
                  if (own.length === 0) return null
                  return (
                    <div key={schema.name}>
                      <p className="tree__schema" title={schema.comment ?? undefined}>
                        <Layer schema={schema.name} />
                        <span className="tree__count num">{own.length}</span>
                      </p>
                      {own.map((table) => {
                        const Icon = icons[table.kind]
                        const isSelected = table.schema === search.schema && table.name === search.table
                        return (
                          <button
                            key={table.name}
                            type="button"
                            className={`tree__item${isSelected ? ' is-selected' : ''}`}
                            aria-current={isSelected}
                            title={table.comment ?? table.kind}
                            onClick={() =>
                              void navigate({
                                to: '/schema',
                                search: { schema: table.schema, table: table.name, tab: search.tab },
                              })
                            }
                          >
                            <Icon className="icon" />
                            <span className="mono clip">{table.name}</span>
                            <span className="tree__count num">
                              {table.partitions > 0 && `${table.partitions} parts · `}
                              {!table.kind.includes('view') && formatCompact(table.estimatedRows)}
                            </span>
                          </button>
                        )
                      })}
                    </div>
                  )
                })}
              </div>
            </section>
            {search.schema && search.table ? (
              <TableDetail
                key={`${search.schema}.${search.table}`}
                schema={search.schema}
                name={search.table}
                tab={search.tab}
              />
            ) : (
              <EmptyState icon={<IconSchema className="icon icon--18" />} title="Choose a table">
                The list on the left finds by name and comment as you type. Row counts are the planner's
                estimates: no table is counted for a look.
              </EmptyState>
            )}
          </div>
        )}
      </QueryPanel>
    </>
  )
}
