import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Action, BoundInput, Plan } from '../../src-main/partitions/action.contract.ts'
import type { PartitionedTable, Relation } from '../../src-main/partitions/table.contract.ts'
import { rpc } from '../rpc/client.ts'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { ActionDialog } from './ActionDialog.tsx'
import { BoundFields, TextField } from './BoundFields.tsx'
import { CreateDialog } from './CreateDialog.tsx'
import { keyOf } from './layout.ts'

/** A table, or a partition that is partitioned itself. */
type Parent = Pick<PartitionedTable, 'schema' | 'name' | 'strategy'>

export type Wanted =
  | Action
  | { kind: 'attach table'; table: PartitionedTable }
  | { kind: 'make one'; table: Parent }
  | { kind: 'retain some'; table: PartitionedTable }
  | { kind: 'move'; partition: Relation }

interface Props {
  wanted: Wanted
  onChange: (wanted: Wanted) => void
  onClose: () => void
  onStarted: (jobId: string, undo: Plan['undo']) => void
}

type DialogOf<Table> = { table: Table } & Pick<Props, 'onClose' | 'onStarted'>

/** The dialog of what the user wants to do, with what has still to be said. */
export function PartitionDialog({ wanted, onChange, ...dialog }: Props) {
  if (wanted.kind === 'attach table') return <AttachDialog table={wanted.table} {...dialog} />
  if (wanted.kind === 'make one') return <CreateDialog table={wanted.table} {...dialog} />
  if (wanted.kind === 'retain some') return <RetainDialog table={wanted.table} {...dialog} />
  if (wanted.kind === 'move') return <MoveDialog table={wanted.partition} {...dialog} />
  if (wanted.kind === 'ensure') return <EnsureDialog table={wanted.table} {...dialog} />
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
    <ActionDialog key={JSON.stringify(wanted)} action={wanted} title={name} onInstead={instead} {...dialog} />
  )
}

function EnsureDialog({ table, ...dialog }: DialogOf<Relation>) {
  const [count, setCount] = useState(3)
  return (
    <ActionDialog
      action={{ kind: 'ensure', table, count: Math.max(1, Math.min(400, count || 1)) }}
      title={`Make the next partitions of ${table.name}`}
      {...dialog}
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

function RetainDialog({ table, ...dialog }: DialogOf<PartitionedTable>) {
  const { schema, name, retention } = table
  const [before, setBefore] = useState((retention?.keptFrom ?? new Date()).toISOString().slice(0, 10))
  const [toSchema, setSchema] = useState('')
  const [isDropped, setDropped] = useState(false)
  return (
    <ActionDialog
      action={
        before
          ? {
              kind: 'retain',
              table: { schema, name },
              before,
              ...(isDropped ? { isDropped } : toSchema.trim() && { toSchema: toSchema.trim() }),
            }
          : undefined
      }
      title={`${isDropped ? 'Drop' : 'Detach'} what is old of ${name}`}
      onInstead={isDropped ? { label: 'Keep as tables instead', run: () => setDropped(false) } : undefined}
      {...dialog}
    >
      <p className="t2">
        At most 200 partitions leave in a run, the oldest first, each in a transaction of its own. What a
        legal hold keeps stays.
      </p>
      <TextField label="Ended before" type="date" value={before} onChange={setBefore} />
      <label className="plan-field">
        <span>What leaves</span>
        <select
          className="input input--sm"
          value={isDropped ? 'drop' : 'keep'}
          onChange={(event) => setDropped(event.target.value === 'drop')}
        >
          <option value="keep">is kept as tables</option>
          <option value="drop">is dropped with its rows</option>
        </select>
      </label>
      {!isDropped && <TextField label="Move to schema (optional)" value={toSchema} onChange={setSchema} />}
    </ActionDialog>
  )
}

function MoveDialog({ table, ...dialog }: DialogOf<Relation>) {
  const [toSchema, setSchema] = useState('archive')
  return (
    <ActionDialog
      action={
        toSchema.trim()
          ? { kind: 'detach', partition: table, isConcurrent: false, toSchema: toSchema.trim() }
          : undefined
      }
      title={`Move ${table.name} to another schema`}
      {...dialog}
    >
      <TextField label="Schema" value={toSchema} onChange={setSchema} />
    </ActionDialog>
  )
}

function AttachDialog({ table, ...dialog }: DialogOf<PartitionedTable>) {
  const { schema, name, strategy } = table
  const candidates = useQuery(rpc.partitions.listCandidates.queryOptions({ input: { schema, name } }))
  const [chosen, setChosen] = useState('')
  const [bound, setBound] = useState<BoundInput>()
  const partition = candidates.data?.find((one) => keyOf(one) === chosen)
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
      {...dialog}
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
      <BoundFields strategy={strategy} onChange={setBound} />
    </ActionDialog>
  )
}
