import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { templateNames } from '../../src-main/migrations/contract.ts'
import { queryClient, rpc } from '../rpc/client.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { useSource } from './source.ts'

type Template = (typeof templateNames)[number]

const templates: Record<Template, string> = {
  empty: 'An empty file',
  'create table': 'A table with its comments, and its way back',
  'add column': 'A column with a constant default: no row is written',
  'index concurrently': 'An index that keeps nobody out while it is built',
  'foreign key': 'A foreign key, added unchecked and then validated',
  'not null': 'NOT NULL proved by a check, so that nothing is read under a lock',
  backfill: 'Old rows filled in batches that commit',
}

/** Writes the next file of the folder. */
export function NewFileDialog({
  onClose,
  onMade,
}: {
  onClose: () => void
  onMade: (version: string) => void
}) {
  const source = useSource()
  const [name, setName] = useState('')
  const [template, setTemplate] = useState<Template>('empty')
  const create = useMutation({
    ...rpc.migrations.createFile.mutationOptions(),
    onSuccess: async ({ version }) => {
      await queryClient.invalidateQueries()
      onMade(version)
    },
  })
  const submit = () => create.mutate({ ...source, name, template })
  return (
    <Dialog
      title="New migration"
      onClose={onClose}
      foot={
        <>
          <span className="grow mono t3 small clip">
            atlas-desktop migrate new {name || 'NAME'}
            {template === 'empty' ? '' : ` --template "${template}"`}
          </span>
          <button type="button" className="btn btn--ghost" onClick={onClose}>
            Cancel
          </button>
          <button
            type="button"
            className="btn btn--primary"
            disabled={name.trim() === '' || create.isPending}
            onClick={submit}
          >
            Create
          </button>
        </>
      }
    >
      <label className="field">
        Name
        <input
          className="input"
          value={name}
          placeholder="add state to orders"
          onChange={(event) => setName(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && name.trim() !== '') submit()
          }}
        />
      </label>
      <label className="field">
        Template
        <select
          className="input"
          value={template}
          onChange={(event) => setTemplate(event.target.value as Template)}
        >
          {Object.keys(templates).map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
        <span className="t3">{templates[template]}</span>
      </label>
      {create.error && <ErrorNotice error={create.error} />}
    </Dialog>
  )
}
