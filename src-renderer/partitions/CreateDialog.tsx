import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { BoundInput, Plan } from '../../src-main/partitions/action.contract.ts'
import type { PartitionedTable } from '../../src-main/partitions/table.contract.ts'
import { rpc } from '../rpc/client.ts'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
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
  const [keys, setKeys] = useState<string[]>([])
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
      {again !== '' && <KeyFields table={{ schema, name }} keys={keys} onChange={setKeys} />}
    </ActionDialog>
  )
}

interface KeyFieldsProps {
  table: { schema: string; name: string }
  keys: string[]
  onChange: (keys: string[]) => void
}

/** The columns of a key in their order: a choice for each, and one more to add. */
function KeyFields({ table, keys, onChange }: KeyFieldsProps) {
  const described = useQuery(rpc.schema.describe.queryOptions({ input: table }))
  const columns = described.data?.columnList ?? []
  if (described.error) return <ErrorNotice error={described.error} />
  return [...keys, ''].map((key, at) => {
    const before = keys.slice(0, at)
    const free = columns.filter(({ name }) => !before.includes(name))
    if (key === '' && free.length === 0) return null
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: a choice is its place
      <label className="plan-field" key={at}>
        <span>{at === 0 ? 'Column' : 'Then by'}</span>
        <select
          className="input input--sm"
          value={key}
          onChange={({ target }) => onChange(target.value === '' ? before : [...before, target.value])}
        >
          <option value="">{at === 0 ? 'Choose…' : 'nothing'}</option>
          {free.map(({ name, type }) => (
            <option key={name} value={name}>
              {name} {type}
            </option>
          ))}
        </select>
      </label>
    )
  })
}
