import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { HistoryEntry } from '../../src-main/migrations/contract.ts'
import type { Migration } from '../../src-main/migrations/state.contract.ts'
import { rpc } from '../rpc/client.ts'
import { CodeDiff } from '../ui/CodeDiff.tsx'
import { DataTable } from '../ui/DataTable.tsx'
import { Facts } from '../ui/Facts.tsx'
import { formatDuration, formatExact, formatTime } from '../ui/format.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { State, type StateName } from '../ui/State.tsx'
import { stateWords, useSource } from './source.ts'

const marks: Record<string, StateName> = {
  applied: 'succeeded',
  failed: 'failed',
  reverted: 'skipped',
  repaired: 'warning',
}

/** Who did what to a migration, when and from where; and what changed between any two of its texts. */
export function HistoryTab({ migration }: { migration: Migration }) {
  const source = useSource()
  const { version } = migration
  const history = useQuery(rpc.migrations.history.queryOptions({ input: { ...source, version } }))
  const detail = useQuery(rpc.migrations.describe.queryOptions({ input: { ...source, version } }))
  const [before, setBefore] = useState<string>()
  const [after, setAfter] = useState('file')
  return (
    <QueryPanel query={history}>
      {(entries) => (
        <QueryPanel query={detail}>
          {({ appliedText, fileText }) => {
            const points = [
              ...(fileText === null ? [] : [{ name: 'file', label: 'The file now' }]),
              ...entries.map((entry) => ({
                name: nameOf(entry),
                label: `${entry.action} ${formatTime(entry.at)}`,
              })),
            ]
            const left = before ?? (entries[0] && nameOf(entries[0])) ?? 'file'
            const right = points.some(({ name }) => name === after) ? after : (points[0]?.name ?? 'file')
            return (
              <div className="history">
                <div className="history__facts">
                  <Facts
                    facts={[
                      ['State', stateWords[migration.state]],
                      ['Applied', migration.appliedAt && formatExact(migration.appliedAt)],
                      ['By', migration.appliedBy],
                      ['From', migration.appliedFrom],
                      ['Outcome', migration.outcome],
                      [
                        'Took',
                        migration.durationMs === null ? undefined : formatDuration(migration.durationMs),
                      ],
                      ['Detail', migration.detail],
                      [
                        'Text',
                        appliedText === null
                          ? 'not applied yet'
                          : appliedText === fileText
                            ? 'the same as the file'
                            : 'differs from the file',
                      ],
                      [
                        'SHA-256',
                        <span key="sum" className="mono clip">
                          {migration.checksum}
                        </span>,
                      ],
                    ]}
                  />
                </div>
                {entries.length > 0 && <Events entries={entries} />}
                {points.length > 1 && (
                  <>
                    <div className="toolbar">
                      <Choice label="Compare" value={left} points={points} onChange={setBefore} />
                      <span className="t3 small">with</span>
                      <Choice label="With" value={right} points={points} onChange={setAfter} />
                    </div>
                    <div className="history__diff">
                      <Diff version={version} left={left} right={right} points={points} fileText={fileText} />
                    </div>
                  </>
                )}
              </div>
            )
          }}
        </QueryPanel>
      )}
    </QueryPanel>
  )
}

interface Point {
  name: string
  label: string
}

function Choice({
  label,
  value,
  points,
  onChange,
}: {
  label: string
  value: string
  points: Point[]
  onChange: (name: string) => void
}) {
  return (
    <select
      className="input input--sm"
      style={{ width: 260 }}
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      {points.map((point) => (
        <option key={point.name} value={point.name}>
          {point.label}
        </option>
      ))}
    </select>
  )
}

interface DiffProps {
  version: string
  left: string
  right: string
  points: Point[]
  fileText: string | null
}

function Diff({ version, left, right, points, fileText }: DiffProps) {
  const before = usePoint(version, left, fileText)
  const after = usePoint(version, right, fileText)
  const titleOf = (name: string) => points.find((point) => point.name === name)?.label ?? name
  if (before === undefined || after === undefined) return null
  if (before === after) {
    return (
      <p className="t3 small" style={{ padding: 12 }}>
        The two texts are the same.
      </p>
    )
  }
  return (
    <CodeDiff
      before={{ title: titleOf(left), text: before }}
      after={{ title: titleOf(right), text: after }}
      language="sql"
    />
  )
}

function usePoint(version: string, name: string, fileText: string | null): string | undefined {
  const source = useSource()
  const eventId = name === 'ledger' ? null : Number(name)
  const text = useQuery({
    ...rpc.migrations.historyText.queryOptions({ input: { ...source, version, eventId } }),
    enabled: name !== 'file',
  })
  return name === 'file' ? (fileText ?? '') : text.data?.text
}

const nameOf = ({ eventId }: HistoryEntry) => (eventId === null ? 'ledger' : String(eventId))

function Events({ entries }: { entries: readonly HistoryEntry[] }) {
  return (
    <div className="history__events">
      <DataTable
        label="History"
        rows={entries}
        keyOf={nameOf}
        columns={[
          {
            name: 'action',
            label: 'What',
            width: 110,
            render: ({ action }) => (
              <span className="cell">
                <State name={marks[action] ?? 'queued'} label={action} />
                {action}
              </span>
            ),
          },
          {
            name: 'at',
            label: 'When',
            width: 160,
            render: ({ at }) => <span className="num">{formatTime(at)}</span>,
          },
          { name: 'by', label: 'Who', width: 110, render: ({ by }) => by },
          {
            name: 'from',
            label: 'From',
            width: 170,
            render: ({ from }) => <span className="clip">{from}</span>,
          },
          {
            name: 'detail',
            label: 'Why',
            render: ({ detail }) => (
              <span className="clip" title={detail ?? ''}>
                {detail}
              </span>
            ),
          },
          {
            name: 'took',
            label: 'Took',
            width: 80,
            align: 'right',
            render: ({ durationMs }) => formatDuration(durationMs),
          },
        ]}
      />
    </div>
  )
}
