import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { rpc } from '../rpc/client.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { formatBytes } from '../ui/format.ts'
import { JobCard } from '../ui/JobCard.tsx'
import { SqlBlock } from '../ui/SqlBlock.tsx'
import { useJob } from '../ui/useJobs.ts'

const actions = {
  vacuum: {
    sql: 'vacuum (analyze)',
    effect: 'Frees the room of dead rows and reads statistics anew. Others read and write on.',
  },
  analyze: { sql: 'analyze', effect: 'Reads a sample for the planner. Others read and write on.' },
  'reindex concurrently': {
    sql: 'reindex table concurrently',
    effect: 'Builds every index anew beside the old one. Others read and write on; it takes room for both.',
  },
  reindex: {
    sql: 'reindex table',
    effect: 'Builds every index anew. Writes wait until it ends, and reads that use an index.',
  },
  cluster: {
    sql: 'cluster',
    effect:
      'Writes the table anew in the order of an index, and its indexes too. Nobody reads or writes until it ends; it takes room for both. Rows that come later stand where there is room.',
  },
  'vacuum full': {
    sql: 'vacuum (full, analyze)',
    effect:
      'Writes the table anew without its gaps. Nobody reads or writes until it ends; it takes room for both.',
  },
} as const

type Action = keyof typeof actions

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
  const [action, setAction] = useState<Action>('vacuum')
  const [index, setIndex] = useState(indexes[0])
  const [typed, setTyped] = useState('')
  const environment = useQuery(rpc.environments.current.queryOptions())
  const start = useMutation(rpc.activity.maintain.mutationOptions())
  const job = useJob(start.data?.jobId)
  const isBlocking = action === 'reindex' || action === 'vacuum full' || action === 'cluster'
  const isConfirmed =
    !isBlocking || (environment.data && (environment.data.kind !== 'production' || typed === name))
  const quote = (part: string) => `"${part.replaceAll('"', '""')}"`
  const quoted = [schema, name].map(quote).join('.')
  const using = action === 'cluster' && index !== undefined ? ` using ${quote(index)}` : ''
  return (
    <Dialog
      title={`Upkeep of ${schema}.${name}`}
      onClose={onClose}
      foot={
        <>
          <span className="small t2 num grow">{formatBytes(sizeBytes)} with indexes</span>
          <button type="button" className="btn" onClick={onClose}>
            {start.data ? 'Close' : 'Back'}
          </button>
          <button
            type="button"
            className={isBlocking ? 'btn btn--danger-solid' : 'btn btn--primary'}
            disabled={!isConfirmed || start.isPending || job?.status === 'running'}
            onClick={() => start.mutate({ action, schema, name, ...(action === 'cluster' && { index }) })}
          >
            Start {action}
          </button>
        </>
      }
    >
      <label className="field">
        What to do
        <select
          className="input"
          value={action}
          onChange={(event) => setAction(event.target.value as Action)}
        >
          {Object.keys(actions)
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
      <p className={isBlocking ? 't-warn' : 't2'}>{actions[action].effect}</p>
      <SqlBlock text={`${actions[action].sql} ${quoted}${using};`} />
      {isBlocking && environment.data?.kind === 'production' && (
        <label className="confirm__type">
          <span>
            This is production. Type <b className="mono">{name}</b> to go on.
          </span>
          <input className="input" value={typed} onChange={(event) => setTyped(event.target.value)} />
        </label>
      )}
      {start.error && <ErrorNotice error={start.error} />}
      {job && <JobCard job={job} />}
    </Dialog>
  )
}
