import { IconArrowsDiff, IconFilePlus } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type {
  ComparedObject,
  Comparison,
  Ignored,
  OtherSide,
} from '../../../src-main/schema/diff/contract.ts'
import { rpc } from '../../rpc/client.ts'
import { EmptyState } from '../../ui/EmptyState.tsx'
import { ErrorNotice } from '../../ui/ErrorNotice.tsx'
import { plural } from '../../ui/format.ts'
import { JobCard } from '../../ui/JobCard.tsx'
import { nameOfSource, useMigrationSources } from '../../ui/migrationFolders.ts'
import { QueryPanel } from '../../ui/QueryPanel.tsx'
import { useJob } from '../../ui/useJobs.ts'
import type { OpenPlace, Place } from '../place.ts'
import { ComparedDetail } from './ComparedDetail.tsx'
import { ComparedList } from './ComparedList.tsx'
import { MigrationDialog } from './MigrationDialog.tsx'
import './compare.css'

const canIgnore: Ignored[] = ['owners', 'grants', 'comments', 'partitions', 'white space', 'tablespaces']

/** This environment beside another one or its migrations: what differs, both definitions, and the migration between them. */
export function CompareView({ place, open }: { place: Place; open: OpenPlace }) {
  const environments = useQuery(rpc.environments.list.queryOptions())
  const current = useQuery(rpc.environments.current.queryOptions())
  const comparison = useQuery(rpc.schema.comparison.queryOptions())
  const compare = useMutation(rpc.schema.compare.mutationOptions())
  const job = useJob(compare.data?.jobId)
  const sources = useMigrationSources()
  const [picked, setPicked] = useState<OtherSide>()
  const [ignored, setIgnored] = useState<Ignored[]>(['owners', 'partitions'])
  const [isWriting, setWriting] = useState(false)
  const others = (environments.data ?? []).filter(({ id }) => id !== current.data?.id)
  const other = picked ?? comparison.data?.other ?? { type: 'migrations' }
  const isRunning = compare.isPending || job?.status === 'running'
  const start = () => compare.mutate({ other, ignored })
  const selected = comparison.data?.objects.find(({ key }) => key === place.name)
  const differ = comparison.data ? differencesOf(comparison.data) : 0

  return (
    <div className="view-body column">
      <div className="toolbar" role="toolbar" aria-label="Comparison">
        <span className="toolbar__label">{current.data?.name ?? 'This environment'} against</span>
        <select
          className="input input--sm cmp__other"
          aria-label="The other side"
          value={JSON.stringify(other)}
          onChange={(event) => setPicked(JSON.parse(event.target.value))}
        >
          {sources
            .toSorted((a, b) => Number(a.folder !== undefined) - Number(b.folder !== undefined))
            .map((source) => (
              <option key={JSON.stringify(source)} value={JSON.stringify({ type: 'migrations', ...source })}>
                {source.folder ? `the migrations of ${nameOfSource(source)}` : 'the migrations'}
              </option>
            ))}
          {others.map(({ id, name }) => (
            <option key={id} value={JSON.stringify({ type: 'environment', id })}>
              {name}
            </option>
          ))}
        </select>
        <span className="toolbar__label">without</span>
        <div className="seg">
          {canIgnore.map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={ignored.includes(each)}
              title={`Whether a difference of ${each} counts for nothing`}
              onClick={() =>
                setIgnored(
                  ignored.includes(each) ? ignored.filter((one) => one !== each) : [...ignored, each],
                )
              }
            >
              {each}
            </button>
          ))}
        </div>
        <span className="toolbar__fill" />
        <button type="button" className="btn btn--sm" disabled={isRunning} onClick={start}>
          <IconArrowsDiff className="icon" />
          {isRunning ? 'Comparing…' : 'Compare'}
        </button>
        <button
          type="button"
          className="btn btn--sm btn--primary"
          disabled={differ === 0 || isRunning}
          onClick={() => setWriting(true)}
        >
          <IconFilePlus className="icon" />
          Write a migration…
        </button>
      </div>
      {compare.error && <ErrorNotice error={compare.error} onRetry={start} />}
      {job && job.status !== 'succeeded' && (
        <div className="cmp__job">
          <JobCard job={job} />
        </div>
      )}
      <QueryPanel query={comparison} rows={10}>
        {(data) =>
          data === null ? (
            <EmptyState icon={<IconArrowsDiff className="icon icon--18" />} title="Nothing compared yet">
              What is on both sides and what on one would be here, with both definitions side by side. The
              migrations are run in a throw-away database for it; nothing is changed on either side.
            </EmptyState>
          ) : differ + data.counts.reordered === 0 ? (
            <EmptyState icon={<IconArrowsDiff className="icon icon--18" />} title="Identical">
              {plural(data.counts.identical, 'object')} of {data.here.name} and {data.there.name} say the same
              {data.ignored.length > 0 && `, ${data.ignored.join(', ')} apart`}.
            </EmptyState>
          ) : (
            <div className="panes cmp" style={{ gridTemplateColumns: '440px minmax(0, 1fr)' }}>
              <ComparedList
                comparison={data}
                selected={selected?.key}
                onSelect={({ key }) => open({ show: 'compare', name: key })}
              />
              {selected ? (
                <ComparedDetail key={selected.key} object={selected} comparison={data} />
              ) : (
                <EmptyState icon={<IconArrowsDiff className="icon icon--18" />} title="Choose an object">
                  Its definitions on both sides stand here side by side.
                </EmptyState>
              )}
            </div>
          )
        }
      </QueryPanel>
      {isWriting && comparison.data && (
        <MigrationDialog
          comparison={comparison.data}
          selected={changed(selected)}
          onClose={() => setWriting(false)}
        />
      )}
    </div>
  )
}

const changed = (object: ComparedObject | undefined) =>
  object?.change === 'identical' || object?.change === 'reordered' ? undefined : object

const differencesOf = ({ counts: { different, onlyHere, onlyThere } }: Comparison) =>
  different + onlyHere + onlyThere
