import { IconTrash } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { HistoryEntry, HistoryScope } from '../../src-main/console/historyContract.ts'
import { rpc } from '../rpc/client.ts'
import { FilterInput } from '../ui/FilterInput.tsx'
import { formatDuration, formatExact, plural } from '../ui/format.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { State } from '../ui/State.tsx'

interface Props {
  /** Names the run that ended last: the list is read again when it changes. */
  newest: string | undefined
  onOpen: (text: string) => void
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const day = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long' })

const scopeKey = 'atlas.console.historyScope'
const scopes = { environment: 'This environment', all: 'All environments' } as const

/** What was run on this environment, or on any, found again by its text. */
export function HistoryPane({ newest, onOpen }: Props) {
  const [search, setSearch] = useState('')
  const [scope, setScope] = useState<HistoryScope>(() =>
    localStorage.getItem(scopeKey) === 'all' ? 'all' : 'environment',
  )
  const history = useQuery({
    queryKey: [...rpc.console.listHistory.queryKey({ input: { search, scope } }), newest],
    queryFn: ({ signal }) => rpc.console.listHistory.call({ search, scope, limit: 200 }, { signal }),
    placeholderData: (before) => before,
  })
  const remove = useMutation({
    ...rpc.console.removeHistory.mutationOptions(),
    onSuccess: () => history.refetch(),
  })
  const place = scope === 'all' ? 'any environment' : 'this environment'
  return (
    <>
      <fieldset className="seg hist__scope" aria-label="Statements of">
        {Object.entries(scopes).map(([value, name]) => (
          <button
            key={value}
            type="button"
            aria-pressed={scope === value}
            onClick={() => {
              localStorage.setItem(scopeKey, value)
              setScope(value as HistoryScope)
            }}
          >
            {name}
          </button>
        ))}
      </fieldset>
      <div className="hist__find row">
        <FilterInput
          label={
            history.data ? `Search in ${plural(history.data.total, 'statement')}` : 'Search in what was run'
          }
          value={search}
          onChange={setSearch}
        />
        <button
          type="button"
          className="icon-btn icon-btn--sm"
          title={`Forget every statement that was run on ${place}`}
          disabled={!history.data?.total}
          onClick={() => {
            if (window.confirm(`Forget every statement that was run on ${place}?`)) remove.mutate({ scope })
          }}
        >
          <IconTrash className="icon icon--14" />
        </button>
      </div>
      <div className="scroll grow">
        <QueryPanel query={history}>
          {({ entries }) =>
            entries.length === 0 ? (
              <p className="t3 small hist__none">
                {search ? 'Nothing that ran holds this text.' : 'What you run is kept here, on this machine.'}
              </p>
            ) : (
              byDay(entries).map(([name, items]) => (
                <section key={name}>
                  <h3 className="hist__day">{name}</h3>
                  <ul>
                    {items.map((entry) => (
                      <li key={entry.id}>
                        <Entry entry={entry} onOpen={onOpen} />
                      </li>
                    ))}
                  </ul>
                </section>
              ))
            )
          }
        </QueryPanel>
      </div>
    </>
  )
}

function Entry({ entry, onOpen }: { entry: HistoryEntry; onOpen: (text: string) => void }) {
  const isCancelled = entry.error?.startsWith('57014') ?? false
  const state = isCancelled ? 'cancelled' : entry.error ? 'failed' : 'succeeded'
  return (
    <button
      type="button"
      className="hist__item"
      title={`Open in a tab\n${formatExact(entry.at)} on ${entry.environment}\n${entry.error ?? ''}\n\n${entry.text.slice(0, 1000)}`}
      onClick={() => onOpen(entry.text)}
    >
      <State name={state} />
      <span className="grow">
        <span className="mono clip hist__text">{entry.text.replaceAll(/\s+/g, ' ').slice(0, 200)}</span>
        <span className="hist__meta num">
          <span>{clock.format(entry.at)}</span>
          {state === 'failed' ? (
            <span className="t-fail">error {entry.error?.split(' ')[0]}</span>
          ) : (
            <span>
              {isCancelled && 'cancelled at '}
              {formatDuration(entry.durationMs)}
            </span>
          )}
          {state === 'succeeded' && <span>{plural(entry.rows, 'row')}</span>}
          <span className="clip hist__where">{entry.environment}</span>
        </span>
      </span>
    </button>
  )
}

function byDay(entries: HistoryEntry[]): [string, HistoryEntry[]][] {
  const today = day.format(new Date())
  const yesterday = day.format(new Date(Date.now() - 86_400_000))
  const days = new Map<string, HistoryEntry[]>()
  for (const entry of entries) {
    const name = day.format(entry.at)
    const shown = name === today ? 'Today' : name === yesterday ? 'Yesterday' : name
    days.set(shown, [...(days.get(shown) ?? []), entry])
  }
  return [...days]
}
