import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { rpc } from '../rpc/client.ts'
import { FilterInput } from '../ui/FilterInput.tsx'
import { formatDuration } from '../ui/format.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { State } from '../ui/State.tsx'

interface Props {
  /** Names the run that ended last: the list is read again when it changes. */
  newest: string | undefined
  onOpen: (text: string) => void
}

/** What was run on this environment, found again by its text. */
export function HistoryPane({ newest, onOpen }: Props) {
  const [search, setSearch] = useState('')
  const history = useQuery({
    queryKey: [...rpc.console.listHistory.queryKey({ input: { search } }), newest],
    queryFn: ({ signal }) => rpc.console.listHistory.call({ search }, { signal }),
    placeholderData: (before) => before,
  })
  return (
    <aside className="hist column" aria-label="History" style={{ borderLeft: '1px solid var(--border)' }}>
      <div className="toolbar">
        <FilterInput label="Search the history" value={search} onChange={setSearch} />
      </div>
      <QueryPanel query={history}>
        {(entries) => (
          <ul className="scroll">
            {entries.length === 0 && (
              <li className="t3 small" style={{ padding: 12 }}>
                {search ? 'Nothing that ran holds this text.' : 'What you run is kept here.'}
              </li>
            )}
            {entries.map((entry) => (
              <li key={entry.id} style={{ borderBottom: '1px solid var(--border-faint)' }}>
                <button
                  type="button"
                  style={{ width: '100%', padding: '6px 12px', cursor: 'pointer' }}
                  title="Open in a new tab"
                  onClick={() => onOpen(entry.text)}
                >
                  <span className="mono small clip" style={{ display: 'block' }}>
                    {entry.text.replaceAll(/\s+/g, ' ').slice(0, 200)}
                  </span>
                  <span className="row t3 num" style={{ fontSize: 11 }}>
                    {entry.error && <State name="failed" />}
                    <RelativeTime time={entry.at} />
                    <span>{formatDuration(entry.durationMs)}</span>
                    <span>{entry.rows} rows</span>
                  </span>
                </button>
              </li>
            ))}
          </ul>
        )}
      </QueryPanel>
    </aside>
  )
}
