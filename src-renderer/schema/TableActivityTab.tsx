import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { TableActivity } from '../../src-main/schema/table/contract.ts'
import { rpc } from '../rpc/client.ts'
import { DataTable } from '../ui/DataTable.tsx'
import { Facts } from '../ui/Facts.tsx'
import { formatCount } from '../ui/format.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'

/** What happened to a table: counts of the server, runs that wrote it, entries of the audit log. */
export function TableActivityTab({ schema, name }: { schema: string; name: string }) {
  const activity = useQuery(rpc.schema.activity.queryOptions({ input: { schema, name } }))
  return (
    <QueryPanel query={activity}>
      {({ counts, lastAnalyze, lastVacuum, runs, audit }) => (
        <div className="column grow activity-tab">
          <Facts
            facts={[
              [
                'Written',
                `${formatCount(counts.inserted)} inserted, ${formatCount(counts.updated)} updated, ${formatCount(counts.deleted)} deleted`,
              ],
              ['Rows', `${formatCount(counts.live)} live, ${formatCount(counts.dead)} dead`],
              [
                'Read',
                `${formatCount(counts.indexScans)} scans of indexes, ${formatCount(counts.tableScans)} of the whole table`,
              ],
              ['Vacuumed', <Since key="vacuum" time={lastVacuum} />],
              ['Analyzed', <Since key="analyze" time={lastAnalyze} />],
            ]}
          />
          <h3 className="section-head">Runs that wrote it</h3>
          {runs === null && <p className="small t2">The platform is not deployed here.</p>}
          {runs?.length === 0 && <p className="small t2">No run wrote this table.</p>}
          {runs && runs.length > 0 && <Runs runs={runs} />}
          <h3 className="section-head">Audit log of the last ninety days</h3>
          {audit === null && <p className="small t2">There is no audit log that this user may read.</p>}
          {audit?.length === 0 && <p className="small t2">No entry is about this table.</p>}
          {audit && audit.length > 0 && <Audit entries={audit} />}
        </div>
      )}
    </QueryPanel>
  )
}

function Since({ time }: { time: Date | null }) {
  return time ? <RelativeTime time={time} /> : 'never'
}

function Runs({ runs }: { runs: NonNullable<TableActivity['runs']> }) {
  return (
    <DataTable
      label="Runs"
      rows={runs}
      keyOf={({ runId, task }) => `${runId} ${task}`}
      columns={[
        {
          name: 'pipeline',
          label: 'Pipeline',
          width: 180,
          render: ({ pipeline, runId }) => (
            <Link to="/pipelines" search={{ pipeline, run: runId }}>
              {pipeline}
            </Link>
          ),
        },
        {
          name: 'task',
          label: 'Task',
          width: 200,
          render: ({ task }) => <span className="mono">{task}</span>,
        },
        { name: 'status', label: 'Outcome', width: 110, render: ({ status }) => status },
        {
          name: 'rows',
          label: 'Rows out',
          width: 90,
          align: 'right',
          render: ({ rowsOut }) => formatCount(rowsOut),
        },
        {
          name: 'at',
          label: 'Finished',
          render: ({ finishedAt }) => finishedAt && <RelativeTime time={finishedAt} />,
        },
      ]}
    />
  )
}

function Audit({ entries }: { entries: NonNullable<TableActivity['audit']> }) {
  return (
    <DataTable
      label="Audit entries"
      rows={entries}
      keyOf={({ sequence }) => String(sequence)}
      columns={[
        { name: 'at', label: 'When', width: 130, render: ({ at }) => <RelativeTime time={at} /> },
        { name: 'user', label: 'Who', width: 150, render: ({ user }) => user },
        { name: 'action', label: 'Did', width: 90, render: ({ action }) => action },
        {
          name: 'row',
          label: 'Row',
          render: ({ rowKey }) => <span className="mono t2">{JSON.stringify(rowKey)}</span>,
        },
      ]}
    />
  )
}
