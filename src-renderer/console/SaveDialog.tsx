import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { rpc } from '../rpc/client.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { MigrationFolderField } from '../ui/MigrationFolderField.tsx'
import { useMigrationSources } from '../ui/migrationFolders.ts'
import { SavedMigration } from './SavedMigration.tsx'

interface Props {
  text: string
  title: string
  onSaved: (name: string) => void
  onClose: () => void
}

const targets = {
  query: 'a query in the library',
  snippet: 'a snippet, typed by its name',
  migration: 'a new migration file',
} as const

/** Keeps a text: in the library, or as a migration. */
export function SaveDialog({ text, title, onSaved, onClose }: Props) {
  const [target, setTarget] = useState<keyof typeof targets>('query')
  const [name, setName] = useState(title)
  const [folder, setFolder] = useState('')
  const sources = useMigrationSources()
  const [chosen, setChosen] = useState(0)
  const source = sources[chosen] ?? {}
  const cache = useQueryClient()
  const done = () => {
    void cache.invalidateQueries({ queryKey: rpc.library.key() })
    onSaved(name)
  }
  const save = useMutation({ ...rpc.library.save.mutationOptions(), onSuccess: done })
  const create = useMutation({
    ...rpc.migrations.createFile.mutationOptions(),
    onSuccess: () => cache.invalidateQueries({ queryKey: rpc.migrations.key() }),
  })
  if (create.data) return <SavedMigration made={create.data} source={source} onClose={onClose} />
  return (
    <Dialog title="Save this text" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (target === 'migration') create.mutate({ ...source, name, text })
          else save.mutate({ kind: target, name, folder, text })
        }}
      >
        <label className="field">
          <span>As</span>
          <select
            className="input"
            value={target}
            onChange={(event) => setTarget(event.target.value as keyof typeof targets)}
          >
            {Object.entries(targets).map(([key, label]) => (
              <option key={key} value={key}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          <span>Name</span>
          <input
            type="text"
            className="input"
            autoFocus
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </label>
        {target === 'query' && (
          <label className="field">
            <span>Folder</span>
            <input
              type="text"
              className="input"
              placeholder="finance/month end"
              value={folder}
              onChange={(event) => setFolder(event.target.value)}
            />
          </label>
        )}
        {target === 'migration' && (
          <MigrationFolderField sources={sources} chosen={chosen} onChoose={setChosen} />
        )}
        {(save.error ?? create.error) && <ErrorNotice error={save.error ?? create.error} />}
        <p className="row con__submit">
          <span className="grow" />
          <button type="button" className="btn btn--ghost" onClick={onClose}>
            Cancel
          </button>
          <button
            type="submit"
            className="btn btn--primary"
            disabled={name.trim() === '' || text.trim() === '' || save.isPending || create.isPending}
          >
            Save
          </button>
        </p>
      </form>
    </Dialog>
  )
}
