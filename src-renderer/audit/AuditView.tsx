import { IconHistory, IconPlayerPlay, IconPlayerStop, IconShieldCheck } from '@tabler/icons-react'
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import { rpc } from '../rpc/client.ts'
import { useCommands } from '../shell/commands.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { formatCount, formatDuration } from '../ui/format.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { State } from '../ui/State.tsx'
import { useJobs } from '../ui/useJobs.ts'
import { ViewHeader } from '../ui/ViewHeader.tsx'
import { ActivityHeatmap } from './ActivityHeatmap.tsx'
import { AuditToolbar } from './AuditToolbar.tsx'
import { EntryDrawer } from './EntryDrawer.tsx'
import { EntryTable } from './EntryTable.tsx'
import { ExportMenu } from './ExportMenu.tsx'
import { useAuditFilter } from './useAuditFilter.ts'
import { useTail } from './useTail.ts'
import './audit.css'

const pageEntries = 200

/** Who changed what, when, and whether anybody bent the record of it. */
export function AuditView() {
  const { search, filter, go, window, days } = useAuditFilter()
  const isLive = search.live === '1'
  const tail = useTail(filter, isLive)
  const pages = useInfiniteQuery(
    rpc.audit.list.infiniteOptions({
      input: (before: string | undefined) => ({ ...filter, limit: pageEntries, ...(before && { before }) }),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: ({ next }) => next ?? undefined,
    }),
  )
  const heatmap = useQuery(rpc.audit.heatmap.queryOptions({ input: filter }))
  const verification = useQuery(rpc.audit.lastVerification.queryOptions())
  const verify = useMutation(rpc.audit.verify.mutationOptions())
  const job = useJobs().find(
    ({ title, status }) => title === 'Verify the audit chain' && status === 'running',
  )
  const check = () => verify.mutate(undefined)
  useCommands(
    [
      { label: 'Verify the audit chain', run: check },
      { label: 'Follow the audit log', run: () => go({ live: '1' }) },
    ],
    'audit',
  )

  const read = pages.data?.pages.flatMap(({ entries }) => entries) ?? []
  const newest = read[0]?.sequence ?? 0
  const shown = isLive ? [...tail.entries.filter(({ sequence }) => sequence > newest), ...read] : read
  const last = pages.data?.pages.at(-1)
  const selected = shown.find(({ sequence }) => String(sequence) === search.entry)
  const total = heatmap.data?.reduce((sum, { entries }) => sum + entries, 0)
  const isFiltered = ['actor', 'table', 'action', 'key', 'text', 'tx'].some((name) => search[name])
  const result = verification.data

  return (
    <>
      <ViewHeader
        title="Audit"
        state={
          <>
            {job && (
              <span>
                <State name="running" />
                Verifying the chain: {job.detail}
              </span>
            )}
            {!job && result?.isIntact && (
              <span className="t-ok">
                <State name="succeeded" />
                Chain intact: {formatCount(result.checkedEntries)} entries in{' '}
                {formatDuration(result.durationMs)}
              </span>
            )}
            {!job && result && !result.isIntact && (
              <span className="t-fail clip" title={result.firstBad?.detail}>
                <State name="failed" />
                {result.firstBad?.sequence == null ? 'Broken' : `Broken at entry ${result.firstBad.sequence}`}
                : {result.firstBad?.kind.replace('_', ' ')}, {result.firstBad?.detail}
              </span>
            )}
            {total !== undefined && (
              <span>
                {formatCount(total)} {total === 1 ? 'entry' : 'entries'}
              </span>
            )}
            {last?.isMasked && <span>personal values masked</span>}
            {isLive && (
              <span>
                <State name={tail.isBroken ? 'warning' : 'running'} />
                {tail.isBroken ? 'Reconnecting' : `Live, ${formatCount(tail.seen)} came`}
              </span>
            )}
          </>
        }
        actions={
          <>
            <ExportMenu filter={filter} isMasked={last?.isMasked} />
            <button
              type="button"
              className="btn btn--ghost"
              aria-pressed={isLive}
              onClick={() => go({ live: isLive ? undefined : '1' })}
            >
              {isLive ? <IconPlayerStop className="icon" /> : <IconPlayerPlay className="icon" />}
              {isLive ? 'Stop following' : 'Follow'}
            </button>
            <button
              type="button"
              className="btn"
              disabled={verify.isPending || job !== undefined}
              onClick={check}
            >
              <IconShieldCheck className="icon" />
              Verify the chain
            </button>
          </>
        }
      />
      <div
        className="view-body panes"
        style={{ gridTemplateColumns: selected ? 'minmax(0, 1fr) 408px' : 'minmax(0, 1fr)' }}
      >
        <section className="column" aria-label="Entries">
          <AuditToolbar search={search} go={go} window={window} />
          {(search.from || search.tx) && (
            <p className="audit__picked">
              {search.tx && <span>Transaction {search.tx}</span>}
              {search.from && (
                <span className="num">
                  {search.from.slice(0, 16).replace('T', ' ')} to {search.to?.slice(0, 16).replace('T', ' ')}{' '}
                  UTC
                </span>
              )}
              <button
                type="button"
                className="link"
                onClick={() => go({ from: undefined, to: undefined, tx: undefined })}
              >
                Show all
              </button>
            </p>
          )}
          {verify.error && <ErrorNotice error={verify.error} onRetry={check} />}
          <QueryPanel query={pages} rows={14}>
            {() =>
              shown.length === 0 && last?.next === null ? (
                <EmptyState
                  icon={<IconHistory className="icon icon--18" />}
                  title={isFiltered ? 'Nothing like that' : `No entry in this ${window}`}
                >
                  {isFiltered
                    ? 'No entry of this time fits the filter. Take a longer time, or say less.'
                    : 'Changes of pipelines, schedules, rules, sources, customers, consents, requests and retention are recorded here with who, when and what was before. The hot tables (raw data, staging, facts, task runs) are not.'}
                </EmptyState>
              ) : (
                <>
                  <ActivityHeatmap
                    cells={heatmap.data ?? []}
                    from={filter.from}
                    days={days}
                    onPick={(from, to) =>
                      go({ from: from.toISOString(), to: to.toISOString(), entry: undefined })
                    }
                  />
                  <EntryTable
                    entries={shown}
                    selected={search.entry}
                    isNarrow={selected !== undefined}
                    onSelect={({ sequence }) => go({ entry: String(sequence) })}
                  />
                  <p className="audit__foot num">
                    {formatCount(shown.length)} shown
                    {last?.searchedUntil &&
                      ` · searched until ${last.searchedUntil.slice(0, 16).replace('T', ' ')} UTC`}
                    {pages.hasNextPage && (
                      <button
                        type="button"
                        className="btn btn--sm"
                        disabled={pages.isFetchingNextPage}
                        onClick={() => void pages.fetchNextPage()}
                      >
                        {last?.searchedUntil ? 'Search on' : 'Older entries'}
                      </button>
                    )}
                    {pages.error && <span className="t-fail">Older entries could not be read</span>}
                  </p>
                </>
              )
            }
          </QueryPanel>
        </section>
        {selected && (
          <EntryDrawer
            entry={selected}
            onClose={() => go({ entry: undefined })}
            onSelect={(one) =>
              go({
                entry: String(one.sequence),
                table: `${one.schema}.${one.table}`,
                key: JSON.stringify(one.rowKey),
                actor: undefined,
                action: undefined,
                text: undefined,
                tx: undefined,
                window: 'year',
                from: undefined,
                to: undefined,
              })
            }
            onTransaction={(transaction) => go({ tx: String(transaction), entry: undefined })}
          />
        )}
      </div>
    </>
  )
}
