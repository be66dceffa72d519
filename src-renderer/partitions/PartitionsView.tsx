import { IconCalendarPlus, IconFilterSearch, IconX } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useMemo, useState } from 'react'
import type { Plan } from '../../src-main/partitions/action.contract.ts'
import { rpc } from '../rpc/client.ts'
import { useCommands } from '../shell/commands.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { plural } from '../ui/format.ts'
import { JobCard } from '../ui/JobCard.tsx'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { State } from '../ui/State.tsx'
import { useJobs } from '../ui/useJobs.ts'
import { ViewHeader } from '../ui/ViewHeader.tsx'
import { exportCsv, exportPng } from './exportPicture.ts'
import type { Height } from './layout.ts'
import { keyOf } from './layout.ts'
import { PartitionDialog, type Wanted } from './PartitionDialogs.tsx'
import { PartitionDrawer } from './PartitionDrawer.tsx'
import { PartitionsToolbar } from './PartitionsToolbar.tsx'
import { PartitionTable } from './PartitionTable.tsx'
import { PruneBar } from './PruneBar.tsx'
import { TablePictures, type TableWithPartitions } from './TablePictures.tsx'
import { Windowed } from './Windowed.tsx'
import './partitions.css'
import './pictures.css'

/** Every partitioned table as a picture: what covers what, what is missing, what is ahead; and changing it. */
export function PartitionsView() {
  const partitions = useQuery(rpc.partitions.list.queryOptions({ input: {} }))
  const ensure = useMutation(rpc.partitions.ensure.mutationOptions())
  const prune = useMutation(rpc.partitions.prune.mutationOptions())
  const search = useSearch({ strict: false })
  const navigate = useNavigate()
  const [wanted, setWanted] = useState<Wanted>()
  const [last, setLast] = useState<{ jobId: string; undo: NonNullable<Plan['undo']> }>()
  const go = (change: Record<string, string | undefined>) =>
    void navigate({
      to: '/partitions',
      search: (now: Record<string, string | undefined>) => ({ ...now, ...change }),
      replace: true,
    })
  const height: Height = search.height === 'bytes' ? 'bytes' : 'rows'
  const zoom = Math.max(1, Math.min(64, Number(search.zoom) || 1))
  const filter = (search.table ?? '').toLowerCase()
  const jobs = useJobs().filter(({ link }) => link === '/partitions')
  const running = jobs.find(({ status }) => status === 'running')
  const done = jobs.find(({ id, status }) => id === last?.jobId && status === 'succeeded')
  const failed = jobs[0]?.status === 'failed' ? jobs[0] : undefined
  const tables = useMemo(() => partitions.data?.tables ?? [], [partitions.data])
  const shown = tables.filter((table) => keyOf(table).toLowerCase().includes(filter))
  const urgent = tables.flatMap(({ findings }) => findings.filter(({ severity }) => severity !== 'note'))
  const count = tables.reduce((sum, { partitionCount }) => sum + partitionCount, 0)
  const found = useMemo(() => find(tables, search.partition), [tables, search.partition])
  const hasPlatform = tables.some(({ schema }) => schema === 'explore')
  const make = () => ensure.mutate({})
  useCommands(
    [
      { label: 'Make missing partitions', run: make },
      { label: 'Check which partitions a statement touches', run: () => go({ check: search.check ?? ' ' }) },
    ],
    'partitions',
  )
  // A statement of the address is checked as if it had been typed: a link shows what its sender saw.
  const asked = search.check?.trim()
  const { mutate: check } = prune
  useEffect(() => {
    if (asked) check({ statement: asked })
  }, [asked, check])
  const pruned = asked ? prune.data : undefined
  const touched = useMemo(
    () => pruned && new Set(pruned.tables.flatMap((table) => table.touched.map(keyOf))),
    [pruned],
  )
  const byTable = new Map(pruned?.tables.map((table) => [keyOf(table), table]))
  const draw = (table: TableWithPartitions) => {
    const own = byTable.get(keyOf(table))
    return (
      <TablePictures
        table={table}
        height={height}
        zoom={zoom}
        selected={search.partition}
        touched={own && touched}
        pruning={own && { touched: own.touched.length, total: own.total, isRouted: own.isRouted }}
        onSelect={(partition) => go({ partition })}
        onAct={setWanted}
      />
    )
  }
  const step = (by: 1 | -1) => {
    const at = found?.table.partitions.indexOf(found.partition) ?? -1
    const next = found?.table.partitions[at + by]
    if (next) go({ partition: keyOf(next) })
  }

  return (
    <>
      <ViewHeader
        title="Partitions"
        state={
          partitions.data && (
            <>
              {urgent.length > 0 && (
                <span className="t-warn clip" title={urgent.map(({ text }) => text).join('\n')}>
                  <State name="warning" />
                  {urgent.length === 1 ? urgent[0]?.text : plural(urgent.length, 'finding')}
                </span>
              )}
              <span>
                {urgent.length === 0 && <State name="succeeded" />}
                {plural(count, 'partition')} of {plural(tables.length, 'table')}
              </span>
            </>
          )
        }
        actions={
          <>
            <button
              type="button"
              className="btn btn--ghost"
              aria-pressed={search.check !== undefined}
              disabled={tables.length === 0}
              onClick={() => go({ check: search.check === undefined ? ' ' : undefined })}
            >
              <IconFilterSearch className="icon" />
              Check a statement
            </button>
            {hasPlatform && (
              <button
                type="button"
                className="btn btn--primary"
                title="select public.atlas_ensure_all_partitions(…)"
                disabled={running !== undefined || ensure.isPending}
                onClick={make}
              >
                <IconCalendarPlus className="icon" />
                {`Make ${partitions.data?.horizonMonths ?? 3} months ahead`}
              </button>
            )}
          </>
        }
      />
      <QueryPanel query={partitions}>
        {() =>
          tables.length === 0 ? (
            <EmptyState
              icon={<IconCalendarPlus className="icon icon--18" />}
              title="No partitioned table yet"
            >
              Deploying the platform makes four: raw data by month, facts by year, the audit log by quarter,
              test runs by year. Any partitioned table of this database is shown here.
            </EmptyState>
          ) : (
            <div
              className="view-body parts"
              style={found ? undefined : { gridTemplateColumns: 'minmax(0, 1fr)' }}
            >
              <div className="parts__main">
                <PartitionsToolbar
                  filter={search.table ?? ''}
                  isTable={search.as === 'table'}
                  height={height}
                  zoom={zoom}
                  onChange={go}
                  onCsv={() => exportCsv(shown)}
                  onPng={() => void exportPng(shown, height)}
                />
                {search.check !== undefined && (
                  <PruneBar
                    statement={asked ?? ''}
                    isPending={prune.isPending}
                    error={asked ? prune.error : undefined}
                    summary={pruned && summaryOf(pruned)}
                    onCheck={(check) => go({ check })}
                    onClose={() => go({ check: undefined })}
                  />
                )}
                {ensure.error && <ErrorNotice error={ensure.error} />}
                {(running ?? failed) && (
                  <div className="parts__job">
                    <JobCard job={running ?? (failed as NonNullable<typeof failed>)} />
                  </div>
                )}
                {done && last && (
                  <p className="parts__done" role="status">
                    <State name="succeeded" />
                    <span className="grow">{done.detail}</span>
                    <button type="button" className="btn btn--sm" onClick={() => setWanted(last.undo)}>
                      Undo…
                    </button>
                    <button
                      type="button"
                      className="icon-btn icon-btn--sm"
                      title="Close"
                      onClick={() => setLast(undefined)}
                    >
                      <IconX className="icon" />
                    </button>
                  </p>
                )}
                {shown.length === 0 ? (
                  <p className="blank__text">No table is called like that.</p>
                ) : search.as === 'table' ? (
                  <PartitionTable
                    rows={shown.flatMap((table) =>
                      table.partitions.map((one) => ({ ...one, table: table.name })),
                    )}
                    selected={search.partition}
                    onSelect={(partition) => go({ partition })}
                  />
                ) : (
                  <Windowed tables={shown} draw={draw} />
                )}
              </div>
              {found && (
                <PartitionDrawer
                  {...found}
                  onClose={() => go({ partition: undefined })}
                  onStep={step}
                  onAct={setWanted}
                />
              )}
            </div>
          )
        }
      </QueryPanel>
      {wanted && (
        <PartitionDialog
          wanted={wanted}
          onChange={setWanted}
          onClose={() => setWanted(undefined)}
          onStarted={(jobId, undo) => setLast(undo ? { jobId, undo } : undefined)}
        />
      )}
    </>
  )
}

function find(tables: TableWithPartitions[], wanted: string | undefined) {
  if (wanted === undefined) return undefined
  for (const table of tables) {
    const partition = table.partitions.find((one) => keyOf(one) === wanted)
    if (partition) return { table, partition }
  }
  return undefined
}

function summaryOf({
  tables,
  planningMs,
}: {
  tables: { name: string; touched: unknown[]; total: number; pruned: number; isRouted: boolean }[]
  planningMs: number
}) {
  if (tables.length === 0) return 'It touches no partitioned table.'
  const parts = tables.map(({ name, touched, total, pruned, isRouted }) =>
    isRouted
      ? `${name}: rows go to their partitions as they come`
      : `${name}: ${touched.length} of ${total} partitions touched, ${pruned} pruned`,
  )
  return `${parts.join('; ')}. Planned in ${planningMs.toFixed(1)} ms; nothing was run.`
}
