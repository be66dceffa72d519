import { useState } from 'react'
import type { Table, Trigger } from '../../src-main/schema/table/contract.ts'
import { DataTable } from '../ui/DataTable.tsx'
import { State } from '../ui/State.tsx'
import { TriggerDialog } from './TriggerDialog.tsx'

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

type Rule = { name: string; kind: string; definition: string; state?: Trigger['state'] }

/** Triggers, which can be turned on and off, and the policies that say who sees which rows. */
export function RulesTab({ table }: { table: Table }) {
  const [switching, setSwitching] = useState<Trigger>()
  const rules: Rule[] = [
    ...table.policies.map(({ name, command, roles, using }) => ({
      name,
      kind: `policy for ${command}`,
      definition: `${roles.join(', ')}: ${using ?? ''}`,
    })),
    ...table.triggers.map((trigger) => ({ ...trigger, kind: 'trigger' })),
  ]
  return (
    <>
      <DataTable
        label="Triggers and policies"
        rows={rules}
        keyOf={({ name, kind }) => `${kind} ${name}`}
        columns={[
          {
            name: 'name',
            label: 'Name',
            width: 240,
            sortBy: ({ name }) => name,
            render: ({ name }) => <span className="mono">{name}</span>,
          },
          { name: 'kind', label: 'Kind', width: 140, sortBy: ({ kind }) => kind, render: ({ kind }) => kind },
          {
            name: 'state',
            label: 'State',
            width: 176,
            render: (rule) => {
              const trigger = table.triggers.find((one) => rule.state && one.name === rule.name)
              return (
                trigger && (
                  <span className="cell">
                    <State
                      name={trigger.state === 'disabled' ? 'cancelled' : 'succeeded'}
                      label={trigger.state}
                    />
                    <span className="grow">{words[trigger.state]}</span>
                    <button type="button" className="link small" onClick={() => setSwitching(trigger)}>
                      {trigger.state === 'disabled' ? 'Enable…' : 'Disable…'}
                    </button>
                  </span>
                )
              )
            },
          },
          definition,
        ]}
      />
      {switching && (
        <TriggerDialog table={table} trigger={switching} onClose={() => setSwitching(undefined)} />
      )}
    </>
  )
}

const words: Record<Trigger['state'], string> = {
  enabled: 'on',
  disabled: 'off',
  replica: 'on a replica only',
  always: 'always on',
}
