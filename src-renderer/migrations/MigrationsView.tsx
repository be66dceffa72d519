import { IconDownload, IconGitBranch, IconPlayerPlay, IconTestPipe, IconX } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import type { Migration } from '../../src-main/migrations/state.contract.ts'
import { client, rpc } from '../rpc/client.ts'
import { useLive } from '../rpc/useLive.ts'
import { useCommands } from '../shell/commands.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { download } from '../ui/download.ts'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { plural } from '../ui/format.ts'
import { JobCard } from '../ui/JobCard.tsx'
import { rememberMigrationFolder } from '../ui/migrationFolders.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { State } from '../ui/State.tsx'
import { useJobs } from '../ui/useJobs.ts'
import { ViewHeader } from '../ui/ViewHeader.tsx'
import { ApplyDialog, needsLook } from './ApplyDialog.tsx'
import { Differences } from './Differences.tsx'
import { FolderDialog } from './FolderDialog.tsx'
import { ForeignLedgers } from './ForeignLedgers.tsx'
import { MigrationDetail } from './MigrationDetail.tsx'
import { MigrationList } from './MigrationList.tsx'
import { NewFileDialog } from './NewFileDialog.tsx'
import { OrderGraph } from './OrderGraph.tsx'
import { SidePanel } from './SidePanel.tsx'
import { useGo, useSource } from './source.ts'
import './migrations.css'

const jobTitles = [
  'Apply migrations',
  'Rehearse migrations',
  'Revert migration',
  'Check for drift',
  'Drop invalid index',
]

/** Every migration of a folder: plan, rehearsal, applying, proof and history. */
export function MigrationsView() {
  const source = useSource()
  const go = useGo()
  const { version, filter = '', view } = useSearch({ strict: false })
  const [open, setOpen] = useState<'new' | 'folder' | 'apply' | 'drift'>()
  const [hidden, setHidden] = useState<string>()
  const status = useQuery(rpc.migrations.status.queryOptions({ input: source }))
  const isReadable = status.isSuccess
  const { folder: shownFolder, project: shownProject } = source
  useEffect(() => {
    if (isReadable) rememberMigrationFolder({ folder: shownFolder, project: shownProject })
  }, [isReadable, shownFolder, shownProject])
  const plan = useQuery(rpc.migrations.plan.queryOptions({ input: source }))
  const rehearsal = useQuery(rpc.migrations.rehearsal.queryOptions({ input: source }))
  const drift = useQuery(rpc.migrations.drift.queryOptions())
  const runner = useLive('migrations', (signal) => client.migrations.watch(undefined, { signal })).data
  const live =
    runner && runner.phase !== 'idle' && runner.project === status.data?.project ? runner : undefined
  const apply = useMutation(rpc.migrations.apply.mutationOptions())
  const rehearse = useMutation(rpc.migrations.rehearse.mutationOptions())
  const checkDrift = useMutation(rpc.migrations.checkDrift.mutationOptions())
  const job = useJobs().find(({ title }) => jobTitles.includes(title))
  // What a rehearsal found stands in its tab and among the checks.
  const isReported = job?.title === 'Rehearse migrations' && job.status !== 'running'
  const isBusy = job?.status === 'running'
  const pending = status.data?.pending ?? 0
  const isStopped = (plan.data?.stops.length ?? 0) > 0
  const start = () => (plan.data && needsLook(plan.data) ? setOpen('apply') : apply.mutate(source))
  const runRehearsal = () => rehearse.mutate(source)
  const exportPlan = async () => {
    const { fileName, text } = await client.migrations.exportPlan({ ...source, format: 'markdown' })
    download(fileName, text)
  }
  useCommands(
    [
      ...(pending > 0
        ? [
            { label: 'Apply pending migrations', run: start },
            { label: 'Rehearse pending migrations', run: runRehearsal },
          ]
        : []),
      { label: 'New migration', run: () => setOpen('new') },
      { label: 'Check the schema for drift', run: () => checkDrift.mutate(source) },
    ],
    `migrations ${pending} ${isStopped}`,
  )

  return (
    <>
      <ViewHeader
        title="Migrations"
        state={
          status.data && (
            <>
              {live?.version && (
                <span className="t-accent">
                  <State name="running" />
                  {live.version} is being applied
                </span>
              )}
              <StateLine migrations={status.data.migrations} />
              {(plan.data?.transactions.length ?? 0) > 0 && (
                <span className="t-warn">
                  <State name="warning" />
                  {plural(plan.data?.transactions.length ?? 0, 'open transaction')}
                </span>
              )}
            </>
          )
        }
        actions={
          <>
            <button
              type="button"
              className="btn btn--ghost"
              aria-pressed={view === 'order'}
              onClick={() => go({ view: view === 'order' ? undefined : 'order' })}
            >
              <IconGitBranch className="icon" />
              Order
            </button>
            {pending > 0 && (
              <>
                <button type="button" className="btn btn--ghost" onClick={() => void exportPlan()}>
                  <IconDownload className="icon" />
                  Export plan
                </button>
                <button type="button" className="btn" disabled={isBusy} onClick={runRehearsal}>
                  <IconTestPipe className="icon" />
                  Rehearse
                </button>
              </>
            )}
            <button
              type="button"
              className="btn btn--primary"
              // Before the plan is here nobody knows whether somebody should look at it first.
              disabled={pending === 0 || isBusy || isStopped || plan.isPending}
              onClick={start}
            >
              <IconPlayerPlay className="icon" />
              {live ? 'Applying…' : pending > 0 ? `Apply ${pending}` : 'Nothing pending'}
            </button>
          </>
        }
      />
      <QueryPanel query={status}>
        {({ migrations, foreign, folder, project }) => {
          const selected =
            migrations.find((one) => one.version === (version ?? live?.version)) ??
            migrations.find(({ state }) => state !== 'applied') ??
            migrations[0]
          const newest = migrations.findLast(({ appliedAt, isRepeatable }) => appliedAt && !isRepeatable)
          return (
            <div className="view-body mig">
              <MigrationList
                migrations={migrations}
                plan={plan.data?.files}
                live={live}
                selected={selected}
                filter={filter}
                place={{ folder, project }}
                onFilter={(text) => go({ filter: text || undefined })}
                onSelect={(one) => go({ version: one, tab: undefined })}
                onNew={() => setOpen('new')}
                onOpenFolder={() => setOpen('folder')}
              />
              <section className="mig__detail">
                {[apply.error, rehearse.error, checkDrift.error].map(
                  (error, index) =>
                    // biome-ignore lint/suspicious/noArrayIndexKey: each stands for its call
                    error && <ErrorNotice key={index} error={error} />,
                )}
                {plan.error && <ErrorNotice error={plan.error} onRetry={() => void plan.refetch()} />}
                {foreign.length > 0 && <ForeignLedgers ledgers={foreign} />}
                {job && !live && !isReported && job.id !== hidden && (isBusy || job.status === 'failed') && (
                  <div className="mig__job">
                    <JobCard job={job} />
                    {!isBusy && (
                      <button
                        type="button"
                        className="icon-btn icon-btn--sm"
                        title="Dismiss"
                        onClick={() => setHidden(job.id)}
                      >
                        <IconX className="icon" />
                      </button>
                    )}
                  </div>
                )}
                {view === 'order' && (
                  <OrderGraph
                    migrations={migrations}
                    selected={selected}
                    onSelect={(one) => go({ version: one, tab: undefined })}
                  />
                )}
                {selected && (
                  <MigrationDetail
                    migration={selected}
                    file={plan.data?.files.find((file) => file.version === selected.version)}
                    live={live?.version === selected.version ? live : undefined}
                    rehearsal={rehearsal.data}
                    isRehearsing={isBusy && job.title === 'Rehearse migrations'}
                    isNewest={selected === newest}
                    onRehearse={runRehearsal}
                  />
                )}
              </section>
              <SidePanel
                migration={selected}
                migrations={migrations}
                plan={plan.data}
                rehearsal={rehearsal.data}
                drift={drift.data}
                live={live}
                isBusy={isBusy}
                onCheckDrift={() => checkDrift.mutate(source)}
                onShowDrift={() => setOpen('drift')}
              />
            </div>
          )
        }}
      </QueryPanel>
      {open === 'new' && (
        <NewFileDialog
          onClose={() => setOpen(undefined)}
          onMade={(made) => {
            setOpen(undefined)
            go({ version: made, tab: 'file' })
          }}
        />
      )}
      {open === 'folder' && (
        <FolderDialog
          folder={source.folder}
          project={source.project}
          onClose={() => setOpen(undefined)}
          onOpen={(place) => {
            setOpen(undefined)
            go({ ...place, version: undefined, tab: undefined })
          }}
        />
      )}
      {open === 'apply' && plan.data && (
        <ApplyDialog
          plan={plan.data}
          onClose={() => setOpen(undefined)}
          onApply={() => {
            setOpen(undefined)
            apply.mutate(source)
          }}
          onRehearse={() => {
            setOpen(undefined)
            runRehearsal()
          }}
        />
      )}
      {open === 'drift' && drift.data && (
        <Dialog title="Drift from the ledger" width={960} onClose={() => setOpen(undefined)}>
          <div style={{ height: 420, display: 'flex' }}>
            <Differences differences={drift.data.differences} label="Difference" />
          </div>
        </Dialog>
      )}
    </>
  )
}

function StateLine({ migrations }: { migrations: readonly Migration[] }) {
  const count = (...states: Migration['state'][]) =>
    migrations.filter(({ state }) => states.includes(state)).length
  const lines = [
    { name: 'failed', count: count('edited', 'missing'), words: 'edited or missing', tone: 't-fail' },
    { name: 'failed', count: count('failed'), words: 'failed', tone: 't-fail' },
    {
      name: 'warning',
      count: count('partial', 'out of order'),
      words: 'partial or out of order',
      tone: 't-warn',
    },
    { name: 'queued', count: count('pending', 'changed'), words: 'pending', tone: undefined },
  ] as const
  return (
    <>
      {lines.map(
        (line) =>
          line.count > 0 && (
            <span key={line.words} className={line.tone}>
              <State name={line.name} />
              {line.count} {line.words}
            </span>
          ),
      )}
      <span>
        <State name="succeeded" />
        {count('applied', 'reformatted')} applied
      </span>
    </>
  )
}
