import { IconLayoutList, IconSearch, IconTable, IconX } from '@tabler/icons-react'
import { useState } from 'react'
import type { StatementRun } from '../../src-main/console/statementContract.ts'
import { client } from '../rpc/client.ts'
import { formatBytes, formatCount, formatDuration, plural } from '../ui/format.ts'
import { ResultGrid } from '../ui/ResultGrid.tsx'
import type { Rectangle } from '../ui/resultSelection.ts'
import { State } from '../ui/State.tsx'
import { CellDialog } from './CellDialog.tsx'
import { CopyMenu } from './CopyMenu.tsx'
import { EditTools } from './EditTools.tsx'
import { useEdits } from './edits.ts'
import { HeadMenu } from './HeadMenu.tsx'
import { RecordView } from './RecordView.tsx'
import { type ResultLook, useResultLook } from './resultLook.ts'

export type HeldStatement = StatementRun & { resultId: string }

interface Cell {
  /** Its number in the result as it came. */
  row: number
  /** Of the result. */
  column: number
}

interface Props {
  sessionId: string
  statement: HeldStatement
}

// What a grid shows of a value; the whole one is asked for when somebody opens it.
const gridCharacters = 1000

const stops = {
  rows: 'stopped at the limit; the server has more: raise the limit and run again',
  bytes: 'stopped at the size that is kept; ask for fewer columns or rows',
  cancelled: 'cancelled: these rows had come',
  error: 'incomplete: these rows had come before the error',
}

/** One result: its grid or one of its rows, how it is looked at, and the line that says what it is. */
export function ResultView({ sessionId, statement }: Props) {
  const { resultId, columns, rows } = statement
  const look = useResultLook(resultId, columns.length)
  const edits = useEdits(sessionId, resultId)
  const [mode, setMode] = useState<'grid' | 'record'>('grid')
  const [selected, setSelected] = useState<Cell>()
  const [range, setRange] = useState<Rectangle>()
  const [opened, setOpened] = useState<Cell>()
  const [menu, setMenu] = useState<{ shown: number; at: { x: number; y: number } }>()
  const [value, setValue] = useState<string | null>()
  const shownColumns = look.order.flatMap((at) => columns[at] ?? [])
  const rowCount = look.arranged?.rows ?? rows
  const of = (shown: number) => look.order[shown] ?? 0
  const sort = look.arrangement.sort
  const column = selected && columns[selected.column]

  const openMenu = async (shown: number, at: { x: number; y: number }) => {
    setValue(undefined)
    setMenu({ shown, at })
    if (selected?.column !== of(shown)) return
    setValue((await client.console.getValue({ resultId, ...selected })).value)
  }

  return (
    <>
      <div className="con__tools">
        <FindInput look={look} />
        <Filters look={look} columns={columns} />
        <span className="toolbar__fill" />
        {look.order.length < columns.length && (
          <button type="button" className="btn btn--sm btn--ghost" onClick={look.showAll}>
            Show {plural(columns.length - look.order.length, 'hidden column')}
          </button>
        )}
        <EditTools edits={edits} row={selected?.row} />
        <CopyMenu resultId={resultId} look={look} selection={range} rowCount={rowCount} />
        <fieldset className="seg" aria-label="How the result is shown">
          <button
            type="button"
            title="Grid"
            aria-label="Grid"
            aria-pressed={mode === 'grid'}
            onClick={() => setMode('grid')}
          >
            <IconTable className="icon" />
          </button>
          <button
            type="button"
            title="One row"
            aria-label="One row"
            aria-pressed={mode === 'record'}
            onClick={() => setMode('record')}
          >
            <IconLayoutList className="icon" />
          </button>
        </fieldset>
      </div>
      {columns.length === 0 ? (
        <p className="t2 grow con__nocolumns">{plural(rows, 'row')} without a column</p>
      ) : mode === 'record' ? (
        <RecordView
          resultId={resultId}
          columns={columns}
          rowCount={rows}
          row={Math.min(selected?.row ?? 0, Math.max(0, rows - 1))}
          onRow={(row) => setSelected({ column: 0, ...selected, row })}
          onOpen={(at) => setOpened({ row: selected?.row ?? 0, column: at })}
        />
      ) : (
        <ResultGrid
          key={look.order.join()}
          name={`${resultId} ${look.arranged?.id ?? ''}`}
          columns={shownColumns}
          rowCount={rowCount}
          frozen={look.frozen}
          sorted={sort ? { ...sort, column: look.order.indexOf(sort.column) } : undefined}
          onHeadMenu={(shown, at) => void openMenu(shown, at)}
          onMove={look.move}
          overlay={(row, shown) => edits.overlay(row, of(shown))}
          fetchRows={async (from, count, values) => {
            const page = await client.console.listRows({
              resultId,
              arrangementId: look.arranged?.id,
              from,
              count,
              maxCharacters: values === 'whole' ? undefined : gridCharacters,
            })
            return {
              numbers: page.numbers,
              rows: page.rows.map((cells) => look.order.map((at) => cells[at] ?? null)),
              cuts: page.cuts.map(([row, at, size]) => [row, look.order.indexOf(at), size]),
            }
          }}
          onSelect={(cell, area) => {
            setSelected(cell && { row: cell.row, column: of(cell.column) })
            setRange(area)
          }}
          onOpen={(cell) => setOpened({ row: cell.row, column: of(cell.column) })}
        />
      )}
      {statement.footers.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a long text is scrolled with the keyboard
        <pre className="con__footers" tabIndex={0}>
          {statement.footers.join('\n')}
        </pre>
      )}
      <div className="res__status num">
        <StatusLine sessionId={sessionId} statement={statement} look={look} />
        {selected && column && (
          <span>
            row {formatCount(selected.row + 1)}, {column.name}
          </span>
        )}
        <span>UTF-8</span>
      </div>
      {menu && (
        <HeadMenu
          look={look}
          {...menu}
          name={shownColumns[menu.shown]?.name ?? ''}
          value={value}
          onClose={() => setMenu(undefined)}
        />
      )}
      {opened && (
        <CellDialog
          resultId={resultId}
          {...opened}
          columnName={columns[opened.column]?.name ?? ''}
          type={columns[opened.column]?.type ?? ''}
          staged={edits.staged.values[`${opened.row} ${opened.column}`]}
          choices={edits.columnOf(opened.column)?.choices}
          onStage={
            edits.isEditable(opened.column)
              ? (next) => edits.stage(opened.row, opened.column, next)
              : undefined
          }
          onClose={() => setOpened(undefined)}
        />
      )}
    </>
  )
}

function StatusLine({ sessionId, statement, look }: Props & { look: ResultLook }) {
  const { rows, durationMs, planMs, firstRowMs, stopped } = statement
  return (
    <>
      <span>
        <State name={statement.status} />
        {look.arranged && `${formatCount(look.arranged.rows)} of `}
        {plural(rows, 'row')} in {formatDuration(durationMs)}
      </span>
      {planMs !== null && firstRowMs !== null && (
        <span title="Until it was planned, until the first row, until the last">
          plan {formatDuration(planMs)}, run {formatDuration(Math.max(0, firstRowMs - planMs))}, fetch{' '}
          {formatDuration(Math.max(0, durationMs - firstRowMs))}
        </span>
      )}
      <span>{formatBytes(statement.sizeBytes)}</span>
      {statement.isPaused && (
        <span className="t-warn">
          paused: {formatBytes(statement.sizeBytes)} of disk used{' '}
          <button type="button" className="link" onClick={() => void client.console.resume({ sessionId })}>
            Go on
          </button>{' '}
          <button type="button" className="link" onClick={() => void client.console.cancel({ sessionId })}>
            Stop
          </button>
        </span>
      )}
      {stopped && <span className="t-warn">{stops[stopped]}</span>}
      {look.failure && <span className="t-fail">{look.failure}</span>}
      <span className="toolbar__fill" />
    </>
  )
}

function FindInput({ look }: { look: ResultLook }) {
  const [text, setText] = useState('')
  const find = (wanted: string) => void look.change({ ...look.arrangement, find: wanted })
  return (
    <label className="input input--sm res__find">
      <IconSearch className="icon" />
      <input
        type="text"
        aria-label="Find in result"
        placeholder="Find in result"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') find(text)
          if (event.key !== 'Escape') return
          setText('')
          find('')
        }}
        onBlur={() => {
          if (text !== look.arrangement.find) find(text)
        }}
      />
    </label>
  )
}

function Filters({ look, columns }: { look: ResultLook; columns: StatementRun['columns'] }) {
  return look.arrangement.filters.map(({ column, op, value }, at) => (
    <button
      // biome-ignore lint/suspicious/noArrayIndexKey: filters have no name
      key={at}
      type="button"
      className="btn btn--sm"
      title="Let it go"
      onClick={() =>
        void look.change({
          ...look.arrangement,
          filters: look.arrangement.filters.filter((_filter, other) => other !== at),
        })
      }
    >
      <span className="mono small clip">
        {columns[column]?.name} {op} {value.slice(0, 30)}
      </span>
      <IconX className="icon icon--12" />
    </button>
  ))
}
