import { IconDownload, IconTerminal2 } from '@tabler/icons-react'
import { useState } from 'react'
import type { ConsoleRun, StatementRun } from '../../src-main/console/contract.ts'
import { client } from '../rpc/client.ts'
import { download, toCsv } from '../ui/download.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { ErrorNotice, FaultNotice } from '../ui/ErrorNotice.tsx'
import { formatDuration, plural } from '../ui/format.ts'
import { ResultGrid } from '../ui/ResultGrid.tsx'
import { State } from '../ui/State.tsx'

interface Props {
  run: ConsoleRun | undefined
  error: unknown
  onStart: (text: string) => void
}

const starters = [
  ['Which runs failed lately?', 'select * from pipeline.run_summary order by created_at desc limit 50;'],
  [
    'Where do rejected records come from?',
    "select record_kind, reason ->> 'column' as column, reason ->> 'rule' as rule, count(*)\nfrom chart.staging_template s\ncross join lateral jsonb_array_elements(s.rejection_reasons) reason\nwhere s.status = 'rejected'\ngroup by 1, 2, 3\norder by 4 desc;",
  ],
  [
    'How large are the tables?',
    'select relid::regclass as table_name, pg_size_pretty(pg_total_relation_size(relid)) as size, n_live_tup as rows\nfrom pg_stat_user_tables\norder by pg_total_relation_size(relid) desc\nlimit 30;',
  ],
] as const

/** What the statements of a run gave: a grid each, or messages, or the error with its place. */
export function ResultPane({ run, error, onStart }: Props) {
  const [chosen, setChosen] = useState<number>()
  if (error) return <ErrorNotice error={error} />
  if (!run) {
    return (
      <EmptyState
        icon={<IconTerminal2 className="icon icon--18" />}
        title="Nothing has run in this tab"
        actions={starters.map(([label, text]) => (
          <button key={label} type="button" className="btn btn--ghost btn--sm" onClick={() => onStart(text)}>
            {label}
          </button>
        ))}
      >
        Results come here, exact and whole: they wait on disk, and the grid asks for what it shows.
      </EmptyState>
    )
  }
  const shown = run.statements[chosen ?? run.statements.length - 1]
  return (
    <section className="res" aria-label="Result">
      <div className="res__bar">
        <div className="tabs tabs--flush" role="tablist" style={{ overflow: 'auto' }}>
          {run.statements.map((statement) => (
            <button
              key={statement.index}
              type="button"
              role="tab"
              aria-selected={statement === shown}
              onClick={() => setChosen(statement.index)}
            >
              <State name={statement.status} />
              {statement.command ?? statement.text.split(/\s/)[0]}
              {statement.resultId && <span className="t3 num">{statement.rows}</span>}
            </button>
          ))}
        </div>
        <span className="toolbar__fill" />
        {shown?.resultId && (
          <button type="button" className="btn btn--sm" onClick={() => void exportCsv(shown)}>
            <IconDownload className="icon icon--14" />
            CSV
          </button>
        )}
      </div>
      {shown?.error && (
        <FaultNotice
          fault={{
            ...shown.error.data,
            code: shown.error.code,
            message: shown.error.message,
            object: `line ${shown.error.line}, column ${shown.error.column}`,
          }}
        />
      )}
      {shown?.resultId ? (
        <ResultGrid key={shown.resultId} statement={{ ...shown, resultId: shown.resultId }} />
      ) : (
        !shown?.error && (
          <p className="t2 grow" style={{ padding: 12 }}>
            {shown?.status === 'running' ? 'Running…' : (shown?.command ?? 'Nothing to show')}
          </p>
        )
      )}
      {shown && shown.notices.length > 0 && (
        <ul
          className="mono small t2"
          style={{
            padding: '6px 12px',
            maxHeight: 90,
            overflow: 'auto',
            borderTop: '1px solid var(--border)',
          }}
        >
          {shown.notices.map((notice, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the same notice may come twice
            <li key={index}>{notice}</li>
          ))}
        </ul>
      )}
      {shown && (
        <div className="res__status num">
          <span className="row">
            <State name={shown.status} />
            {plural(shown.rows, 'row')} in {formatDuration(shown.durationMs)}
          </span>
          {shown.firstRowMs !== null && <span>first after {formatDuration(shown.firstRowMs)}</span>}
          {shown.isCut && (
            <span className="t-warn">{shown.error ? 'incomplete' : 'stopped here; the server has more'}</span>
          )}
          <span className="toolbar__fill" />
          <span>line {shown.line}</span>
        </div>
      )}
    </section>
  )
}

/** Up to 100,000 rows, read page by page. */
async function exportCsv(statement: StatementRun) {
  const rows: (string | null)[][] = [statement.columns.map(({ name }) => name)]
  for (let from = 0; from < Math.min(statement.rows, 100_000) && statement.resultId; from += 5000) {
    rows.push(...(await client.console.listRows({ resultId: statement.resultId, from, count: 5000 })).rows)
  }
  download('atlas-result.csv', toCsv(rows))
}
