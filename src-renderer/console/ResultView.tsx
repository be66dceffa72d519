import { useState } from 'react'
import type { StatementRun } from '../../src-main/console/contract.ts'
import { client } from '../rpc/client.ts'
import { formatBytes, formatCount, formatDuration, plural } from '../ui/format.ts'
import { ResultGrid } from '../ui/ResultGrid.tsx'
import { State } from '../ui/State.tsx'
import { CellDialog } from './CellDialog.tsx'

export type HeldStatement = StatementRun & { resultId: string }

interface Cell {
  row: number
  column: number
}

// What a grid shows of a value; the whole one is asked for when somebody opens it.
const gridCharacters = 1000

const stops = {
  rows: 'stopped at the limit; the server has more: raise the limit and run again',
  bytes: 'stopped at the size that is kept; ask for fewer columns or rows',
  cancelled: 'cancelled: these rows had come',
  error: 'incomplete: these rows had come before the error',
}

/** One result: its grid, and the line that says what it is. */
export function ResultView({ statement }: { statement: HeldStatement }) {
  const [selected, setSelected] = useState<Cell>()
  const [opened, setOpened] = useState<Cell>()
  const { resultId, columns, rows, stopped } = statement
  const column = selected && columns[selected.column]
  return (
    <>
      {columns.length > 0 ? (
        <ResultGrid
          name={resultId}
          columns={columns}
          rowCount={rows}
          fetchRows={(from, count, values) =>
            client.console.listRows({
              resultId,
              from,
              count,
              maxCharacters: values === 'whole' ? undefined : gridCharacters,
            })
          }
          onSelect={setSelected}
          onOpen={setOpened}
        />
      ) : (
        <p className="t2 grow con__nocolumns">{plural(rows, 'row')} without a column</p>
      )}
      {statement.footers.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a long text is scrolled with the keyboard
        <pre className="con__footers" tabIndex={0}>
          {statement.footers.join('\n')}
        </pre>
      )}
      <div className="res__status num">
        <span>
          <State name={statement.status} />
          {plural(rows, 'row')} in {formatDuration(statement.durationMs)}
        </span>
        {statement.firstRowMs !== null && rows > 0 && (
          <span>first row after {formatDuration(statement.firstRowMs)}</span>
        )}
        <span>{formatBytes(statement.sizeBytes)}</span>
        {stopped && <span className="t-warn">{stops[stopped]}</span>}
        <span className="toolbar__fill" />
        {selected && column && (
          <span>
            row {formatCount(selected.row + 1)}, {column.name}
          </span>
        )}
        <span>UTF-8</span>
      </div>
      {opened && (
        <CellDialog
          resultId={resultId}
          {...opened}
          columnName={columns[opened.column]?.name ?? ''}
          type={columns[opened.column]?.type ?? ''}
          onClose={() => setOpened(undefined)}
        />
      )}
    </>
  )
}
