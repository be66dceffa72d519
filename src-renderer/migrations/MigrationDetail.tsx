import { IconArrowBackUp, IconTool } from '@tabler/icons-react'
import { useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import type { PlannedFile, Rehearsal } from '../../src-main/migrations/report.contract.ts'
import type { Migration, RunnerState } from '../../src-main/migrations/state.contract.ts'
import { plural } from '../ui/format.ts'
import { State } from '../ui/State.tsx'
import { Tabs } from '../ui/Tabs.tsx'
import { ApplyPanel } from './ApplyPanel.tsx'
import { FileTab } from './FileTab.tsx'
import { HistoryTab } from './HistoryTab.tsx'
import { PlanTab } from './PlanTab.tsx'
import { RehearsalTab } from './RehearsalTab.tsx'
import { RepairDialog } from './RepairDialog.tsx'
import { RevertDialog } from './RevertDialog.tsx'
import { fileNameOf, stateWords, useGo } from './source.ts'

interface Props {
  migration: Migration
  file: PlannedFile | undefined
  live: RunnerState | undefined
  rehearsal: Rehearsal | null | undefined
  isRehearsing: boolean
  /** It is the newest that is applied: it may be taken back. */
  isNewest: boolean
  onRehearse: () => void
}

type TabName = 'plan' | 'file' | 'rehearsal' | 'history'

/** One migration: plan, file, rehearsal, history; live while it is applied. */
export function MigrationDetail({
  migration,
  file,
  live,
  rehearsal,
  isRehearsing,
  isNewest,
  onRehearse,
}: Props) {
  const { tab } = useSearch({ strict: false })
  const go = useGo()
  const [open, setOpen] = useState<'repair' | 'revert'>()
  const active = (['plan', 'file', 'rehearsal', 'history'] as const).find((name) => name === tab)
  const shown: TabName = active ?? (file ? 'plan' : 'history')
  const rehearsed = rehearsal?.files.find(({ version }) => version === migration.version)
  const needsRepair = ['edited', 'missing', 'partial'].includes(migration.state)
  return (
    <div className="column" style={{ flex: 1, minHeight: 0 }}>
      <header className="mig__head">
        <div className="grow">
          <h2 className="drawer__title mono-title">{fileNameOf(migration)}</h2>
          <p className="drawer__sub num">{describe(migration, file)}</p>
        </div>
        {needsRepair && (
          <button type="button" className="btn" onClick={() => setOpen('repair')}>
            <IconTool className="icon" />
            Repair
          </button>
        )}
        {isNewest && migration.hasDown && (
          <button type="button" className="btn btn--danger" onClick={() => setOpen('revert')}>
            <IconArrowBackUp className="icon" />
            Revert
          </button>
        )}
      </header>
      {live && <ApplyPanel live={live} />}
      {migration.detail && !live && (
        <p className="notice notice--failed mig__why">
          <State name={migration.state === 'partial' ? 'warning' : 'failed'} />
          {migration.detail}
        </p>
      )}
      <Tabs
        label="Migration"
        active={shown}
        onChange={(name) => go({ tab: name })}
        tabs={[
          { name: 'plan', label: 'Plan', ...(file ? { count: file.statements.length } : {}) },
          { name: 'file', label: 'File' },
          { name: 'rehearsal', label: 'Rehearsal' },
          { name: 'history', label: 'History' },
        ]}
      />
      <div className="column mig__tab">
        {shown === 'plan' && (
          <PlanTab
            key={migration.version}
            migration={migration}
            file={file}
            live={live}
            rehearsed={rehearsed}
          />
        )}
        {shown === 'file' && <FileTab migration={migration} />}
        {shown === 'rehearsal' && (
          <RehearsalTab
            rehearsal={rehearsal}
            version={migration.version}
            isRunning={isRehearsing}
            onRehearse={onRehearse}
          />
        )}
        {shown === 'history' && <HistoryTab key={migration.version} migration={migration} />}
      </div>
      {open === 'repair' && <RepairDialog migration={migration} onClose={() => setOpen(undefined)} />}
      {open === 'revert' && <RevertDialog migration={migration} onClose={() => setOpen(undefined)} />}
    </div>
  )
}

const verbs: Record<string, string> = {
  CreateStmt: 'table',
  IndexStmt: 'index',
  CreateFunctionStmt: 'function',
  ViewStmt: 'view',
  CreateTrigStmt: 'trigger',
}

function describe(migration: Migration, file: PlannedFile | undefined): string {
  const parts = file
    ? [
        `${plural(file.statements.length, 'statement')} ${file.isTransactional ? 'in one transaction' : 'each by itself'}`,
        ...Object.entries(verbs).flatMap(([kind, noun]) => {
          const count = file.statements.filter((one) => one.kind === kind).length
          return count === 0 ? [] : [noun === 'index' && count > 1 ? `${count} indexes` : plural(count, noun)]
        }),
      ]
    : [stateWords[migration.state]]
  const more = [
    migration.isRepeatable && 'repeatable',
    migration.hasDown && 'way back',
    migration.hasVerify && 'proof',
  ].filter(Boolean)
  return [...parts, ...more].join(' · ')
}
