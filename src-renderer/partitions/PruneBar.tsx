import { useState } from 'react'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'

interface Props {
  statement: string
  isPending: boolean
  error: unknown
  summary: string | undefined
  onCheck: (statement: string) => void
  onClose: () => void
}

/** A statement whose partitions light up: it is planned, never run. */
export function PruneBar({ statement, isPending, error, summary, onCheck, onClose }: Props) {
  const [text, setText] = useState(statement)
  return (
    <section className="prune" aria-label="Pruning check">
      <textarea
        className="prune__text mono"
        aria-label="Statement to check"
        placeholder="select … from a partitioned table where …"
        rows={2}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) onCheck(text)
        }}
      />
      <div className="prune__acts">
        <button
          type="button"
          className="btn btn--sm"
          disabled={!text.trim() || isPending}
          onClick={() => onCheck(text)}
        >
          {isPending ? 'Planning…' : 'Check'}
        </button>
        <button type="button" className="btn btn--sm btn--ghost" onClick={onClose}>
          Close
        </button>
      </div>
      <p className="prune__say t2 small" role="status">
        {summary ?? 'The statement is planned in a read-only transaction and never run.'}
      </p>
      {error !== null && error !== undefined && <ErrorNotice error={error} />}
    </section>
  )
}
