import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Migration } from '../../src-main/migrations/state.contract.ts'
import { rpc } from '../rpc/client.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { plural } from '../ui/format.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { SqlBlock } from '../ui/SqlBlock.tsx'
import { State } from '../ui/State.tsx'
import { useSource } from './source.ts'

/** Takes a migration back: first what is run and what is lost, then the name typed. */
export function RevertDialog({ migration, onClose }: { migration: Migration; onClose: () => void }) {
  const source = useSource()
  const input = { ...source, version: migration.version }
  const [typed, setTyped] = useState('')
  const plan = useQuery({ ...rpc.migrations.planRevert.queryOptions({ input }), staleTime: 0 })
  const revert = useMutation({ ...rpc.migrations.revert.mutationOptions(), onSuccess: onClose })
  const losses = plan.data?.losses ?? []
  return (
    <Dialog
      title={`Revert ${migration.version}_${migration.name}`}
      onClose={onClose}
      width={620}
      foot={
        <>
          <span className="grow mono t3 small clip">
            atlas-desktop migrate revert {migration.version}
            {losses.length > 0 ? ' --accept-loss' : ''}
          </span>
          <button type="button" className="btn btn--ghost" onClick={onClose}>
            Cancel
          </button>
          <button
            type="button"
            className="btn btn--danger-solid"
            disabled={!plan.data || typed !== migration.name || revert.isPending}
            onClick={() => revert.mutate({ ...input, isLossAccepted: losses.length > 0 })}
          >
            {losses.length > 0 ? 'Revert and lose the rows' : `Revert ${migration.version}`}
          </button>
        </>
      }
    >
      <QueryPanel query={plan} rows={4}>
        {({ fileName, sql, statements }) => (
          <>
            <ul className="checks">
              {losses.map(({ object, rows, isMore }) => (
                <li key={object}>
                  <State name="failed" />
                  <span>
                    {isMore ? 'More than ' : ''}
                    {plural(rows, 'row')} or values of <span className="mono">{object}</span> are lost
                  </span>
                </li>
              ))}
              {losses.length === 0 && (
                <li>
                  <State name="succeeded" />
                  <span>No row and no value is lost</span>
                </li>
              )}
            </ul>
            <p className="t2 small">
              {plural(statements.length, 'statement')} of <span className="mono">{fileName}</span>, in one
              transaction with the ledger
            </p>
            <div style={{ maxHeight: 220, overflow: 'auto' }}>
              <SqlBlock text={sql} label="Way back" />
            </div>
            <label className="field confirm__type">
              <span>
                Type <b className="mono">{migration.name}</b> to go on
              </span>
              <input
                className="input mono"
                aria-label="Name of the migration"
                value={typed}
                onChange={(event) => setTyped(event.target.value)}
              />
            </label>
          </>
        )}
      </QueryPanel>
      {revert.error && <ErrorNotice error={revert.error} />}
    </Dialog>
  )
}
