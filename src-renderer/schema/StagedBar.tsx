import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { rpc } from '../rpc/client.ts'
import { ApplyEditsDialog } from '../ui/ApplyEditsDialog.tsx'
import { State } from '../ui/State.tsx'
import { summaryOf } from '../ui/stagedRows.ts'
import { countsOf, type Staged } from './staged.ts'

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
    <div className="toolbar staged" role="status" aria-label="Staged changes">
      <State name="queued" label="staged" />
      <span>{summaryOf(countsOf(staged))}: kept here, not in the table until you apply</span>
      <span className="toolbar__fill" />
      <button type="button" className="btn btn--sm btn--ghost" onClick={onDiscard}>
        Discard
      </button>
      <button type="button" className="btn btn--sm btn--primary" onClick={() => setShown(true)}>
        Review and apply…
      </button>
      {isShown && <Review {...{ schema, name, staged, onApplied }} onClose={() => setShown(false)} />}
    </div>
  )
}

function Review({
  schema,
  name,
  staged,
  onClose,
  onApplied,
}: Omit<Props, 'onDiscard'> & { onClose: () => void }) {
  const edits = Object.values(staged)
  const input = { schema, name, edits }
  const preview = useQuery(rpc.schema.previewEdits.queryOptions({ input }))
  const apply = useMutation(rpc.schema.applyEdits.mutationOptions({ onSuccess: onApplied }))
  return (
    <ApplyEditsDialog
      table={{ schema, name }}
      count={edits.length}
      sql={preview.data?.sql}
      error={apply.error ?? preview.error}
      isPending={apply.isPending}
      onApply={() => apply.mutate(input)}
      onClose={onClose}
    />
  )
}
