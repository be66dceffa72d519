import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Action, BoundInput, PartitionedTable, Relation } from '../../src-main/partitions/contract.ts'
import { rpc } from '../rpc/client.ts'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { ActionDialog } from './ActionDialog.tsx'
import { keyOf } from './layout.ts'

export type Wanted = Action | { kind: 'attach table'; table: PartitionedTable }

interface Props {
  wanted: Wanted
  onChange: (wanted: Wanted) => void
  onClose: () => void
}

/** The dialog of what the user wants to do, with what has still to be said. */
export function PartitionDialog({ wanted, onChange, onClose }: Props) {
  if (wanted.kind === 'attach table') return <AttachDialog table={wanted.table} onClose={onClose} />
  if (wanted.kind === 'ensure') return <EnsureDialog table={wanted.table} onClose={onClose} />
  const instead =
    wanted.kind === 'drop'
      ? {
          label: 'Detach and keep it instead',
          run: () => onChange({ kind: 'detach', partition: wanted.partition, isConcurrent: false }),
        }
      : wanted.kind === 'detach' && wanted.isConcurrent
        ? { label: 'Detach plainly instead', run: () => onChange({ ...wanted, isConcurrent: false }) }
        : undefined
  const { name } = 'table' in wanted ? wanted.table : wanted.partition
  return (
    <ActionDialog
      key={JSON.stringify(wanted)}
      action={wanted}
      title={name}
      onInstead={instead}
      onClose={onClose}
    />
  )
}

function EnsureDialog({ table, onClose }: { table: Relation; onClose: () => void }) {
  const [count, setCount] = useState(3)
  return (
    <ActionDialog
      action={{ kind: 'ensure', table, count: Math.max(1, Math.min(400, count || 1)) }}
      title={`Make the next partitions of ${table.name}`}
      onClose={onClose}
    >
      <label className="plan-field">
        <span>How many</span>
        <span className="input input--sm">
          <input
            type="number"
            min={1}
            max={400}
            value={count}
            onChange={(event) => setCount(Number(event.target.value))}
          />
        </span>
      </label>
    </ActionDialog>
  )
}

function AttachDialog({ table, onClose }: { table: PartitionedTable; onClose: () => void }) {
  const { schema, name, strategy } = table
  const candidates = useQuery(rpc.partitions.listCandidates.queryOptions({ input: { schema, name } }))
  const [chosen, setChosen] = useState('')
  const [first, setFirst] = useState('')
  const [second, setSecond] = useState('')
  const [isDefault, setDefault] = useState(false)
  const partition = candidates.data?.find((one) => keyOf(one) === chosen)
  const bound = isDefault ? ({ kind: 'default' } as const) : readBound(strategy, first, second)
  const labels = {
    range: ['From (included)', 'To (not included)'],
    list: ['Values, separated by commas', undefined],
    hash: ['Modulus', 'Remainder'],
  }[strategy]
  return (
    <ActionDialog
      action={
        partition && bound
          ? {
              kind: 'attach',
              table: { schema, name },
              partition: { schema: partition.schema, name: partition.name },
              bound,
            }
          : undefined
      }
      title={`Attach a table to ${name}`}
      onClose={onClose}
    >
      {candidates.error && <ErrorNotice error={candidates.error} />}
      {candidates.data?.length === 0 && (
        <p className="t2">
          No table has just the columns of {name}. Make one:{' '}
          <span className="mono">create table … (like {name} including all)</span>
        </p>
      )}
      <label className="plan-field">
        <span>Table</span>
        <select
          className="input input--sm"
          value={chosen}
          onChange={(event) => setChosen(event.target.value)}
        >
          <option value="">Choose…</option>
          {candidates.data?.map((one) => (
            <option key={keyOf(one)} value={keyOf(one)}>
              {keyOf(one)}
            </option>
          ))}
        </select>
      </label>
      {!isDefault && (
        <>
          <TextField label={labels[0] ?? ''} value={first} onChange={setFirst} />
          {labels[1] && <TextField label={labels[1]} value={second} onChange={setSecond} />}
        </>
      )}
      {strategy !== 'hash' && (
        <label className="plan-field plan-field--check">
          <input type="checkbox" checked={isDefault} onChange={(event) => setDefault(event.target.checked)} />
          <span>As the default partition</span>
        </label>
      )}
    </ActionDialog>
  )
}

function TextField({
  label,
  value,
  onChange,
}: {
  label: string
  value: string
  onChange: (value: string) => void
}) {
  return (
    <label className="plan-field">
      <span>{label}</span>
      <span className="input input--sm">
        <input type="text" value={value} onChange={(event) => onChange(event.target.value)} />
      </span>
    </label>
  )
}

function readBound(
  strategy: PartitionedTable['strategy'],
  first: string,
  second: string,
): BoundInput | undefined {
  if (strategy === 'list') {
    const values = first.split(',').map((value) => value.trim())
    return values.every(Boolean) ? { kind: 'list', values } : undefined
  }
  if (!first.trim() || !second.trim()) return undefined
  if (strategy === 'range') return { kind: 'range', from: first.trim(), to: second.trim() }
  const [modulus, remainder] = [Number(first), Number(second)]
  return modulus > 0 && Number.isInteger(modulus) && Number.isInteger(remainder) && remainder >= 0
    ? { kind: 'hash', modulus, remainder }
    : undefined
}
