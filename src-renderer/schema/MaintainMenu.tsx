import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Maintenance } from '../../src-main/activity/contract.ts'
import { rpc } from '../rpc/client.ts'
import { formatBytes } from '../ui/format.ts'
import { JobCard } from '../ui/JobCard.tsx'
import { StatementDialog } from '../ui/StatementDialog.tsx'
import { useJob } from '../ui/useJobs.ts'

const effects: Record<Maintenance, string> = {
  vacuum: 'Frees the room of dead rows and reads statistics anew. Others read and write on.',
  analyze: 'Reads a sample for the planner. Others read and write on.',
  'reindex concurrently':
    'Builds every index anew beside the old one. Others read and write on; it takes room for both.',
  reindex: 'Builds every index anew. Writes wait until it ends, and reads that use an index.',
  cluster:
    'Writes the table anew in the order of an index, and its indexes too. Nobody reads or writes until it ends; it takes room for both. Rows that come later stand where there is room.',
  'vacuum full':
    'Writes the table anew without its gaps. Nobody reads or writes until it ends; it takes room for both.',
}

interface Props {
  schema: string
  name: string
  sizeBytes: number
  /** Those that a table can be written in the order of. */
  indexes: string[]
}

/** Vacuum, analyze, reindex and cluster of a table, as jobs with the server's own progress. */
export function MaintainMenu({ schema, name, sizeBytes, indexes }: Props) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <button type="button" className="btn btn--sm" onClick={() => setOpen(true)}>
        Upkeep…
      </button>
      {isOpen && <MaintainDialog {...{ schema, name, sizeBytes, indexes }} onClose={() => setOpen(false)} />}
    </>
  )
}

function MaintainDialog({ schema, name, sizeBytes, indexes, onClose }: Props & { onClose: () => void }) {
  const [action, setAction] = useState<Maintenance>('vacuum')
  const [index, setIndex] = useState(indexes[0])
  const input = { action, schema, name, ...(action === 'cluster' && { index }) }
  const preview = useQuery({
    ...rpc.activity.previewMaintain.queryOptions({ input }),
    placeholderData: keepPreviousData,
  })
  const start = useMutation(rpc.activity.maintain.mutationOptions())
  const job = useJob(start.data?.jobId)
  const isBlocking = action === 'reindex' || action === 'vacuum full' || action === 'cluster'
  return (
    <StatementDialog
      title={`Upkeep of ${schema}.${name}`}
      sql={preview.data?.sql}
      error={start.error ?? preview.error}
      outcome={job && <JobCard job={job} />}
      confirm={isBlocking ? name : undefined}
      note={<span className="num">{formatBytes(sizeBytes)} with indexes</span>}
      back={start.data ? 'Close' : 'Back'}
      action={`Start ${action}`}
      isDangerous={isBlocking}
      canApply={!preview.isPlaceholderData && !start.isPending && job?.status !== 'running'}
      onApply={() => start.mutate(input)}
      onClose={onClose}
    >
      <label className="field">
        What to do
        <select
          className="input"
          value={action}
          onChange={(event) => setAction(event.target.value as Maintenance)}
        >
          {Object.keys(effects)
            .filter((each) => each !== 'cluster' || indexes.length > 0)
            .map((each) => (
              <option key={each}>{each}</option>
            ))}
        </select>
      </label>
      {action === 'cluster' && (
        <label className="field">
          In the order of
          <select className="input mono" value={index} onChange={(event) => setIndex(event.target.value)}>
            {indexes.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
      )}
      <p className={isBlocking ? 't-warn' : 't2'}>{effects[action]}</p>
    </StatementDialog>
  )
}
