import { IconBookmark, IconTrash } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { LibraryEntry } from '../../src-main/library/contract.ts'
import { rpc } from '../rpc/client.ts'
import { FilterInput } from '../ui/FilterInput.tsx'
import { QueryPanel } from '../ui/QueryPanel.tsx'

/** Saved queries in their folders, and snippets. */
export function LibraryPane({ onOpen }: { onOpen: (entry: LibraryEntry) => void }) {
  const [search, setSearch] = useState('')
  const library = useQuery(rpc.library.list.queryOptions())
  const remove = useMutation({
    ...rpc.library.remove.mutationOptions(),
    onSuccess: () => library.refetch(),
  })
  return (
    <>
      <div className="hist__find row">
        <FilterInput label="Search in saved queries" value={search} onChange={setSearch} />
      </div>
      <div className="scroll grow">
        <QueryPanel query={library}>
          {(entries) => {
            const found = entries.filter((entry) => fits(entry, search))
            if (found.length === 0) {
              return (
                <p className="t3 small hist__none">
                  {search
                    ? 'Nothing that is saved holds this.'
                    : 'Ctrl+S keeps the text of a tab here, in every environment.'}
                </p>
              )
            }
            return byFolder(found).map(([folder, own]) => (
              <section key={folder}>
                <h3 className="hist__day">{folder}</h3>
                <ul>
                  {own.map((entry) => (
                    <li key={entry.id} className="row">
                      <button
                        type="button"
                        className="hist__item grow"
                        title={entry.text.slice(0, 1000)}
                        onClick={() => onOpen(entry)}
                      >
                        <IconBookmark className="icon icon--14" />
                        <span className="grow">
                          <span className="clip hist__text">{entry.name}</span>
                          <span className="mono clip hist__text t3 small">
                            {entry.text.replaceAll(/\s+/g, ' ').slice(0, 120)}
                          </span>
                        </span>
                      </button>
                      <button
                        type="button"
                        className="icon-btn icon-btn--sm"
                        title={`Remove ${entry.name}`}
                        onClick={() => {
                          if (window.confirm(`Remove ${entry.name} from the library?`))
                            remove.mutate({ id: entry.id })
                        }}
                      >
                        <IconTrash className="icon icon--14" />
                      </button>
                    </li>
                  ))}
                </ul>
              </section>
            ))
          }}
        </QueryPanel>
      </div>
    </>
  )
}

function fits({ folder, name, text }: LibraryEntry, search: string): boolean {
  const held = `${folder} ${name} ${text}`.toLowerCase()
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => held.includes(word))
}

function byFolder(entries: LibraryEntry[]): [string, LibraryEntry[]][] {
  const folders = new Map<string, LibraryEntry[]>()
  for (const entry of entries) {
    const folder = entry.kind === 'snippet' ? 'Snippets' : entry.folder || 'Queries'
    folders.set(folder, [...(folders.get(folder) ?? []), entry])
  }
  return [...folders]
}
