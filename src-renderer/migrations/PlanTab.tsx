import { IconStairsUp } from '@tabler/icons-react'
import { useState } from 'react'
import type { PlannedFile, PlannedStatement, Rehearsal } from '../../src-main/migrations/report.contract.ts'
import type { Migration, RunnerState } from '../../src-main/migrations/state.contract.ts'
import { CopyButton } from '../ui/CopyButton.tsx'
import { DataTable } from '../ui/DataTable.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { formatBytes, formatCompact, formatDuration } from '../ui/format.ts'
import { LockLevel } from '../ui/LockLevel.tsx'
import { SqlBlock } from '../ui/SqlBlock.tsx'
import { State, type StateName } from '../ui/State.tsx'

interface Props {
  migration: Migration
  file: PlannedFile | undefined
  live: RunnerState | undefined
  rehearsed: Rehearsal['files'][number] | undefined
}

interface Row extends PlannedStatement {
  number: number
}

/** What a file will do, statement by statement: locks, sizes, what cannot be undone; live while it runs. */
export function PlanTab({ migration, file, live, rehearsed }: Props) {
  const [chosen, setChosen] = useState<number>()
  if (!file) {
    return (
      <EmptyState icon={<IconStairsUp className="icon icon--18" />} title="Nothing left to run">
        This migration is {migration.state}. The file and what the ledger remembers of it are in the other
        tabs.
      </EmptyState>
    )
  }
  const rows = file.statements.map((statement, index): Row => ({ ...statement, number: index + 1 }))
  const shown = rows.find(({ number }) => number === (chosen ?? live?.statement)) ?? rows[0]
  return (
    <>
      <div className="mig__plan">
        <DataTable
          label="Plan"
          rows={rows}
          keyOf={({ number }) => String(number)}
          selected={shown && String(shown.number)}
          onSelect={({ number }) => setChosen(number)}
          columns={[
            {
              name: 'state',
              label: '',
              width: 34,
              render: ({ number }) => <State name={stateOf(number, live)} />,
            },
            { name: 'number', label: '#', width: 48, align: 'right', render: ({ number }) => number },
            {
              name: 'statement',
              label: 'Statement',
              render: ({ summary, isIrreversible }) => (
                <span className="cell">
                  <span className="mono clip" title={summary}>
                    {summary}
                  </span>
                  {isIrreversible && <State name="warning" label="cannot be undone" />}
                </span>
              ),
            },
            {
              name: 'rows',
              label: 'Rows',
              width: 76,
              align: 'right',
              render: ({ tables }) => {
                const known = tables.filter(({ rows: count }) => count !== null && count >= 0)
                return known.length === 0 ? '' : formatCompact(Math.max(...known.map((one) => one.rows ?? 0)))
              },
            },
            {
              name: 'lock',
              label: 'Strongest lock',
              width: 164,
              render: ({ lock, blocks }) => <LockLevel lock={lock} blocks={blocks} />,
            },
            {
              name: 'time',
              label: 'Time',
              width: 78,
              align: 'right',
              render: ({ number, line }) => timeOf(number, line, live, rehearsed),
            },
          ]}
        />
      </div>
      {shown && <Statement row={shown} />}
    </>
  )
}

function Statement({ row }: { row: Row }) {
  const facts = [
    row.line === row.endLine ? `line ${row.line}` : `lines ${row.line} to ${row.endLine}`,
    row.blocks && `others’ ${row.blocks} wait`,
    row.isRewrite && 'writes the table anew',
    row.isScan && 'reads the whole table',
    row.isIrreversible && 'cannot be undone',
    ...row.tables.map(
      ({ name, sizeBytes }) =>
        `${name}${sizeBytes === null ? ' is not there yet' : ` ${formatBytes(sizeBytes)}`}`,
    ),
  ].filter(Boolean)
  return (
    <div className="mig__sql">
      <h3 className="section-head">
        Statement {row.number}
        <span className="t3 clip num">{facts.join(', ')}</span>
        <span className="toolbar__fill" />
        <CopyButton text={row.text} />
      </h3>
      <div className="mig__statement">
        <SqlBlock text={row.text} label="Statement" canCopy={false} />
      </div>
    </div>
  )
}

function stateOf(number: number, live: RunnerState | undefined): StateName {
  if (!live || number > live.statement) return 'queued'
  if (number < live.statement) return 'succeeded'
  return live.phase === 'retrying' ? 'warning' : 'running'
}

function timeOf(
  number: number,
  line: number,
  live: RunnerState | undefined,
  rehearsed: Props['rehearsed'],
): string {
  const took = live?.durationsMs[number - 1]
  if (took !== undefined) return formatDuration(took)
  const tried = rehearsed?.up.find((one) => one.line === line)
  return tried ? `~${formatDuration(tried.durationMs)}` : ''
}
