import { IconSchema } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { rpc } from '../../rpc/client.ts'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { QueryPanel } from '../../ui/QueryPanel.tsx'
import type { OpenPlace, Place } from '../place.ts'
import type { TreeData } from '../treeRows.ts'
import { Diagram } from './Diagram.tsx'
import './diagram.css'

interface Props {
  tree: TreeData
  place: Place
  open: OpenPlace
}

/** Tables and foreign keys as a picture: those of a schema, or those around a table. */
export function DiagramView({ tree, place, open }: Props) {
  const tables = tree.tables.filter(({ kind }) => kind.includes('table'))
  const schema = place.schema ?? mostTablesIn(tables)
  if (schema === undefined) {
    return (
      <EmptyState icon={<IconSchema className="icon icon--18" />} title="No tables yet">
        Every table would be here with its columns, and with lines for its foreign keys.
      </EmptyState>
    )
  }
  return (
    <OfSchema
      key={JSON.stringify([schema, place.table])}
      schemas={tree.schemas.map(({ name }) => name)}
      schema={schema}
      table={place.table}
      depth={depthOf(place.depth)}
      open={open}
    />
  )
}

interface OfSchemaProps {
  schemas: string[]
  schema: string
  table: string | undefined
  depth: number
  open: OpenPlace
}

function OfSchema({ schemas, schema, table, depth, open }: OfSchemaProps) {
  const diagram = useQuery({
    ...rpc.schema.diagram.queryOptions({ input: { schema, table, depth } }),
    // The picture of another depth takes the place of this one when it is there.
    placeholderData: (before) => before,
  })
  return (
    <QueryPanel query={diagram} rows={14}>
      {(data) => <Diagram data={data} {...{ schemas, schema, table, depth, open }} />}
    </QueryPanel>
  )
}

function depthOf(text: string | undefined): number {
  const depth = Number(text)
  return Number.isInteger(depth) && depth >= 1 && depth <= 6 ? depth : 1
}

function mostTablesIn(tables: { schema: string }[]): string | undefined {
  const counts = Map.groupBy(tables, ({ schema }) => schema)
  return [...counts].toSorted(([, a], [, b]) => b.length - a.length)[0]?.[0]
}
