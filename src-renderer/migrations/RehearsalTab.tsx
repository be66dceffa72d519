import { IconTestPipe } from '@tabler/icons-react'
import type { Rehearsal } from '../../src-main/migrations/report.contract.ts'
import { DataTable } from '../ui/DataTable.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { formatDuration, plural } from '../ui/format.ts'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { State, type StateName } from '../ui/State.tsx'
import { Differences } from './Differences.tsx'

interface Props {
  rehearsal: Rehearsal | null | undefined
  version: string
  isRunning: boolean
  onRehearse: () => void
}

const marks: Record<string, StateName> = {
  passed: 'succeeded',
  failed: 'failed',
  skipped: 'skipped',
  none: 'skipped',
}

/** What a file did in a throw-away copy of the schema: times, locks, rewrites, and the way down and up again. */
export function RehearsalTab({ rehearsal, version, isRunning, onRehearse }: Props) {
  const file = rehearsal?.files.find((one) => one.version === version)
  if (!rehearsal || !file) {
    return (
      <EmptyState
        icon={<IconTestPipe className="icon icon--18" />}
        title="Not rehearsed yet"
        actions={
          <button type="button" className="btn" disabled={isRunning} onClick={onRehearse}>
            {isRunning ? 'Rehearsing…' : 'Rehearse what is pending'}
          </button>
        }
      >
        The schema is made anew in a throw-away database, from the ledger or the catalogue, then every pending
        file is applied, proved, reverted and applied again there. The report names times, locks, rewrites and
        what the way back leaves behind.
      </EmptyState>
    )
  }
  return (
    <div className="column" style={{ flex: 1, minHeight: 0 }}>
      <div className="toolbar rehearsal__head">
        <Outcome name={marks[file.status] ?? 'queued'} label={`Forward ${file.status}`} />
        <Outcome
          name={marks[file.verify] ?? 'queued'}
          label={file.verify === 'none' ? 'No proof' : `Proof ${file.verify}`}
        />
        <Outcome
          name={marks[file.down] ?? 'queued'}
          label={file.down === 'none' ? 'No way back' : `Down and up ${file.down}`}
        />
        <span className="toolbar__fill" />
        <span className="t3 small clip" title={rehearsal.leftOut.join('\n') || undefined}>
          {rehearsal.copied > 0
            ? `${plural(rehearsal.copied, 'object')} copied from the catalogue`
            : `${plural(rehearsal.replayed, 'file')} replayed`}{' '}
          on {rehearsal.place}
          {rehearsal.leftOut.length > 0 && `, ${rehearsal.leftOut.length} left out`},{' '}
          <RelativeTime time={rehearsal.startedAt} />
        </span>
        <button type="button" className="btn" disabled={isRunning} onClick={onRehearse}>
          {isRunning ? 'Rehearsing…' : 'Again'}
        </button>
      </div>
      {file.error && (
        <p className="notice notice--failed" style={{ margin: '8px 16px' }}>
          <State name="failed" />
          {file.error}
        </p>
      )}
      {file.differences.length > 0 && (
        <Differences differences={file.differences} label="Left after down and up" />
      )}
      <DataTable
        label="Rehearsal"
        rows={file.up.map((row, index) => ({ ...row, number: index + 1 }))}
        keyOf={({ number }) => String(number)}
        columns={[
          {
            name: 'state',
            label: '',
            width: 34,
            render: ({ error }) => <State name={error ? 'failed' : 'succeeded'} />,
          },
          { name: 'line', label: 'Line', width: 56, align: 'right', render: ({ line }) => line },
          {
            name: 'statement',
            label: 'Statement',
            render: ({ summary, error }) => (
              <span className="mono clip" title={error ?? summary}>
                {summary}
              </span>
            ),
          },
          {
            name: 'locks',
            label: 'Locks that others meet',
            render: ({ locks }) => {
              const old = locks.filter(({ isNew }) => !isNew)
              const words = old.map(({ mode, object }) => `${mode} ${object}`).join(', ')
              return (
                <span className={old.length === 0 ? 't3' : 'clip'} title={words}>
                  {words || 'none'}
                </span>
              )
            },
          },
          {
            name: 'rewrites',
            label: 'Rewrites',
            width: 150,
            render: ({ rewrites }) => <span className="clip mono">{rewrites.join(', ')}</span>,
          },
          {
            name: 'time',
            label: 'Time',
            width: 78,
            align: 'right',
            sortBy: ({ durationMs }) => durationMs,
            render: ({ durationMs }) => formatDuration(durationMs),
          },
        ]}
      />
    </div>
  )
}

function Outcome({ name, label }: { name: StateName; label: string }) {
  return (
    <span className="cell small">
      <State name={name} />
      {label}
    </span>
  )
}
