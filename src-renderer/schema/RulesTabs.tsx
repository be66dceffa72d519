import type { Table } from '../../src-main/schema/contract.ts'
import { DataTable } from '../ui/DataTable.tsx'

const definition = {
  name: 'definition',
  label: 'Definition',
  render: ({ definition: text }: { definition: string }) => (
    <span className="mono t2" title={text}>
      {text}
    </span>
  ),
}

export function ConstraintsTab({ table }: { table: Table }) {
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
        definition,
      ]}
    />
  )
}

/** Triggers, and the policies that say who sees which rows. */
export function RulesTab({ table }: { table: Table }) {
  const rules = [
    ...table.policies.map(({ name, command, roles, using }) => ({
      name,
      kind: `policy for ${command}`,
      definition: `${roles.join(', ')}: ${using ?? ''}`,
    })),
    ...table.triggers.map((trigger) => ({ ...trigger, kind: 'trigger' })),
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
        definition,
      ]}
    />
  )
}
