import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { RelationModel } from '../../src-main/schema/contract.ts'
import type { Table } from '../../src-main/schema/table/contract.ts'
import { rpc } from '../rpc/client.ts'
import { Layer } from '../ui/Layer.tsx'
import { writeRowsQuery } from './rowsQuery.ts'

type Cells = Record<string, string | null>

/** Where the foreign keys of a row lead, and the rows that lead to it. */
export function FollowKeys({ table, values }: { table: Table; values: Cells }) {
  const { schema, name, referencedBy } = table
  const others = referencedBy.map((one) => ({ schema: one.schema, name: one.table }))
  const models = useQuery(
    rpc.schema.model.queryOptions({ input: { relations: [{ schema, name }, ...others].slice(0, 100) } }),
  )
  const [own, ...referencing] = models.data ?? []
  const leads = (own?.foreignKeys ?? []).map((key) => ({
    label: 'leads to',
    schema: key.target.schema,
    name: key.target.name,
    pairs: key.targetColumns.map((column, at) => ({ column, value: values[key.columns[at] ?? ''] ?? null })),
  }))
  const unique = new Map(referencing.map((model) => [`${model.schema}.${model.name}`, model]))
  const comes = [...unique.values()].flatMap((model) =>
    keysTo(model, schema, name).map((key) => ({
      label: 'comes from',
      schema: model.schema,
      name: model.name,
      pairs: key.columns.map((column, at) => ({
        column,
        value: values[key.targetColumns[at] ?? ''] ?? null,
      })),
    })),
  )
  const links = [...leads, ...comes].filter(({ pairs }) => pairs.every(({ value }) => value !== null))
  if (links.length === 0) return null
  return (
    <nav aria-label="Related rows">
      <p className="drawer__label">Related rows</p>
      {links.map(({ label, schema: space, name: other, pairs }) => {
        const filters = pairs.map(({ column, value }) => ({
          column,
          operator: '=' as const,
          value: value ?? '',
        }))
        return (
          <Link
            key={`${label} ${space}.${other} ${pairs.map(({ column }) => column).join()}`}
            to="/schema"
            search={{
              schema: space,
              table: other,
              tab: 'data',
              rows: writeRowsQuery({ filters, order: [] }),
            }}
            className="row row-form__link"
          >
            <span className="t3 small">{label}</span>
            <Layer schema={space} name={other} />
          </Link>
        )
      })}
    </nav>
  )
}

function keysTo(model: RelationModel, schema: string, name: string) {
  return model.foreignKeys.filter(({ target }) => target.schema === schema && target.name === name)
}
