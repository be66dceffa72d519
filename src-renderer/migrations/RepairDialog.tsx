import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { Migration } from '../../src-main/migrations/state.contract.ts'
import { queryClient, rpc } from '../rpc/client.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { fileNameOf, useSource } from './source.ts'

const effects: Partial<Record<Migration['state'], string>> = {
  edited: 'The ledger takes the text that the file has now as the one that was applied. Nothing is run.',
  missing: 'The ledger forgets that it is applied. What it made stays.',
  partial: 'The statement that was cut off counts as done, or runs again. Look at its object first.',
}

/** Resolves an edited, missing or partial migration; the ledger keeps the reason and what was before. */
export function RepairDialog({ migration, onClose }: { migration: Migration; onClose: () => void }) {
  const source = useSource()
  const [reason, setReason] = useState('')
  const [statement, setStatement] = useState<'done' | 'again'>('again')
  const isPartial = migration.state === 'partial'
  const repair = useMutation({
    ...rpc.migrations.repair.mutationOptions(),
    onSuccess: async () => {
      await queryClient.invalidateQueries()
      onClose()
    },
  })
  return (
    <Dialog
      title={`Repair ${fileNameOf(migration)}`}
      onClose={onClose}
      foot={
        <>
          <span className="grow mono t3 small clip">
            atlas-desktop migrate repair {migration.version} --reason …
          </span>
          <button type="button" className="btn btn--ghost" onClick={onClose}>
            Cancel
          </button>
          <button
            type="button"
            className="btn btn--danger-solid"
            disabled={reason.trim() === '' || repair.isPending}
            onClick={() =>
              repair.mutate({
                ...source,
                version: migration.version,
                reason,
                ...(isPartial ? { statement } : {}),
              })
            }
          >
            Repair {migration.version}
          </button>
        </>
      }
    >
      <p className="t2">{effects[migration.state]}</p>
      {migration.detail && <p className="t2 small">{migration.detail}</p>}
      {isPartial && (
        <label className="field">
          The statement that was cut off
          <select
            className="input"
            value={statement}
            onChange={(event) => setStatement(event.target.value as 'done' | 'again')}
          >
            <option value="again">runs again</option>
            <option value="done">is done</option>
          </select>
        </label>
      )}
      <label className="field">
        Reason, kept in the ledger
        <input className="input" value={reason} onChange={(event) => setReason(event.target.value)} />
      </label>
      {repair.error && <ErrorNotice error={repair.error} />}
    </Dialog>
  )
}
