import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { rpc } from '../rpc/client.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'

/** Runs a script of any size from a file, as a job: it is read as it runs and never loaded here. */
export function RunFileDialog({ onClose }: { onClose: () => void }) {
  const [path, setPath] = useState('')
  const [isStoppedByError, setStopped] = useState(true)
  const [isOneTransaction, setWhole] = useState(false)
  const [typedName, setTypedName] = useState('')
  const { data: environment } = useQuery(rpc.environments.current.queryOptions())
  const start = useMutation({ ...rpc.console.runFile.mutationOptions(), onSuccess: onClose })
  const isProduction = environment?.kind === 'production'
  return (
    <Dialog title="Run a file" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          start.mutate({ path, isStoppedByError, isOneTransaction, typedName })
        }}
      >
        <label className="field">
          <span>File, with its whole path on the machine on which Atlas runs</span>
          <input
            type="text"
            className="input mono"
            autoFocus
            placeholder="/home/me/dump.sql"
            value={path}
            onChange={(event) => setPath(event.target.value)}
          />
        </label>
        <label className="row small">
          <input
            type="checkbox"
            checked={isOneTransaction}
            onChange={(event) => setWhole(event.target.checked)}
          />
          All or nothing: in one transaction
        </label>
        <label className="row small">
          <input
            type="checkbox"
            checked={isStoppedByError || isOneTransaction}
            disabled={isOneTransaction}
            onChange={(event) => setStopped(event.target.checked)}
          />
          Stop at the first error
        </label>
        {isProduction && (
          <label className="field">
            <span>
              This is production. Type <b className="mono">{environment.name}</b> to run it.
            </span>
            <input
              type="text"
              className="input mono"
              value={typedName}
              onChange={(event) => setTypedName(event.target.value)}
            />
          </label>
        )}
        <p className="small t3">
          Progress and outcome are in the activity centre; rows of queries are passed over. UTF-8, or UTF-16
          with a byte order mark.
        </p>
        {start.error && <ErrorNotice error={start.error} />}
        <p className="row con__submit">
          <span className="grow" />
          <button type="button" className="btn btn--ghost" onClick={onClose}>
            Cancel
          </button>
          <button
            type="submit"
            className="btn btn--primary"
            disabled={path === '' || start.isPending || (isProduction && typedName !== environment.name)}
          >
            Run the file
          </button>
        </p>
      </form>
    </Dialog>
  )
}
