import { IconArrowDown, IconArrowUp, IconCode, IconFilterPlus, IconForms, IconX } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import type { RowFilter, RowsPage } from '../../src-main/schema/rows/contract.ts'
import type { RowsQuery } from './rowsQuery.ts'

type Column = RowsPage['columns'][number]

const operators = ['=', '<>', '<', '<=', '>', '>=', 'contains', 'is null', 'is not null'] as const

interface Props {
  query: RowsQuery
  columns: Column[]
  partitions: { schema: string; name: string; partitions: number }[]
  selected: { column: Column; value: string | null } | undefined
  onChange: (query: RowsQuery) => void
  /** Opens the selected row as a form. */
  onOpen: (() => void) | undefined
  children: ReactNode
}

/** Filters as chips, by the selected value or by hand; order by the selected column; which partition is read. */
export function RowsBar({ query, columns, partitions, selected, onChange, onOpen, children }: Props) {
  const [adding, setAdding] = useState<'filter' | 'condition'>()
  const { filters, order, partition, where } = query
  const toggle = (form: 'filter' | 'condition') => setAdding(adding === form ? undefined : form)
  const add = (filter: RowFilter) => {
    const isThere = filters.some((one) => JSON.stringify(one) === JSON.stringify(filter))
    if (!isThere) onChange({ ...query, filters: [...filters, filter] })
  }
  const byValue = (isSame: boolean): RowFilter | undefined =>
    selected && {
      column: selected.column.name,
      operator: selected.value === null ? (isSame ? 'is null' : 'is not null') : isSame ? '=' : '<>',
      value: selected.value ?? '',
    }
  const sort = (isDescending: boolean) =>
    selected && onChange({ ...query, order: [{ column: selected.column.name, isDescending }] })
  const hint = selected ? selected.column.name : 'the selected column'
  return (
    <>
      <div className="toolbar rows-bar">
        {partitions.length > 0 && (
          <select
            className="input input--sm rows-bar__partition"
            aria-label="Partition"
            value={partition?.name ?? ''}
            onChange={(event) => {
              const chosen = partitions.find(({ name }) => name === event.target.value)
              onChange({ ...query, partition: chosen && { schema: chosen.schema, name: chosen.name } })
            }}
          >
            <option value="">newest partition</option>
            {partitions.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        )}
        <button
          type="button"
          className="icon-btn icon-btn--sm"
          title="Add a filter"
          aria-expanded={adding === 'filter'}
          onClick={() => toggle('filter')}
        >
          <IconFilterPlus className="icon" />
        </button>
        <button
          type="button"
          className="icon-btn icon-btn--sm"
          title="A condition in SQL"
          aria-expanded={adding === 'condition'}
          onClick={() => toggle('condition')}
        >
          <IconCode className="icon" />
        </button>
        <button
          type="button"
          className="btn btn--sm btn--ghost"
          disabled={!selected}
          title={`Only rows with the selected value of ${hint}`}
          onClick={() => selected && add(byValue(true) as RowFilter)}
        >
          = value
        </button>
        <button
          type="button"
          className="btn btn--sm btn--ghost"
          disabled={!selected}
          title={`Only rows with another value of ${hint}`}
          onClick={() => selected && add(byValue(false) as RowFilter)}
        >
          ≠ value
        </button>
        <i className="toolbar__sep" />
        <button
          type="button"
          className="icon-btn icon-btn--sm"
          disabled={!selected?.column.isSortable}
          title={`Sort by ${hint}, upwards`}
          onClick={() => sort(false)}
        >
          <IconArrowUp className="icon" />
        </button>
        <button
          type="button"
          className="icon-btn icon-btn--sm"
          disabled={!selected?.column.isSortable}
          title={`Sort by ${hint}, downwards`}
          onClick={() => sort(true)}
        >
          <IconArrowDown className="icon" />
        </button>
        <i className="toolbar__sep" />
        <button
          type="button"
          className="icon-btn icon-btn--sm"
          disabled={!onOpen}
          title="Open the row as a form (Enter)"
          onClick={onOpen}
        >
          <IconForms className="icon" />
        </button>
        <span className="rows-bar__chips">
          {where !== undefined && (
            <button
              type="button"
              className="chip chip--running"
              title={`Take away: where ${where}`}
              onClick={() => onChange({ ...query, where: undefined })}
            >
              <span className="mono clip">where {where}</span>
              <IconX className="icon icon--14" />
            </button>
          )}
          {filters.map((filter, at) => {
            const label = `${filter.column} ${filter.operator}${filter.operator.startsWith('is') ? '' : ` ${filter.value}`}`
            return (
              <button
                key={label}
                type="button"
                className="chip chip--running"
                title={`Take away: ${label}`}
                onClick={() => onChange({ ...query, filters: filters.filter((_one, index) => index !== at) })}
              >
                <span className="mono clip">{label}</span>
                <IconX className="icon icon--14" />
              </button>
            )
          })}
          {order.map(({ column, isDescending }) => (
            <button
              key={column}
              type="button"
              className="chip chip--plain"
              title="Back to the order of the key"
              onClick={() => onChange({ ...query, order: [] })}
            >
              <span className="mono">{column}</span>
              {isDescending ? (
                <IconArrowDown className="icon icon--14" />
              ) : (
                <IconArrowUp className="icon icon--14" />
              )}
            </button>
          ))}
        </span>
        <span className="toolbar__fill" />
        {children}
      </div>
      {adding === 'condition' && (
        <ConditionForm where={where} onChange={(next) => onChange({ ...query, where: next })} />
      )}
      {adding === 'filter' && (
        <FilterForm
          columns={columns}
          first={selected?.column.name ?? columns[0]?.name ?? ''}
          onAdd={(filter) => {
            setAdding(undefined)
            add(filter)
          }}
        />
      )}
    </>
  )
}

/** What stands behind WHERE, as one writes it; it stays open, so that it can be corrected. */
function ConditionForm({
  where,
  onChange,
}: {
  where: string | undefined
  onChange: (where: string | undefined) => void
}) {
  const [text, setText] = useState(where ?? '')
  return (
    <form
      className="toolbar rows-bar"
      onSubmit={(event) => {
        event.preventDefault()
        onChange(text.trim() || undefined)
      }}
    >
      <span className="mono t2">where</span>
      <input
        className="input input--sm mono rows-bar__condition"
        aria-label="Condition in SQL"
        spellCheck={false}
        placeholder="amount > 100 and note ilike '%late%'"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <button type="submit" className="btn btn--sm">
        Filter
      </button>
      <span className="t3 small">Planned before it runs, in a read-only transaction, at most 30 s.</span>
    </form>
  )
}

function FilterForm({
  columns,
  first,
  onAdd,
}: {
  columns: Column[]
  first: string
  onAdd: (filter: RowFilter) => void
}) {
  const [filter, setFilter] = useState<RowFilter>({ column: first, operator: '=', value: '' })
  const needsValue = !filter.operator.startsWith('is')
  return (
    <form
      className="toolbar rows-bar"
      onSubmit={(event) => {
        event.preventDefault()
        onAdd(filter)
      }}
    >
      <select
        className="input input--sm"
        aria-label="Column"
        value={filter.column}
        onChange={(event) => setFilter({ ...filter, column: event.target.value })}
      >
        {columns.map(({ name }) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      <select
        className="input input--sm rows-bar__operator"
        aria-label="Comparison"
        value={filter.operator}
        onChange={(event) => setFilter({ ...filter, operator: event.target.value as RowFilter['operator'] })}
      >
        {operators.map((operator) => (
          <option key={operator}>{operator}</option>
        ))}
      </select>
      {needsValue && (
        <input
          className="input input--sm"
          aria-label="Value"
          value={filter.value}
          onChange={(event) => setFilter({ ...filter, value: event.target.value })}
        />
      )}
      <button type="submit" className="btn btn--sm">
        Filter
      </button>
    </form>
  )
}
