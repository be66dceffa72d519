import { IconChartBar, IconLayoutList, IconTable } from '@tabler/icons-react'
import { useState } from 'react'
import { client } from '../rpc/client.ts'
import { formatCount, plural } from '../ui/format.ts'
import { ResultGrid } from '../ui/ResultGrid.tsx'
import type { FetchRows } from '../ui/resultPages.ts'
import type { Rectangle } from '../ui/resultSelection.ts'
import { mostPasted, spread } from '../ui/stagedRows.ts'
import { CellDialog } from './CellDialog.tsx'
import { ChartView } from './ChartView.tsx'
import { CopyMenu } from './CopyMenu.tsx'
import { EditTools } from './EditTools.tsx'
import { useEdits } from './edits.ts'
import { HeadMenu } from './HeadMenu.tsx'
import type { HeldStatement } from './heldStatement.ts'
import { RecordView } from './RecordView.tsx'
import { Filters, FindInput } from './ResultTools.tsx'
import { useResultLook } from './resultLook.ts'
import { StatusLine } from './StatusLine.tsx'

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

const modes = [
  ['grid', 'Grid', IconTable],
  ['record', 'One row', IconLayoutList],
  ['chart', 'Chart', IconChartBar],
] as const

// What a grid shows of a value; the whole one is asked for when somebody opens it.
const gridCharacters = 1000
const mostNumbers = 5000

/** One result: its grid, one of its rows or a picture of it, how it is looked at, and the line that says what it is. */
export function ResultView({ sessionId, statement }: Props) {
  const { resultId, columns, rows } = statement
  const look = useResultLook(resultId, columns.length)
  const edits = useEdits(sessionId, resultId, rows)
  const [mode, setMode] = useState<(typeof modes)[number][0]>('grid')
  const [selected, setSelected] = useState<Cell>()
  const [range, setRange] = useState<Rectangle>()
  const [opened, setOpened] = useState<Cell>()
  const [menu, setMenu] = useState<{ shown: number; at: { x: number; y: number } }>()
  const [value, setValue] = useState<string | null>()
  const [said, setSaid] = useState<string>()
  const shownColumns = look.order.flatMap((at) => {
    const column = columns[at]
    return column ? [{ ...column, at }] : []
  })
  const heldRows = look.arranged?.rows ?? rows
  const of = (shown: number) => look.order[shown] ?? 0
  const sort = look.arrangement.sort
  const column = selected && columns[selected.column]

  const openMenu = async (shown: number, at: { x: number; y: number }) => {
    setValue(undefined)
    setMenu({ shown, at })
    if (!selected || selected.column !== of(shown) || edits.isNew(selected.row)) return
    setValue((await client.console.getValue({ resultId, ...selected })).value)
  }

  /** The numbers that shown rows have in the result; new ones stand behind them. */
  const numbersOf = async (from: number, count: number): Promise<number[]> => {
    const added = edits.newRows.slice(Math.max(0, from - heldRows), Math.max(0, from + count - heldRows))
    const held = Math.max(0, Math.min(count, heldRows - from, mostNumbers))
    if (held === 0) return added
    if (!look.arranged) return [...Array.from({ length: held }, (_unused, at) => from + at), ...added]
    const { numbers } = await client.console.listRows({
      resultId,
      arrangementId: look.arranged.id,
      from,
      count: held,
      maxCharacters: 16,
    })
    return [...numbers, ...added]
  }

  const fetchRows: FetchRows = async (from, count, values) => {
    const page =
      from < heldRows
        ? await client.console.listRows({
            resultId,
            arrangementId: look.arranged?.id,
            from,
            count,
            maxCharacters: values === 'whole' ? undefined : gridCharacters,
          })
        : { rows: [], cuts: [], numbers: [] }
    const added = edits.newRows.slice(
      Math.max(0, from + page.rows.length - heldRows),
      Math.max(0, from + count - heldRows),
    )
    return {
      rows: [
        ...page.rows,
        ...added.map((row) => columns.map((_column, at) => edits.valueOf(row, at) ?? null)),
      ],
      cuts: page.cuts,
      numbers: look.arranged || added.length > 0 ? [...numbersFrom(page, from), ...added] : [],
    }
  }

  const paste = async (area: Rectangle, block: string[][]) => {
    const cells = spread(block, area)
    if (cells.length > mostPasted)
      return setSaid(`At most ${formatCount(mostPasted)} rows are pasted at once`)
    const width = Math.max(...cells.map((row) => row.length))
    const leftOut = edits.paste(
      await numbersOf(area.row, cells.length),
      look.order.slice(area.column, area.column + width),
      cells,
    )
    setSaid(
      leftOut > 0 ? `${plural(leftOut, 'cell')} left out: computed, or no column of the table` : undefined,
    )
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
        <EditTools
          edits={edits}
          hasSelection={range !== undefined}
          selectedRows={() => (range ? numbersOf(range.row, range.height) : Promise.resolve([]))}
        />
        <CopyMenu resultId={resultId} look={look} selection={range} rowCount={heldRows} />
        <fieldset className="seg" aria-label="How the result is shown">
          {modes.map(([name, label, Icon]) => (
            <button
              key={name}
              type="button"
              title={label}
              aria-label={label}
              aria-pressed={mode === name}
              onClick={() => setMode(name)}
            >
              <Icon className="icon" />
            </button>
          ))}
        </fieldset>
      </div>
      {columns.length === 0 ? (
        <p className="t2 grow con__nocolumns">{plural(rows, 'row')} without a column</p>
      ) : mode === 'chart' ? (
        <ChartView
          resultId={resultId}
          arrangementId={look.arranged?.id}
          columns={columns}
          isWhole={statement.status !== 'running'}
        />
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
          name={`${resultId} ${look.arranged?.id ?? ''}`}
          columns={shownColumns}
          rowCount={heldRows + edits.newRows.length}
          frozen={look.frozen}
          sorted={sort ? { ...sort, column: look.order.indexOf(sort.column) } : undefined}
          onHeadMenu={(shown, at) => void openMenu(shown, at)}
          onMove={look.move}
          overlay={(row, shown) => edits.overlay(row, of(shown))}
          onPaste={edits.table ? (area, block) => void paste(area, block) : undefined}
          canType={(cell) => edits.canChange(cell.row, of(cell.column))}
          fetchRows={fetchRows}
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
        {said && (
          <span className="t-warn" role="status">
            {said}
          </span>
        )}
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
          given={edits.isNew(opened.row) ? (edits.valueOf(opened.row, opened.column) ?? null) : undefined}
          staged={edits.staged.values[`${opened.row} ${opened.column}`]}
          choices={edits.columnOf(opened.column)?.choices}
          onStage={
            edits.canChange(opened.row, opened.column)
              ? (next) => edits.stage(opened.row, opened.column, next)
              : undefined
          }
          onClose={() => setOpened(undefined)}
        />
      )}
    </>
  )
}

/** The numbers of a page's rows; those of a result as it came count on. */
const numbersFrom = ({ rows, numbers }: { rows: unknown[]; numbers: number[] }, from: number): number[] =>
  numbers.length > 0 ? numbers : rows.map((_row, at) => from + at)
