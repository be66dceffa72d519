import { IconDownload, IconHistory, IconShieldCheck } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { AuditEntry } from '../../src-main/audit/contract.ts'
import { rpc } from '../rpc/client.ts'
import { useCommands } from '../shell/commands.ts'
import { DataTable } from '../ui/DataTable.tsx'
import { download, toCsv } from '../ui/download.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { FilterInput } from '../ui/FilterInput.tsx'
import { formatCount, formatDuration, formatExact, formatTime, plural } from '../ui/format.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { State } from '../ui/State.tsx'
import { ViewHeader } from '../ui/ViewHeader.tsx'
import { ActivityHeatmap } from './ActivityHeatmap.tsx'
import { EntryDrawer } from './EntryDrawer.tsx'
import { storyOf } from './story.ts'
import './audit.css'

const windows = { day: 1, week: 7, month: 31, quarter: 92 } as const
type WindowName = keyof typeof windows

/** Who changed what, when, and whether anybody bent the record of it. */
export function AuditView() {
  const search = useSearch({ strict: false })
  const navigate = useNavigate()
  const name: WindowName =
    (Object.keys(windows) as WindowName[]).find((known) => known === search.window) ?? 'week'
  const filter = search.filter ?? ''
  const go = (change: Record<string, string | undefined>) =>
    void navigate({
      to: '/audit',
      search: { window: name, filter: search.filter, entry: search.entry, ...change },
      replace: true,
    })
  // Whole hours, so that the queries stay the same while one looks.
  const to = new Date((Math.floor(Date.now() / 3_600_000) + 1) * 3_600_000)
  const from = new Date(to.getTime() - windows[name] * 86_400_000)
  const entries = useQuery(rpc.audit.list.queryOptions({ input: { from, to, limit: 500 } }))
  const heatmap = useQuery(rpc.audit.heatmap.queryOptions({ input: { from, to } }))
  const verify = useMutation(rpc.audit.verify.mutationOptions())
  const check = () => verify.mutate({})
  useCommands([{ label: 'Verify the audit chain', run: check }], 'audit')

  const words = filter.toLowerCase().split(/\s+/)
  const isFound = (entry: AuditEntry) => {
    const text = `${storyOf(entry)} ${entry.application} ${JSON.stringify(entry.rowKey)}`.toLowerCase()
    return words.every((word) => text.includes(word))
  }
  const shown = (entries.data ?? []).filter(isFound)
  const selected = shown.find(({ sequence }) => String(sequence) === search.entry)
  const exportCsv = () =>
    download(
      'atlas-audit.csv',
      toCsv([
        ['sequence', 'occurred_at', 'user', 'application', 'action', 'table', 'key', 'before', 'after'],
        ...shown.map((entry) => [
          String(entry.sequence),
          entry.occurredAt,
          entry.user,
          entry.application,
          entry.action,
          `${entry.schema}.${entry.table}`,
          JSON.stringify(entry.rowKey),
          entry.old && JSON.stringify(entry.old),
          entry.new && JSON.stringify(entry.new),
        ]),
      ]),
    )

  return (
    <>
      <ViewHeader
        title="Audit"
        state={
          <>
            {verify.data &&
              (verify.data.isIntact ? (
                <span className="t-ok">
                  <State name="succeeded" />
                  Chain intact: {formatCount(verify.data.checkedEntries)} entries in{' '}
                  {formatDuration(verify.data.durationMs)}
                </span>
              ) : (
                <span className="t-fail" title={verify.data.firstBad?.detail}>
                  <State name="failed" />
                  Broken at entry {verify.data.firstBad?.sequence}:{' '}
                  {verify.data.firstBad?.kind.replace('_', ' ')}
                </span>
              ))}
            {verify.isPending && (
              <span>
                <State name="running" />
                Verifying the chain
              </span>
            )}
            {entries.data && <span>{plural(shown.length, 'entry').replace('entrys', 'entries')}</span>}
          </>
        }
        actions={
          <>
            <button
              type="button"
              className="btn btn--ghost"
              disabled={shown.length === 0}
              onClick={exportCsv}
            >
              <IconDownload className="icon" />
              CSV
            </button>
            <button type="button" className="btn" disabled={verify.isPending} onClick={check}>
              <IconShieldCheck className="icon" />
              Verify the chain
            </button>
          </>
        }
      />
      <QueryPanel query={entries} rows={14}>
        {(all) => (
          <div
            className="view-body panes"
            style={{ gridTemplateColumns: selected ? 'minmax(0, 1fr) 408px' : 'minmax(0, 1fr)' }}
          >
            <section className="column" aria-label="Entries">
              <div className="toolbar">
                <div style={{ width: 280 }}>
                  <FilterInput
                    label="Filter by user, table, key or application"
                    value={filter}
                    onChange={(value) => go({ filter: value || undefined })}
                  />
                </div>
                <div className="seg">
                  {(Object.keys(windows) as WindowName[]).map((known) => (
                    <button
                      key={known}
                      type="button"
                      aria-pressed={known === name}
                      onClick={() => go({ window: known })}
                    >
                      {known}
                    </button>
                  ))}
                </div>
              </div>
              {verify.error && <ErrorNotice error={verify.error} onRetry={check} />}
              {all.length === 0 ? (
                <EmptyState
                  icon={<IconHistory className="icon icon--18" />}
                  title={`No entry in this ${name}`}
                >
                  Changes of pipelines, schedules, rules, sources, customers, consents, requests and retention
                  are recorded here with who, when and what was before. The hot tables (raw data, staging,
                  facts, task runs) are not.
                </EmptyState>
              ) : (
                <>
                  <ActivityHeatmap cells={heatmap.data ?? []} from={from} days={windows[name]} />
                  <DataTable
                    label="Audit entries"
                    rows={shown}
                    keyOf={({ sequence }) => String(sequence)}
                    selected={search.entry}
                    onSelect={({ sequence }) => go({ entry: String(sequence) })}
                    columns={[
                      {
                        name: 'sequence',
                        label: '#',
                        width: 64,
                        align: 'right',
                        render: ({ sequence }) => sequence,
                      },
                      {
                        name: 'time',
                        label: 'When',
                        width: 160,
                        render: ({ occurredAt }) => (
                          <span className="num" title={formatExact(new Date(occurredAt))}>
                            {formatTime(new Date(occurredAt))}
                          </span>
                        ),
                      },
                      { name: 'story', label: 'What', render: (entry) => storyOf(entry) },
                      {
                        name: 'application',
                        label: 'From',
                        width: 200,
                        render: ({ application, address }) => (
                          <span className="t2">{application || address}</span>
                        ),
                      },
                    ]}
                  />
                </>
              )}
            </section>
            {selected && <EntryDrawer entry={selected} onClose={() => go({ entry: undefined })} />}
          </div>
        )}
      </QueryPanel>
    </>
  )
}
