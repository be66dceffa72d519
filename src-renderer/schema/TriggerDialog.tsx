import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Table, Trigger } from '../../src-main/schema/table/contract.ts'
import { queryClient, rpc } from '../rpc/client.ts'
import { StatementDialog } from '../ui/StatementDialog.tsx'

interface Props {
  table: Table
  trigger: Trigger
  onClose: () => void
}

/** Turns a trigger on or off, after its statement and what comes of it were read. */
export function TriggerDialog({ table: { schema, name }, trigger, onClose }: Props) {
  const isOff = trigger.state === 'disabled'
  const [state, setState] = useState<Trigger['state']>(isOff ? 'enabled' : 'disabled')
  const input = { schema, name, trigger: trigger.name, state }
  const preview = useQuery({
    ...rpc.schema.previewTrigger.queryOptions({ input }),
    placeholderData: keepPreviousData,
  })
  const change = useMutation(
    rpc.schema.switchTrigger.mutationOptions({
      onSuccess: () => {
        void queryClient.invalidateQueries({ queryKey: rpc.schema.key() })
        onClose()
      },
    }),
  )
  return (
    <StatementDialog
      title={isOff ? 'Enable a trigger' : 'Disable a trigger'}
      sql={preview.data?.sql}
      error={change.error ?? preview.error}
      confirm={trigger.name}
      action={state === 'disabled' ? 'Disable it' : 'Enable it'}
      isDangerous={state === 'disabled'}
      canApply={!preview.isPlaceholderData && !change.isPending}
      onApply={() => change.mutate(input)}
      onClose={onClose}
    >
      {isOff && (
        <label className="field">
          It shall fire
          <select
            className="input"
            value={state}
            onChange={(event) => setState(event.target.value as Trigger['state'])}
          >
            <option value="enabled">as usual: where rows are written, not where they are replicated</option>
            <option value="replica">only where they are replicated</option>
            <option value="always">in both cases</option>
          </select>
        </label>
      )}
      <p className="t2">
        {state === 'disabled'
          ? 'Rows are written without it from then on, by everybody: what it checks or fills in is not, and nothing makes up for it when it is enabled again.'
          : 'It fires for what is written from then on; rows that were written without it stay as they are.'}{' '}
        Writes of others wait for a moment; where they hold the table for longer than 5 s, nothing is changed.
      </p>
    </StatementDialog>
  )
}
