import { IconStairsUp } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { PlannedStatement } from '../../src-main/migrations/report.contract.ts'
import type { Migration } from '../../src-main/migrations/state.contract.ts'
import { rpc } from '../rpc/client.ts'
import { DataTable } from '../ui/DataTable.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { Facts } from '../ui/Facts.tsx'
import { formatDuration, formatExact, plural } from '../ui/format.ts'
import { LockLevel } from '../ui/LockLevel.tsx'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { SqlBlock } from '../ui/SqlBlock.tsx'
import { State } from '../ui/State.tsx'
import { Tabs } from '../ui/Tabs.tsx'

interface Props {
  migration: Migration
  /** Of a pending one: what it will do. */
  plan: PlannedStatement[] | undefined
}

/** One migration: the plan while it is pending, the file, and the ledger's record of it. */
export function MigrationDetail({ migration, plan }: Props) {
  const [tab, setTab] = useState<'plan' | 'file' | 'applied'>('plan')
  const detail = useQuery(rpc.migrations.describe.queryOptions({ input: { version: migration.version } }))
  return (
    <div className="column" style={{ flex: 1 }}>
      <header className="mig__head">
        <div className="grow">
          <h2 className="drawer__title mono-title">
            {migration.version}_{migration.name}.sql
          </h2>
          <p className="drawer__sub num">
            {plan ? `${plural(plan.length, 'statement')} in one transaction` : migration.state}
            <i className="sep" />
            <span className="mono clip" title={`SHA-256 ${migration.checksum}`}>
              {migration.checksum.slice(0, 12)}
            </span>
          </p>
        </div>
      </header>
      <Tabs
        label="Migration"
        active={tab}
        onChange={setTab}
        tabs={[
          { name: 'plan', label: 'Plan', count: plan?.length },
          { name: 'file', label: 'File' },
          { name: 'applied', label: 'Ledger' },
        ]}
      />
      <div className="column" style={{ flex: 1 }}>
        {tab === 'plan' && <Plan statements={plan} state={migration.state} />}
        {tab === 'file' && (
          <div className="scroll" style={{ padding: 12 }}>
            <QueryPanel query={detail}>
              {({ fileText }) =>
                fileText ? <SqlBlock text={fileText} label="File" /> : <p className="t2">The file is gone.</p>
              }
            </QueryPanel>
          </div>
        )}
        {tab === 'applied' && (
          <div className="scroll" style={{ padding: 12 }}>
            <QueryPanel query={detail}>
              {({ appliedText, fileText }) => (
                <div className="column" style={{ gap: 12 }}>
                  <Facts
                    facts={[
                      ['State', migration.state],
                      ['Applied', migration.appliedAt && formatExact(migration.appliedAt)],
                      ['By', migration.appliedBy],
                      [
                        'Took',
                        migration.durationMs === null ? undefined : formatDuration(migration.durationMs),
                      ],
                      [
                        'Text',
                        appliedText === null
                          ? 'not applied yet'
                          : appliedText === fileText
                            ? 'the same as the file'
                            : 'differs from the file',
                      ],
                    ]}
                  />
                  {appliedText !== null && appliedText !== fileText && (
                    <SqlBlock text={appliedText} label="Applied text" />
                  )}
                </div>
              )}
            </QueryPanel>
          </div>
        )}
      </div>
    </div>
  )
}

function Plan({
  statements,
  state,
}: {
  statements: PlannedStatement[] | undefined
  state: Migration['state']
}) {
  if (!statements) {
    return (
      <EmptyState icon={<IconStairsUp className="icon icon--18" />} title="Nothing left to run">
        This migration is {state}. The file and what the ledger remembers of it are in the other tabs.
      </EmptyState>
    )
  }
  return (
    <DataTable
      label="Plan"
      rows={statements.map((statement, index) => ({ ...statement, number: index + 1 }))}
      keyOf={({ number }) => String(number)}
      columns={[
        { name: 'number', label: '#', width: 52, align: 'right', render: ({ number }) => number },
        { name: 'line', label: 'Line', width: 60, align: 'right', render: ({ line }) => line },
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
          name: 'lock',
          label: 'Strongest lock',
          width: 200,
          render: ({ lock, blocks }) => <LockLevel lock={lock} blocks={blocks} />,
        },
      ]}
    />
  )
}
