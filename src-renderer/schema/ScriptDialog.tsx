import { useQuery } from '@tanstack/react-query'
import { rpc } from '../rpc/client.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { download } from '../ui/download.ts'
import { formatBytes, plural } from '../ui/format.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { SqlBlock } from '../ui/SqlBlock.tsx'
import { State } from '../ui/State.tsx'

const shownLines = 200

/** All of the database as a script: its beginning to look at, what it leaves out, and the file. */
export function ScriptDialog({ onClose }: { onClose: () => void }) {
  const environment = useQuery(rpc.environments.current.queryOptions())
  const script = useQuery({ ...rpc.schema.script.queryOptions(), staleTime: 0, gcTime: 0 })
  const text = script.data?.text ?? ''
  const lines = text.split('\n', shownLines + 1)
  return (
    <Dialog
      title="The database as SQL"
      width={760}
      onClose={onClose}
      foot={
        <>
          <span className="grow mono t3 small clip">atlas-desktop schema script</span>
          <button type="button" className="btn btn--ghost" onClick={onClose}>
            Close
          </button>
          <button
            type="button"
            className="btn btn--primary"
            disabled={text === ''}
            onClick={() => download(`${environment.data?.name ?? 'database'}.sql`, text)}
          >
            Save as a file
          </button>
        </>
      }
    >
      <QueryPanel query={script} rows={8}>
        {({ objects, unwritten }) => (
          <>
            <p className="t2">
              {plural(objects, 'object')}, each after all that it needs, with comments, owners and privileges;{' '}
              {formatBytes(text.length)}. Run in an empty database it makes the same schema. Roles belong to
              the server: they are to be there.
            </p>
            {unwritten.length > 0 && (
              <div>
                <p className="cell">
                  <State name="warning" label="note" />
                  <b>Not in it, for pg_dump alone writes these</b>
                </p>
                <ul className="script__left-out mono small t2">
                  {unwritten.map((name) => (
                    <li key={name}>{name}</li>
                  ))}
                </ul>
              </div>
            )}
            <div className="script__text scroll">
              <SqlBlock text={lines.slice(0, shownLines).join('\n')} label="Script" />
            </div>
            {lines.length > shownLines && (
              <p className="small t3">The first {shownLines} lines; the file has all.</p>
            )}
          </>
        )}
      </QueryPanel>
    </Dialog>
  )
}
