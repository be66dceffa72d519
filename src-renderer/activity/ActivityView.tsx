import { IconUsers } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import type { Session } from '../../src-main/activity/contract.ts'
import { rpc } from '../rpc/client.ts'
import { DataTable } from '../ui/DataTable.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { FilterInput } from '../ui/FilterInput.tsx'
import { formatDuration, plural } from '../ui/format.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { State } from '../ui/State.tsx'
import { ViewHeader } from '../ui/ViewHeader.tsx'
import { LockTree } from './LockTree.tsx'
import { PreparedList } from './PreparedList.tsx'
import { ServerLogPane } from './ServerLogPane.tsx'
import { SessionDrawer } from './SessionDrawer.tsx'
import { SessionState } from './SessionState.tsx'
import { SettingsPane } from './SettingsPane.tsx'
import { idOf, isLongIdle, runningMs } from './session.ts'
import { longMs, toneOf, veryLongMs } from './thresholds.ts'
import './activity.css'

const refreshMs = 2000

const shows = [
  [undefined, 'Sessions'],
  ['settings', 'Configuration'],
  ['log', 'Server log'],
] as const

/** Who is connected and at what, who waits for whom; any of them can be cancelled or ended. */
export function ActivityView() {
  const sessions = useQuery({ ...rpc.activity.list.queryOptions(), refetchInterval: refreshMs })
  const prepared = useQuery({ ...rpc.activity.prepared.queryOptions(), refetchInterval: refreshMs })
  const search = useSearch({ strict: false })
  const navigate = useNavigate()
  const [chosen, setChosen] = useState<string>()
  const filter = search.find ?? ''
  const setFilter = (find: string) =>
    void navigate({ to: '/activity', search: { find: find || undefined, own: search.own }, replace: true })
  const hidesOwn = search.own === 'hidden'
  const words = filter.toLowerCase().split(/\s+/)
  const isFound = ({ user, database, application, state, query, isOwn }: Session) => {
    if (hidesOwn && isOwn) return false
    const text = `${user} ${database} ${application} ${state} ${query}`.toLowerCase()
    return words.every((word) => text.includes(word))
  }
  const all = sessions.data ?? []
  const waiting = all.filter(({ blockedBy }) => blockedBy.length > 0).length
  const idle = all.filter((one) => isLongIdle(one)).length
  const long = all.filter((one) => toneOf(runningMs(one)) !== undefined).length
  const session = all.find((one) => idOf(one) === chosen)

  return (
    <>
      <ViewHeader
        title="Sessions"
        state={
          sessions.data && (
            <>
              {waiting > 0 && (
                <span className="t-warn">
                  <State name="warning" /> {plural(waiting, 'session')} waiting for a lock
                </span>
              )}
              {idle > 0 && (
                <span className="t-warn">{plural(idle, 'transaction')} idle for over a minute</span>
              )}
              {(prepared.data?.length ?? 0) > 0 && (
                <span className="t-warn">{plural(prepared.data?.length ?? 0, 'prepared transaction')}</span>
              )}
              {long > 0 && (
                <span className="t-warn">{plural(long, 'statement')} running for over a minute</span>
              )}
              <span>{plural(all.length, 'session')}</span>
              <span>{all.filter(({ state }) => state === 'active').length} active</span>
            </>
          )
        }
        actions={
          <div className="seg">
            {shows.map(([name, label]) => (
              <button
                key={label}
                type="button"
                aria-pressed={search.show === name}
                onClick={() => void navigate({ to: '/activity', search: { show: name } })}
              >
                {label}
              </button>
            ))}
          </div>
        }
      />
      {search.show === 'settings' ? (
        <SettingsPane />
      ) : search.show === 'log' ? (
        <ServerLogPane />
      ) : (
        <QueryPanel query={sessions} rows={12}>
          {(rows) => (
            <div
              className="view-body panes"
              style={{ gridTemplateColumns: session ? 'minmax(0, 1fr) 380px' : 'minmax(0, 1fr)' }}
            >
              <section className="column">
                <LockTree sessions={rows} chosen={chosen} onChoose={setChosen} />
                {prepared.error && <ErrorNotice error={prepared.error} />}
                <PreparedList prepared={prepared.data ?? []} />
                <div className="toolbar">
                  <FilterInput
                    label="Filter by user, application, state or query"
                    value={filter}
                    onChange={setFilter}
                  />
                  <label className="sessions__own">
                    <input
                      type="checkbox"
                      checked={hidesOwn}
                      onChange={({ target }) =>
                        void navigate({
                          to: '/activity',
                          search: { find: search.find, own: target.checked ? 'hidden' : undefined },
                          replace: true,
                        })
                      }
                    />
                    Hide Atlas's own
                  </label>
                </div>
                {rows.length === 0 ? (
                  <EmptyState icon={<IconUsers className="icon icon--18" />} title="Nobody else is connected">
                    Every client of the server would be here, with what it does and for what it waits.
                  </EmptyState>
                ) : (
                  <DataTable
                    label="Sessions"
                    rows={rows.filter(isFound)}
                    keyOf={idOf}
                    selected={chosen}
                    onSelect={(one) => setChosen(idOf(one) === chosen ? undefined : idOf(one))}
                    columns={[
                      {
                        name: 'state',
                        label: '',
                        width: 34,
                        render: (one) => <SessionState session={one} />,
                      },
                      {
                        name: 'pid',
                        label: 'Process',
                        width: 76,
                        sortBy: ({ processId }) => processId,
                        render: ({ processId }) => <span className="mono num">{processId}</span>,
                      },
                      {
                        name: 'user',
                        label: 'User',
                        width: 120,
                        sortBy: ({ user }) => user,
                        render: ({ user }) => user,
                      },
                      {
                        name: 'application',
                        label: 'Application',
                        width: 190,
                        sortBy: ({ application }) => application,
                        render: ({ application, isOwn }) => (
                          <span className={isOwn ? 't2' : undefined} title={application}>
                            {application}
                          </span>
                        ),
                      },
                      {
                        name: 'does',
                        label: 'State',
                        width: 170,
                        sortBy: ({ state }) => state,
                        render: ({ state, waitsFor }) => (
                          <span title={waitsFor ?? undefined}>
                            {state}
                            {waitsFor && <span className="t3"> {waitsFor}</span>}
                          </span>
                        ),
                      },
                      {
                        name: 'for',
                        label: 'For',
                        width: 80,
                        align: 'right',
                        sortBy: ({ stateMs }) => stateMs ?? -1,
                        render: (one) =>
                          one.stateMs !== null && (
                            <span
                              className={toneOf(runningMs(one))}
                              title={
                                toneOf(runningMs(one)) &&
                                `A statement is amber from ${formatDuration(longMs)} on, red from ${formatDuration(veryLongMs)}.`
                              }
                            >
                              {formatDuration(Math.max(0, one.stateMs))}
                            </span>
                          ),
                      },
                      {
                        name: 'transaction',
                        label: 'Transaction',
                        width: 96,
                        align: 'right',
                        sortBy: ({ transactionMs }) => transactionMs ?? -1,
                        render: (one) =>
                          one.transactionMs !== null && (
                            <span className={isLongIdle(one) ? toneOf(one.transactionMs) : undefined}>
                              {formatDuration(Math.max(0, one.transactionMs))}
                            </span>
                          ),
                      },
                      {
                        name: 'query',
                        label: 'Statement',
                        render: ({ query }) => (
                          <span className="mono t2" title={query}>
                            {query}
                          </span>
                        ),
                      },
                    ]}
                  />
                )}
              </section>
              {session && (
                <SessionDrawer
                  key={chosen}
                  session={session}
                  sessions={rows}
                  onClose={() => setChosen(undefined)}
                />
              )}
            </div>
          )}
        </QueryPanel>
      )}
    </>
  )
}
