import { IconFileText } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { LogEntry, LogPage } from '../../src-main/activity/log.contract.ts'
import { rpc } from '../rpc/client.ts'
import { DataTable } from '../ui/DataTable.tsx'
import { DrawerHead } from '../ui/DrawerHead.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { Facts } from '../ui/Facts.tsx'
import { FilterInput } from '../ui/FilterInput.tsx'
import { formatBytes } from '../ui/format.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { State, type StateName } from '../ui/State.tsx'

const refreshMs = 2000

/** What somebody should look at. */
const marks: Partial<Record<LogEntry['level'], StateName>> = { error: 'failed', warning: 'warning' }

const ranks = [
  ['All', ['error', 'warning', 'info', 'debug']],
  ['Warnings', ['error', 'warning']],
  ['Errors', ['error']],
] as const

type Rank = (typeof ranks)[number][0]

/** A part of a file that no longer grows: the page that ends at an offset of it. */
interface Held {
  file: string
  to: number
}

/** What the server writes of itself, the newest first; the end of its log is followed, what is before is read by pages. */
export function ServerLogPane() {
  const [file, setFile] = useState<string>()
  const [held, setHeld] = useState<Held>()
  const log = useQuery({
    ...rpc.activity.serverLog.queryOptions({ input: held ?? { file } }),
    refetchInterval: held ? false : refreshMs,
    placeholderData: keepPreviousData,
  })
  const follow = (chosen: string | undefined) => {
    setFile(chosen)
    setHeld(undefined)
  }
  return (
    <QueryPanel query={log} rows={14}>
      {(page) =>
        page.unavailable ? (
          <EmptyState icon={<IconFileText className="icon icon--18" />} title={page.unavailable.reason}>
            {page.unavailable.next}
          </EmptyState>
        ) : (
          <LogTable
            page={page}
            isFollowed={held === undefined}
            onFile={follow}
            onFollow={() => follow(file)}
            onHold={(to) => setHeld({ file: page.file, to })}
          />
        )
      }
    </QueryPanel>
  )
}

interface LogTableProps {
  page: LogPage
  isFollowed: boolean
  onFile: (name: string) => void
  onFollow: () => void
  /** Shows what ends at an offset of the file, and stays there. */
  onHold: (to: number) => void
}

type Placed = LogEntry & { place: string }

function LogTable({ page, isFollowed, onFile, onFollow, onHold }: LogTableProps) {
  const [rank, setRank] = useState<Rank>('All')
  const [text, setText] = useState('')
  const [chosen, setChosen] = useState<Placed>()
  const levels: readonly string[] = ranks.find(([name]) => name === rank)?.[1] ?? []
  const words = text.toLowerCase().split(/\s+/)
  const isFound = ({ message, rest, severity, user, database, application, processId }: LogEntry) => {
    const all =
      `${severity} ${message} ${rest} ${user} ${database} ${application} ${processId ?? ''}`.toLowerCase()
    return words.every((word) => all.includes(word))
  }
  // A place stands while the file grows, as long as all of it is one page.
  const rows = page.entries
    .map((entry, index): Placed => ({ ...entry, place: `${page.file} ${page.from} ${index}` }))
    .filter((entry) => levels.includes(entry.level) && isFound(entry))
    .toReversed()
  return (
    <div
      className="view-body panes"
      style={{ gridTemplateColumns: chosen ? 'minmax(0, 1fr) 420px' : 'minmax(0, 1fr)' }}
    >
      <section className="column">
        <div className="toolbar">
          <div className="seg">
            {ranks.map(([name]) => (
              <button key={name} type="button" aria-pressed={rank === name} onClick={() => setRank(name)}>
                {name}
              </button>
            ))}
          </div>
          <FilterInput label="Filter by message, statement or process" value={text} onChange={setText} />
          <span className="toolbar__fill" />
          {page.files.length > 1 && (
            <select
              className="input input--sm mono"
              aria-label="Log file"
              value={page.file}
              onChange={({ target }) => onFile(target.value)}
            >
              {page.files.map(({ name, sizeBytes }) => (
                <option key={name} value={name}>
                  {name} ({formatBytes(sizeBytes)})
                </option>
              ))}
            </select>
          )}
          <span className="t3 small num" title={page.file}>
            {formatBytes(page.to - page.from)} of {formatBytes(page.sizeBytes)}
          </span>
          <button
            type="button"
            className="btn btn--sm"
            disabled={page.from === 0}
            onClick={() => onHold(page.from)}
          >
            Earlier
          </button>
          <div className="seg">
            <button
              type="button"
              aria-pressed={isFollowed}
              title="Shows the end of the log, and what comes"
              onClick={() => (isFollowed ? onHold(page.to) : onFollow())}
            >
              Follow
            </button>
          </div>
        </div>
        <DataTable
          label="Log of the server"
          rows={rows}
          keyOf={({ place }) => place}
          selected={chosen?.place}
          onSelect={(entry) => setChosen(entry.place === chosen?.place ? undefined : entry)}
          columns={[
            {
              name: 'level',
              label: '',
              width: 34,
              render: ({ level, severity }) => {
                const mark = marks[level]
                return mark && <State name={mark} label={severity} />
              },
            },
            {
              name: 'at',
              label: 'Time',
              width: 236,
              render: ({ at }) => <span className="mono num">{at}</span>,
            },
            { name: 'severity', label: 'Level', width: 84, render: ({ severity }) => severity },
            {
              name: 'process',
              label: 'Process',
              width: 76,
              render: ({ processId }) => <span className="mono num">{processId}</span>,
            },
            ...(page.format === 'text'
              ? []
              : [{ name: 'user', label: 'User', width: 110, render: ({ user }: Placed) => user }]),
            {
              name: 'message',
              label: 'Message',
              render: ({ message, rest }) => (
                <span className="mono" title={message}>
                  {message}
                  {rest && <span className="t3"> {rest.replaceAll('\n', ' ')}</span>}
                </span>
              ),
            },
          ]}
        />
      </section>
      {chosen && <EntryDrawer entry={chosen} onClose={() => setChosen(undefined)} />}
    </div>
  )
}

function EntryDrawer({ entry, onClose }: { entry: LogEntry; onClose: () => void }) {
  const { severity, at, processId, user, database, application, sqlState, message, rest } = entry
  return (
    <aside className="drawer" aria-label="Log entry">
      <DrawerHead onClose={onClose}>
        <h2 className="drawer__title">{severity}</h2>
        <p className="drawer__sub">{at}</p>
      </DrawerHead>
      <div className="drawer__body">
        <Facts
          facts={[
            ['Process', processId],
            ['User', user],
            ['Database', database],
            ['Application', application],
            ['SQLSTATE', sqlState],
          ]}
        />
        <pre className="server-log__text mono">{rest ? `${message}\n\n${rest}` : message}</pre>
      </div>
    </aside>
  )
}
