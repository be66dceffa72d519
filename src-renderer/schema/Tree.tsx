import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { useQueries } from '@tanstack/react-query'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef, useState } from 'react'
import { rpc } from '../rpc/client.ts'
import { formatCompact } from '../ui/format.ts'
import { Layer } from '../ui/Layer.tsx'
import { ObjectIcon } from './ObjectIcon.tsx'
import { type OpenPlace, type Place, placeOfObject } from './place.ts'
import { rowsOfTree, type TreeData, type TreeRow } from './treeRows.ts'

const rowHeight = 28
// A bigger catalogue opens with its schemas closed.
const openUpTo = 200

interface Props {
  data: TreeData
  place: Place
  open: OpenPlace
}

/** Schemas with their tables, views, functions and types, then what belongs to the database; partitions below their parents. */
export function Tree({ data, place, open }: Props) {
  const [toggled, setToggled] = useState<Record<string, boolean>>({})
  const scroller = useRef<HTMLDivElement>(null)
  const isSmall = data.tables.length <= openUpTo
  const isOpen = (key: string) =>
    toggled[key] ?? (key.startsWith('schema ') && (isSmall || key === `schema ${place.schema}`))
  const toggle = (key: string) => setToggled((was) => ({ ...was, [key]: !isOpen(key) }))

  const expanded = Object.entries(toggled)
    .filter(([key, isShown]) => isShown && key.startsWith('table '))
    .map(([key]) => key.slice('table '.length).split('\0'))
  const partitions = useQueries({
    queries: expanded.map(([schema = '', name = '']) =>
      rpc.schema.listPartitions.queryOptions({ input: { schema, name } }),
    ),
  })
  const rows = rowsOfTree(data, isOpen, ({ schema, name }) => {
    const at = expanded.findIndex(([space, table]) => space === schema && table === name)
    return partitions[at]?.data
  })
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 16,
  })

  return (
    <div className="scroll tree__rows" ref={scroller}>
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index]
          if (!row) return null
          return (
            <div key={row.key} className="tree__row" style={{ transform: `translateY(${start}px)` }}>
              <Line row={row} place={place} open={open} toggle={() => toggle(row.key)} />
            </div>
          )
        })}
      </div>
    </div>
  )
}

function Line({
  row,
  place,
  open,
  toggle,
}: {
  row: TreeRow
  place: Place
  open: OpenPlace
  toggle: () => void
}) {
  if (row.type === 'schema') {
    const isSelected = place.kind === 'schema' && place.name === row.name
    return (
      <div className={`tree__schema tree__schema--split${isSelected ? ' is-selected' : ''}`}>
        <Toggle isOpen={row.isOpen} label={`Objects of ${row.name}`} toggle={toggle} />
        <button
          type="button"
          className="tree__name"
          aria-current={isSelected}
          title={row.comment ?? undefined}
          onClick={() => open({ kind: 'schema', name: row.name })}
        >
          <Layer schema={row.name} />
          <span className="tree__count num">{row.count}</span>
        </button>
      </div>
    )
  }
  if (row.type === 'group') {
    return (
      <button
        type="button"
        className={row.depth === 0 ? 'tree__schema' : 'tree__item tree__item--group'}
        style={row.depth > 0 ? { paddingLeft: 12 + row.depth * 14 } : undefined}
        aria-expanded={row.isOpen}
        onClick={toggle}
      >
        {row.isOpen ? <IconChevronDown className="icon" /> : <IconChevronRight className="icon" />}
        <span>{row.label}</span>
        <span className="tree__count num">{row.count}</span>
      </button>
    )
  }
  if (row.type === 'object') {
    const { kind, schema, name, signature, detail, comment } = row.object
    const isSelected =
      place.kind === kind &&
      place.name === name &&
      place.schema === (schema ?? undefined) &&
      (place.signature ?? '') === signature
    return (
      <button
        type="button"
        className={`tree__item${isSelected ? ' is-selected' : ''}`}
        style={{ paddingLeft: 12 + row.depth * 14 }}
        aria-current={isSelected}
        title={[`${kind} ${name}${signature ? `(${signature})` : ''}`, detail, comment]
          .filter(Boolean)
          .join('\n')}
        onClick={() => open(placeOfObject(row.object))}
      >
        <ObjectIcon kind={kind} />
        <span className="mono clip">{name}</span>
        {signature && <span className="mono clip t3 tree__signature">({signature})</span>}
      </button>
    )
  }
  const table = row.type === 'table' ? row.table : row.partition
  const isSelected = place.schema === table.schema && place.table === table.name
  const isView = row.type === 'table' && row.table.kind.includes('view')
  return (
    <div
      className={`tree__item tree__item--split${isSelected ? ' is-selected' : ''}`}
      style={{ paddingLeft: row.depth * 14 - 6 }}
    >
      {table.partitions > 0 ? (
        <Toggle isOpen={row.isOpen} label={`Partitions of ${table.name}`} toggle={toggle} />
      ) : (
        <span className="tree__toggle" />
      )}
      <button
        type="button"
        className="tree__name"
        aria-current={isSelected}
        title={row.type === 'table' ? (row.table.comment ?? row.table.kind) : row.partition.bound}
        onClick={() => open({ schema: table.schema, table: table.name, tab: place.tab })}
      >
        <ObjectIcon kind={row.type === 'table' ? row.table.kind : 'partition'} />
        <span className="mono clip">{table.name}</span>
        <span className="tree__count num">
          {table.partitions > 0 && `${table.partitions} parts · `}
          {!isView && formatCompact(table.estimatedRows)}
        </span>
      </button>
    </div>
  )
}

function Toggle({ isOpen, label, toggle }: { isOpen: boolean; label: string; toggle: () => void }) {
  return (
    <button type="button" className="tree__toggle" aria-expanded={isOpen} aria-label={label} onClick={toggle}>
      {isOpen ? <IconChevronDown className="icon" /> : <IconChevronRight className="icon" />}
    </button>
  )
}
