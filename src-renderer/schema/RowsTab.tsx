import { IconPlus, IconTable } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Table } from '../../src-main/schema/table/contract.ts'
import { rpc } from '../rpc/client.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { formatCount, formatDuration, plural } from '../ui/format.ts'
import { Loading } from '../ui/Loading.tsx'
import { ResultGrid } from '../ui/ResultGrid.tsx'
import type { FetchRows } from '../ui/resultPages.ts'
import type { Rectangle } from '../ui/resultSelection.ts'
import { mostPasted, spread } from '../ui/stagedRows.ts'
import { usePlace } from './place.ts'
import { RowForm } from './RowForm.tsx'
import { RowsBar } from './RowsBar.tsx'
import { parseRowsQuery, type RowsQuery, writeRowsQuery } from './rowsQuery.ts'
import { StagedBar } from './StagedBar.tsx'
import { insertsOf, keyOf, newRowId, pasteBlock, stage } from './staged.ts'
import { useCondition } from './useCondition.ts'
import { useRows } from './useRows.ts'
import { useStaged } from './useStaged.ts'

// Room for what comes next, so that scrolling to it asks for it.
const aheadRows = 40

// The grid knows types by the names that the protocol gives them.
const gridTypes: Record<string, string> = {
  boolean: 'bool',
  integer: 'int4',
  bigint: 'int8',
  smallint: 'int2',
  real: 'float4',
  'double precision': 'float8',
}

/** The rows of a table, page by page, filtered and sorted by the server; a row opens as a form and is edited there. */
export function RowsTab({ table }: { table: Table }) {
  const { schema, name } = table
  const { place, open } = usePlace()
  const [where, setWhere] = useCondition(schema, name)
  const query: RowsQuery = { ...parseRowsQuery(place.rows), where }
  const [version, setVersion] = useState(0)
  const [cell, setCell] = useState<{ row: number; column: number }>()
  /** A row by its place, or a new one by its name. */
  const [form, setForm] = useState<number | string>()
  const [said, setSaid] = useState<string>()
  const { staged, ...drafts } = useStaged(schema, name)
  const rows = useRows(schema, name, query, version)
  const partitions = useQuery({
    ...rpc.schema.listPartitions.queryOptions({ input: { schema, name } }),
    enabled: table.partitions > 0,
  })
  const { first } = rows
  const show = (next: RowsQuery) => {
    setForm(undefined)
    setWhere(next.where)
    open({ schema, table: name, tab: 'data', rows: writeRowsQuery(next) })
  }
  const columns = first?.columns ?? []
  const editable = first?.editable ?? undefined
  const keyAt = (row: (string | null)[] | undefined) =>
    editable && row
      ? Object.fromEntries(
          editable.key.map((column) => [
            column,
            row[columns.findIndex((one) => one.name === column)] ?? null,
          ]),
        )
      : undefined
  const valueAt = (row: (string | null)[], column: number) => {
    const key = keyAt(row)
    const edit = key && staged[keyOf(key)]
    const at = columns[column]?.name ?? ''
    return edit?.kind === 'update' && at in edit.values ? (edit.values[at] ?? null) : (row[column] ?? null)
  }
  // Behind the last row, once that is here.
  const shownInserts = rows.hasMore ? [] : insertsOf(staged)
  const openRow = (row: number) => setForm(shownInserts[row - rows.count]?.[0] ?? row)
  const paste = async (area: Rectangle, block: string[][]) => {
    if (!editable || !drafts.isRead) return
    const cells = spread(block, area)
    if (cells.length > mostPasted)
      return setSaid(`At most ${formatCount(mostPasted)} rows are pasted at once`)
    setSaid(undefined)
    // What lies under the block may not have been scrolled to.
    await rows.fetchRows(area.row + cells.length - 1, 1)
    const page = await rows.fetchRows(area.row, cells.length)
    const target = page.rows.map((row, at) => ({
      key: keyAt(row) ?? {},
      seen: Object.fromEntries(columns.map(({ name }, column) => [name, row[column] ?? null])),
      cuts: page.cuts.flatMap(([of, column]) => (of === at ? (columns[column]?.name ?? []) : [])),
    }))
    const named = columns.slice(area.column).map(({ name }) => name)
    drafts.change((was) => pasteBlock(was, cells, { columns: named, editable, rows: target }))
  }
  const fetchRows: FetchRows = async (from, count) => {
    const answer = await rows.fetchRows(from, count)
    const fresh = shownInserts.slice(Math.max(0, from - rows.count), Math.max(0, from + count - rows.count))
    return {
      ...answer,
      rows: [
        ...answer.rows.map((row) => row.map((_value, column) => valueAt(row, column))),
        ...fresh.map(([, { values }]) => columns.map(({ name }) => values[name] ?? null)),
      ],
    }
  }
  const stateOf = (row: number) => {
    if (row >= rows.count && shownInserts[row - rows.count]) return 'insert'
    const key = keyAt(rows.rowAt(row))
    return key && staged[keyOf(key)]?.kind
  }

  const isNarrowed = query.filters.length > 0 || where !== undefined
  const selected = cell && columns[cell.column]
  const selectedRow = cell && rows.rowAt(cell.row)
  return (
    <div className="column grow">
      <RowsBar
        query={query}
        columns={columns}
        partitions={partitions.data ?? []}
        selected={
          selected && selectedRow && cell
            ? { column: selected, value: selectedRow[cell.column] ?? null }
            : undefined
        }
        onChange={show}
        onOpen={cell ? () => openRow(cell.row) : undefined}
      >
        {editable && drafts.isRead && (
          <button type="button" className="btn btn--sm" onClick={() => setForm(newRowId())}>
            <IconPlus className="icon" />
            New row
          </button>
        )}
      </RowsBar>
      <div
        className="panes grow"
        style={{ gridTemplateColumns: form === undefined ? 'minmax(0, 1fr)' : 'minmax(0, 1fr) 380px' }}
      >
        {rows.error !== undefined ? (
          <div>
            <ErrorNotice error={rows.error} onRetry={() => setVersion((was) => was + 1)} />
          </div>
        ) : !first ? (
          <Loading rows={14} />
        ) : rows.count + shownInserts.length === 0 ? (
          <EmptyState
            icon={<IconTable className="icon icon--18" />}
            title={isNarrowed ? 'No row is like that' : 'No row'}
          >
            {isNarrowed ? (
              'Take a filter away to see more.'
            ) : (
              <>
                <span className="mono">
                  {schema}.{name}
                </span>{' '}
                is empty, or its rows are not for this user.
              </>
            )}
          </EmptyState>
        ) : (
          <div className="column rows">
            <ResultGrid
              name={`${rows.key} ${JSON.stringify(staged)}`}
              columns={columns.map((column) => ({ ...column, type: gridTypes[column.type] ?? column.type }))}
              rowCount={rows.count + (rows.hasMore ? aheadRows : shownInserts.length)}
              fetchRows={fetchRows}
              rowState={stateOf}
              onSelect={setCell}
              onOpen={({ row }) => openRow(row)}
              onPaste={editable && ((area, block) => void paste(area, block))}
              canType={({ column }) =>
                drafts.isRead &&
                (editable?.columns.some((one) => one.name === columns[column]?.name && !one.isGenerated) ??
                  false)
              }
            />
          </div>
        )}
        {form !== undefined && first && (
          <RowForm
            key={`${String(form)} ${rows.key}`}
            table={table}
            columns={columns}
            editable={drafts.isRead ? editable : undefined}
            rowKey={typeof form === 'string' ? undefined : keyAt(rows.rowAt(form))}
            shown={typeof form === 'string' ? undefined : rows.rowAt(form)}
            newId={typeof form === 'string' ? form : undefined}
            staged={staged}
            onStage={(edit) => {
              drafts.change((was) => stage(was, edit, typeof form === 'string' ? form : undefined))
              // The next new row is another one.
              if (typeof form === 'string') setForm(newRowId())
            }}
            onForget={() => {
              drafts.change(({ [String(form)]: _gone, ...others }) => others)
              setForm(undefined)
            }}
            onMove={(step) =>
              typeof form === 'number' && form + step >= 0 && form + step < rows.count && setForm(form + step)
            }
            onClose={() => setForm(undefined)}
          />
        )}
      </div>
      {drafts.error && (
        <div>
          <p className="small t-fail staged__unkept">
            Staged changes could not be kept: what is staged here is lost when this window closes.
          </p>
          <ErrorNotice error={drafts.error} onRetry={drafts.tryAgain} />
        </div>
      )}
      {Object.keys(staged).length > 0 && (
        <StagedBar
          schema={schema}
          name={name}
          staged={staged}
          onDiscard={() => drafts.change(() => ({}))}
          onApplied={() => {
            drafts.change(() => ({}))
            setForm(undefined)
            setVersion((was) => was + 1)
          }}
        />
      )}
      {first && (
        <p className="rows__status num">
          <span>
            {rows.hasMore ? `the first ${formatCount(rows.count)} rows` : plural(rows.count, 'row')}, page in{' '}
            {formatDuration(first.durationMs)}
          </span>
          {first.source && first.source.name !== name && (
            <span>
              of the partition <span className="mono">{first.source.name}</span>
            </span>
          )}
          {said && <span className="t-warn">{said}</span>}
          {!editable && <span className="t3">read only: no key</span>}
          {first.cuts.length > 0 && (
            <span className="t3">long values are cut at {first.cutAt} characters</span>
          )}
        </p>
      )}
    </div>
  )
}
