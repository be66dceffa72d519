import { useQuery } from '@tanstack/react-query'
import { rpc } from '../rpc/client.ts'
import { formatBytes, plural } from '../ui/format.ts'
import { Layer } from '../ui/Layer.tsx'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { Tabs } from '../ui/Tabs.tsx'
import { Definition } from './Definition.tsx'
import { usePlace } from './place.ts'
import { UpkeepTable } from './UpkeepTable.tsx'

const tabNames = ['tables', 'sql'] as const

/** One schema: what its tables take and when they were looked after, and how it was made. */
export function SchemaDetail({ name, tab }: { name: string; tab: string | undefined }) {
  const tables = useQuery(rpc.schema.listTables.queryOptions({ input: { schema: name } }))
  const { open } = usePlace()
  const active = tabNames.find((known) => known === tab) ?? 'tables'
  const sizeBytes = tables.data?.reduce((sum, one) => sum + one.tableBytes + one.indexBytes, 0)
  return (
    <section className="column" aria-label={name}>
      <header className="column detail__head">
        <h2 className="drawer__title">
          <Layer schema={name} />
        </h2>
        <p className="drawer__sub num">
          schema
          {tables.data && sizeBytes !== undefined && (
            <>
              <i className="sep" />
              {plural(tables.data.length, 'table')}
              <i className="sep" />
              {formatBytes(sizeBytes)}
            </>
          )}
        </p>
      </header>
      <Tabs
        label="Parts of the schema"
        active={active}
        onChange={(next) => open({ kind: 'schema', name, tab: next })}
        tabs={[
          { name: 'tables', label: 'Tables' },
          { name: 'sql', label: 'DDL' },
        ]}
      />
      {active === 'sql' ? (
        <Definition kind="schema" schema={null} name={name} signature="" />
      ) : (
        <QueryPanel query={tables} rows={12}>
          {(rows) => <UpkeepTable rows={rows} onOpen={(table) => open({ schema: name, table })} />}
        </QueryPanel>
      )}
    </section>
  )
}
