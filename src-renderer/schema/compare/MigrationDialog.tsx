import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { Source } from '../../../src-main/migrations/state.contract.ts'
import type { ComparedObject, Comparison } from '../../../src-main/schema/diff/contract.ts'
import { queryClient, rpc } from '../../rpc/client.ts'
import { Dialog } from '../../ui/Dialog.tsx'
import { download } from '../../ui/download.ts'
import { ErrorNotice } from '../../ui/ErrorNotice.tsx'
import { plural } from '../../ui/format.ts'
import { MigrationFolderField } from '../../ui/MigrationFolderField.tsx'
import { useMigrationSources } from '../../ui/migrationFolders.ts'
import { QueryPanel } from '../../ui/QueryPanel.tsx'
import { SqlBlock } from '../../ui/SqlBlock.tsx'
import { State } from '../../ui/State.tsx'

interface Props {
  comparison: Comparison
  /** The object that is open, where it differs. */
  selected: ComparedObject | undefined
  onClose: () => void
}

/** The migration that makes one side as the other is, before it becomes the next file of the folder. It runs nothing. */
export function MigrationDialog({ comparison, selected, onClose }: Props) {
  const { here, there, other, comparedAt } = comparison
  // What was changed by hand goes into the migrations; an environment becomes as another one is.
  const [changes, setChanges] = useState<'here' | 'there'>(other.type === 'migrations' ? 'there' : 'here')
  const [withDestructive, setDestructive] = useState(false)
  const [isOnlySelected, setOnlySelected] = useState(false)
  const [name, setName] = useState('')
  const navigate = useNavigate()
  const input = { changes, withDestructive, only: isOnlySelected && selected ? [selected.key] : undefined }
  const migration = useQuery({
    ...rpc.schema.writeMigration.queryOptions({ input }),
    queryKey: [...rpc.schema.writeMigration.queryKey({ input }), comparedAt.getTime()],
  })
  const sources = useMigrationSources()
  const isOther = ({ folder, project }: Source) =>
    other.type === 'migrations' && folder === other.folder && project === other.project
  const [chosen, setChosen] = useState(() => Math.max(0, sources.findIndex(isOther)))
  const source = sources[chosen] ?? {}
  const create = useMutation({
    ...rpc.migrations.createFile.mutationOptions(),
    onSuccess: async ({ version }) => {
      await queryClient.invalidateQueries()
      void navigate({ to: '/migrations', search: { version, ...source } })
    },
  })
  const text = migration.data?.text ?? ''
  const submit = () => create.mutate({ ...source, name, text })
  return (
    <Dialog
      title="Write a migration"
      width={760}
      onClose={onClose}
      foot={
        <>
          <span className="grow t3 small">It is written, not applied: lint and rehearse it first.</span>
          <button type="button" className="btn btn--ghost" onClick={onClose}>
            Back
          </button>
          <button
            type="button"
            className="btn"
            disabled={text === ''}
            onClick={() => download('atlas-schema-diff.sql', text)}
          >
            Save as a file
          </button>
          <button
            type="button"
            className="btn btn--primary"
            disabled={name.trim() === '' || text === '' || create.isPending}
            onClick={submit}
          >
            Create migration
          </button>
        </>
      }
    >
      <div className="row cmp__choices">
        <label className="field grow">
          What it changes
          <select
            className="input"
            value={changes}
            onChange={(event) => setChanges(event.target.value as 'here' | 'there')}
          >
            <option value="here">
              {here.name} becomes like {there.name}
            </option>
            <option value="there">
              {there.name} becomes like {here.name}
            </option>
          </select>
        </label>
        <label className="field grow">
          Name of the file
          <input
            className="input"
            value={name}
            placeholder="like production"
            onChange={(event) => setName(event.target.value)}
          />
        </label>
      </div>
      <MigrationFolderField sources={sources} chosen={chosen} onChoose={setChosen} />
      <div className="row cmp__choices">
        <label className="check">
          <input
            type="checkbox"
            checked={withDestructive}
            onChange={(event) => setDestructive(event.target.checked)}
          />
          With what destroys rows or values
        </label>
        {selected && (
          <label className="check clip">
            <input
              type="checkbox"
              checked={isOnlySelected}
              onChange={(event) => setOnlySelected(event.target.checked)}
            />
            <span className="clip">
              Only <span className="mono">{selected.name}</span>
            </span>
          </label>
        )}
      </div>
      <QueryPanel query={migration} rows={6}>
        {({ statements, destructive, risks, problems }) => (
          <>
            <Notes
              title={withDestructive ? 'It destroys' : 'Left out, because it would destroy'}
              notes={destructive}
              isBad={withDestructive}
            />
            <Notes title={`${plural(risks.length, 'statement')} to look at`} notes={risks} />
            <Notes title="Not in it" notes={problems} />
            <p className="small t2">{plural(statements, 'statement')}</p>
            <div className="cmp__sql scroll">
              <SqlBlock text={text} label="Migration" />
            </div>
          </>
        )}
      </QueryPanel>
      {create.error && <ErrorNotice error={create.error} />}
    </Dialog>
  )
}

const shownNotes = 6

function Notes({ title, notes, isBad = false }: { title: string; notes: string[]; isBad?: boolean }) {
  if (notes.length === 0) return null
  return (
    <div>
      <p className="cell">
        <State name={isBad ? 'failed' : 'warning'} label={isBad ? 'danger' : 'note'} />
        <b>{title}</b>
      </p>
      <ul className="cmp__notes">
        {notes.slice(0, shownNotes).map((note) => (
          <li key={note} className="clip" title={note}>
            {note}
          </li>
        ))}
        {notes.length > shownNotes && (
          <li className="t3">and {notes.length - shownNotes} more, in the text</li>
        )}
      </ul>
    </div>
  )
}
