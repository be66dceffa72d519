import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import type { Table } from '../../src-main/schema/contract.ts'
import { rpc } from '../rpc/client.ts'
import { DataTable } from '../ui/DataTable.tsx'
import { formatBytes, formatCount, plural } from '../ui/format.ts'
import { Layer } from '../ui/Layer.tsx'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { SqlBlock } from '../ui/SqlBlock.tsx'
import { State } from '../ui/State.tsx'
import { Tabs } from '../ui/Tabs.tsx'
import { FirstRows } from './FirstRows.tsx'

const tabNames = ['columns', 'data', 'indexes', 'constraints', 'relations', 'rules', 'sql'] as const
type TabName = (typeof tabNames)[number]

interface Props {
  schema: string
  name: string
  tab: string | undefined
}

/** One table or view: columns, first rows, indexes, constraints, relations, triggers and policies. */
export function TableDetail({ schema, name, tab }: Props) {
  const table = useQuery(rpc.schema.describe.queryOptions({ input: { schema, name } }))
  const navigate = useNavigate()
  const active: TabName = tabNames.find((known) => known === tab) ?? 'columns'
  return (
    <section className="column" aria-label={name}>
      <QueryPanel query={table} rows={12}>
        {(data) => (
          <>
            <header className="column" style={{ padding: '8px 16px' }}>
              <h2 className="drawer__title">
                <Layer schema={schema} name={name} />
              </h2>
              <p className="drawer__sub num">
                {data.kind}
                {!data.kind.includes('view') && (
                  <>
                    <i className="sep" />
                    about {plural(Math.round(data.estimatedRows), 'row')}
                    <i className="sep" />
                    {formatBytes(data.sizeBytes)}
                  </>
                )}
              </p>
              {data.comment && <p className="small t2">{data.comment}</p>}
            </header>
            <Tabs
              label="Parts of the table"
              active={active}
              onChange={(next) =>
                void navigate({ to: '/schema', search: { schema, table: name, tab: next } })
              }
              tabs={[
                { name: 'columns', label: 'Columns', count: data.columnList.length },
                { name: 'data', label: 'First rows' },
                { name: 'indexes', label: 'Indexes', count: data.indexes.length },
                { name: 'constraints', label: 'Constraints', count: data.constraints.length },
                { name: 'relations', label: 'Referenced by', count: data.referencedBy.length },
                {
                  name: 'rules',
                  label: 'Triggers and policies',
                  count: data.triggers.length + data.policies.length,
                },
                ...(data.viewDefinition ? [{ name: 'sql' as const, label: 'Definition' }] : []),
              ]}
            />
            <TabBody table={data} tab={active} />
          </>
        )}
      </QueryPanel>
    </section>
  )
}

function TabBody({ table, tab }: { table: Table; tab: TabName }) {
  if (tab === 'data') return <FirstRows schema={table.schema} name={table.name} />
  if (tab === 'columns') {
    return (
      <DataTable
        label="Columns"
        rows={table.columnList}
        keyOf={({ name }) => name}
        columns={[
          {
            name: 'name',
            label: 'Column',
            width: 200,
            sortBy: ({ name }) => name,
            render: ({ name, isPrimaryKey }) => (
              <span className="mono" style={isPrimaryKey ? { fontWeight: 600 } : undefined}>
                {name}
                {isPrimaryKey && <span className="t3"> key</span>}
              </span>
            ),
          },
          {
            name: 'type',
            label: 'Type',
            width: 170,
            sortBy: ({ type }) => type,
            render: ({ type }) => <span className="mono t2">{type}</span>,
          },
          {
            name: 'null',
            label: 'Null',
            width: 64,
            render: ({ isNullable }) => (isNullable ? 'null' : <span className="t3">not null</span>),
          },
          {
            name: 'default',
            label: 'Default',
            width: 200,
            render: (column) => (
              <span className="mono t2" title={column.default ?? undefined}>
                {column.identity ? `identity ${column.identity}` : column.default}
              </span>
            ),
          },
          {
            name: 'comment',
            label: 'Comment',
            render: ({ comment }) => (
              <span className="t2" title={comment ?? undefined}>
                {comment}
              </span>
            ),
          },
        ]}
      />
    )
  }
  if (tab === 'indexes') {
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
            render: ({ isValid }) => !isValid && <State name="warning" label="invalid" />,
          },
          {
            name: 'name',
            label: 'Index',
            width: 260,
            sortBy: ({ name }) => name,
            render: ({ name }) => <span className="mono">{name}</span>,
          },
          {
            name: 'kind',
            label: 'Kind',
            width: 80,
            render: ({ isPrimary, isUnique }) => (isPrimary ? 'primary' : isUnique ? 'unique' : ''),
          },
          {
            name: 'definition',
            label: 'Definition',
            render: ({ definition }) => (
              <span className="mono t2" title={definition}>
                {definition.replace(/^CREATE (UNIQUE )?INDEX \S+ ON (ONLY )?/, '')}
              </span>
            ),
          },
          {
            name: 'scans',
            label: 'Scans',
            width: 80,
            align: 'right',
            sortBy: ({ scans }) => scans,
            render: ({ scans }) => formatCount(scans),
          },
          {
            name: 'size',
            label: 'Size',
            width: 90,
            align: 'right',
            sortBy: ({ sizeBytes }) => sizeBytes,
            render: ({ sizeBytes }) => formatBytes(sizeBytes),
          },
        ]}
      />
    )
  }
  if (tab === 'constraints') {
    return (
      <DataTable
        label="Constraints"
        rows={table.constraints}
        keyOf={({ name }) => name}
        columns={[
          {
            name: 'name',
            label: 'Constraint',
            width: 300,
            sortBy: ({ name }) => name,
            render: ({ name }) => <span className="mono">{name}</span>,
          },
          { name: 'kind', label: 'Kind', width: 110, sortBy: ({ kind }) => kind, render: ({ kind }) => kind },
          {
            name: 'definition',
            label: 'Definition',
            render: ({ definition }) => (
              <span className="mono t2" title={definition}>
                {definition}
              </span>
            ),
          },
        ]}
      />
    )
  }
  if (tab === 'relations') {
    return (
      <DataTable
        label="Referenced by"
        rows={table.referencedBy}
        keyOf={({ schema, table: other, name }) => `${schema}.${other}.${name}`}
        columns={[
          {
            name: 'table',
            label: 'Table',
            width: 300,
            render: ({ schema, table: other }) => (
              <Link to="/schema" search={{ schema, table: other }}>
                <Layer schema={schema} name={other} />
              </Link>
            ),
          },
          {
            name: 'name',
            label: 'Foreign key',
            width: 280,
            render: ({ name }) => <span className="mono">{name}</span>,
          },
          {
            name: 'definition',
            label: 'Definition',
            render: ({ definition }) => (
              <span className="mono t2" title={definition}>
                {definition}
              </span>
            ),
          },
        ]}
      />
    )
  }
  if (tab === 'sql') {
    return (
      <div className="scroll" style={{ padding: 12 }}>
        <SqlBlock text={table.viewDefinition ?? ''} />
      </div>
    )
  }
  const rules = [
    ...table.policies.map(({ name, command, roles, using }) => ({
      name,
      kind: `policy for ${command}`,
      text: `${roles.join(', ')}: ${using ?? ''}`,
    })),
    ...table.triggers.map(({ name, definition }) => ({ name, kind: 'trigger', text: definition })),
  ]
  return (
    <DataTable
      label="Triggers and policies"
      rows={rules}
      keyOf={({ name, kind }) => `${kind} ${name}`}
      columns={[
        {
          name: 'name',
          label: 'Name',
          width: 240,
          render: ({ name }) => <span className="mono">{name}</span>,
        },
        { name: 'kind', label: 'Kind', width: 140, render: ({ kind }) => kind },
        {
          name: 'text',
          label: 'Definition',
          render: ({ text }) => (
            <span className="mono t2" title={text}>
              {text}
            </span>
          ),
        },
      ]}
    />
  )
}
