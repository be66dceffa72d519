import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Table, Trigger } from '../../src-main/schema/contract.ts'
import { queryClient, rpc } from '../rpc/client.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { SqlBlock } from '../ui/SqlBlock.tsx'

interface Props {
  table: Table
  trigger: Trigger
  onClose: () => void
}

const commands = {
  enabled: 'enable',
  disabled: 'disable',
  replica: 'enable replica',
  always: 'enable always',
} as const

/** Turns a trigger on or off, after its statement and what comes of it were read. */
export function TriggerDialog({ table: { schema, name }, trigger, onClose }: Props) {
  const isOff = trigger.state === 'disabled'
  const [state, setState] = useState<Trigger['state']>(isOff ? 'enabled' : 'disabled')
  const [typed, setTyped] = useState('')
  const environment = useQuery(rpc.environments.current.queryOptions())
  const change = useMutation(
    rpc.schema.switchTrigger.mutationOptions({
      onSuccess: () => {
        void queryClient.invalidateQueries({ queryKey: rpc.schema.key() })
        onClose()
      },
    }),
  )
  const isProduction = environment.data?.kind === 'production'
  const isConfirmed = environment.data !== undefined && (!isProduction || typed === trigger.name)
  const quote = (part: string) => `"${part.replaceAll('"', '""')}"`
  return (
    <Dialog
      title={isOff ? 'Enable a trigger' : 'Disable a trigger'}
      onClose={onClose}
      foot={
        <>
          <span className="grow" />
          <button type="button" className="btn" onClick={onClose}>
            Back
          </button>
          <button
            type="button"
            className={state === 'disabled' ? 'btn btn--danger-solid' : 'btn btn--primary'}
            disabled={!isConfirmed || change.isPending}
            onClick={() => change.mutate({ schema, name, trigger: trigger.name, state })}
          >
            {state === 'disabled' ? 'Disable it' : 'Enable it'}
          </button>
        </>
      }
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
      <SqlBlock
        text={`alter table ${quote(schema)}.${quote(name)} ${commands[state]} trigger ${quote(trigger.name)};`}
      />
      {isProduction && (
        <label className="confirm__type">
          <span>
            This is production. Type <b className="mono">{trigger.name}</b> to go on.
          </span>
          <input className="input" value={typed} onChange={(event) => setTyped(event.target.value)} />
        </label>
      )}
      {change.error && <ErrorNotice error={change.error} />}
    </Dialog>
  )
}
