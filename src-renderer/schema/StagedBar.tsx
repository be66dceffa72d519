import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { rpc } from '../rpc/client.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { plural } from '../ui/format.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { SqlBlock } from '../ui/SqlBlock.tsx'
import { State } from '../ui/State.tsx'
import { type Staged, summaryOf } from './staged.ts'

interface Props {
  schema: string
  name: string
  staged: Staged
  onDiscard: () => void
  onApplied: () => void
}

/** What waits to be applied; the statements are shown before they run. */
export function StagedBar({ schema, name, staged, onDiscard, onApplied }: Props) {
  const [isShown, setShown] = useState(false)
  return (
    <div className="toolbar staged" role="status">
      <State name="queued" label="staged" />
      <span>{summaryOf(staged)}; nothing is saved yet</span>
      <span className="toolbar__fill" />
      <button type="button" className="btn btn--sm btn--ghost" onClick={onDiscard}>
        Discard
      </button>
      <button type="button" className="btn btn--sm btn--primary" onClick={() => setShown(true)}>
        Review and apply…
      </button>
      {isShown && <ApplyDialog {...{ schema, name, staged, onApplied }} onClose={() => setShown(false)} />}
    </div>
  )
}

function ApplyDialog({
  schema,
  name,
  staged,
  onClose,
  onApplied,
}: Omit<Props, 'onDiscard'> & { onClose: () => void }) {
  const edits = Object.values(staged)
  const input = { schema, name, edits }
  const preview = useQuery(rpc.schema.previewEdits.queryOptions({ input }))
  const environment = useQuery(rpc.environments.current.queryOptions())
  const apply = useMutation(rpc.schema.applyEdits.mutationOptions({ onSuccess: onApplied }))
  const [typed, setTyped] = useState('')
  const isProduction = environment.data?.kind === 'production'
  const isConfirmed = environment.data !== undefined && (!isProduction || typed === name)
  return (
    <Dialog
      title={`Apply ${plural(edits.length, 'change')} to ${schema}.${name}`}
      width={680}
      onClose={onClose}
      foot={
        <>
          <span className="small t2 grow">One transaction: all of them, or none.</span>
          <button type="button" className="btn" onClick={onClose}>
            Back
          </button>
          <button
            type="button"
            className="btn btn--primary"
            disabled={!isConfirmed || apply.isPending}
            onClick={() => apply.mutate(input)}
          >
            Apply {plural(edits.length, 'change')}
          </button>
        </>
      }
    >
      <div className="staged__sql scroll">
        <QueryPanel query={preview} rows={4}>
          {({ sql }) => <SqlBlock text={sql} label="Statements" />}
        </QueryPanel>
      </div>
      {isProduction && (
        <label className="confirm__type">
          <span>
            This is production. Type <b className="mono">{name}</b> to go on.
          </span>
          <input className="input" value={typed} onChange={(event) => setTyped(event.target.value)} />
        </label>
      )}
      {apply.error && <ErrorNotice error={apply.error} />}
    </Dialog>
  )
}
