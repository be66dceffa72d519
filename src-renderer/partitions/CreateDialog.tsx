import { useState } from 'react'
import type { BoundInput, Plan } from '../../src-main/partitions/action.contract.ts'
import type { PartitionedTable } from '../../src-main/partitions/table.contract.ts'
import { ActionDialog } from './ActionDialog.tsx'
import { BoundFields, TextField } from './BoundFields.tsx'

type Strategy = PartitionedTable['strategy']

interface Props {
  table: Pick<PartitionedTable, 'schema' | 'name' | 'strategy'>
  onClose: () => void
  onStarted: (jobId: string, undo: Plan['undo']) => void
}

/** One new partition: its name, its bound, and by what it is partitioned again. */
export function CreateDialog({ table, ...dialog }: Props) {
  const { schema, name, strategy } = table
  const [called, setCalled] = useState('')
  const [bound, setBound] = useState<BoundInput>()
  const [again, setAgain] = useState<Strategy | ''>('')
  const [columns, setColumns] = useState('')
  const keys = columns
    .split(',')
    .map((column) => column.trim())
    .filter(Boolean)
  const isSaid = called.trim() && bound && (again === '' || keys.length > 0)
  return (
    <ActionDialog
      action={
        isSaid
          ? {
              kind: 'create',
              table: { schema, name },
              name: called.trim(),
              bound,
              ...(again !== '' && { by: { strategy: again, columns: keys } }),
            }
          : undefined
      }
      title={`Make a partition of ${name}`}
      {...dialog}
    >
      <TextField label="Name" value={called} onChange={setCalled} />
      <BoundFields strategy={strategy} onChange={setBound} />
      <label className="plan-field">
        <span>Partitioned again by</span>
        <select
          className="input input--sm"
          value={again}
          onChange={(event) => setAgain(event.target.value as Strategy | '')}
        >
          <option value="">nothing</option>
          <option value="range">range</option>
          <option value="list">list</option>
          <option value="hash">hash</option>
        </select>
      </label>
      {again !== '' && (
        <TextField label="Columns, separated by commas" value={columns} onChange={setColumns} />
      )}
    </ActionDialog>
  )
}
