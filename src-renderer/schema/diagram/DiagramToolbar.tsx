import {
  IconArrowsMaximize,
  IconDownload,
  IconLayoutDistributeVertical,
  IconMinus,
  IconPhoto,
  IconPlus,
  IconX,
} from '@tabler/icons-react'
import { FilterInput } from '../../ui/FilterInput.tsx'
import type { Place } from '../place.ts'
import type { ColumnsShown } from './geometry.ts'

interface Props {
  schemas: string[]
  schema: string
  table: string | undefined
  depth: number
  columns: ColumnsShown
  hasPartitions: boolean
  text: string
  /** How many tables hold the text; undefined without one. */
  hits: number | undefined
  scale: number | undefined
  hasMoved: boolean
  canPng: boolean
  onPlace: (place: Place) => void
  onColumns: (shown: ColumnsShown) => void
  onPartitions: (shown: boolean) => void
  onText: (text: string) => void
  onNext: () => void
  onZoom: (factor: number) => void
  onShowAll: () => void
  onForget: () => void
  onSave: (format: 'svg' | 'png') => void
}

const depths = [1, 2, 3, 4]
const columnLabels: Record<ColumnsShown, string> = { all: 'All', keys: 'Keys', none: 'None' }

/** What a diagram shows and how. */
export function DiagramToolbar(props: Props) {
  const { schemas, schema, table, depth, columns, hasPartitions, text, hits, scale } = props
  return (
    <div className="toolbar" role="toolbar" aria-label="Diagram">
      <select
        className="input input--sm erd__schema"
        aria-label="Schema"
        value={schema}
        onChange={(event) => props.onPlace({ schema: event.target.value })}
      >
        {schemas.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      {table !== undefined && (
        <>
          <span className="chip erd__around-chip" title={`${schema}.${table}`}>
            <span className="t3">around</span>
            <span className="mono clip">{table}</span>
            <button type="button" title="The whole schema" onClick={() => props.onPlace({ schema })}>
              <IconX className="icon" />
            </button>
          </span>
          <span className="toolbar__label">Depth</span>
          <div className="seg">
            {depths.map((each) => (
              <button
                key={each}
                type="button"
                aria-pressed={each === depth}
                title={`Up to ${each} foreign ${each === 1 ? 'key' : 'keys'} away`}
                onClick={() => props.onPlace({ schema, table, depth: String(each) })}
              >
                {each}
              </button>
            ))}
          </div>
        </>
      )}
      <span className="toolbar__label">Columns</span>
      <div className="seg">
        {(Object.keys(columnLabels) as ColumnsShown[]).map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={each === columns}
            onClick={() => props.onColumns(each)}
          >
            {columnLabels[each]}
          </button>
        ))}
      </div>
      <div className="seg">
        <button type="button" aria-pressed={hasPartitions} onClick={() => props.onPartitions(!hasPartitions)}>
          Partitions
        </button>
      </div>
      <form
        className="row erd__find"
        onSubmit={(event) => {
          event.preventDefault()
          props.onNext()
        }}
      >
        <FilterInput label="Find a table or column" value={text} onChange={props.onText} />
        {hits !== undefined && (
          <span className="small t3 num" role="status">
            {hits}
          </span>
        )}
      </form>
      <span className="toolbar__fill" />
      {props.hasMoved && (
        <button
          type="button"
          className="btn btn--sm btn--ghost"
          title="Forget what was dragged and lay out again"
          onClick={props.onForget}
        >
          <IconLayoutDistributeVertical className="icon" />
          Lay out again
        </button>
      )}
      <button
        type="button"
        className="icon-btn icon-btn--sm"
        title="Smaller"
        onClick={() => props.onZoom(0.8)}
      >
        <IconMinus className="icon" />
      </button>
      <span className="small num t2 erd__scale">
        {scale === undefined ? '' : `${Math.round(scale * 100)} %`}
      </span>
      <button
        type="button"
        className="icon-btn icon-btn--sm"
        title="Larger"
        onClick={() => props.onZoom(1.25)}
      >
        <IconPlus className="icon" />
      </button>
      <button
        type="button"
        className="icon-btn icon-btn--sm"
        title="Show all of it"
        onClick={props.onShowAll}
      >
        <IconArrowsMaximize className="icon" />
      </button>
      <span className="toolbar__sep" />
      <button
        type="button"
        className="icon-btn icon-btn--sm"
        title="Save as SVG"
        onClick={() => props.onSave('svg')}
      >
        <IconDownload className="icon" />
      </button>
      <button
        type="button"
        className="icon-btn icon-btn--sm"
        title={
          props.canPng
            ? 'Save as PNG'
            : 'Too large for a PNG whose text can be read: save it as SVG, or show fewer columns'
        }
        disabled={!props.canPng}
        onClick={() => props.onSave('png')}
      >
        <IconPhoto className="icon" />
      </button>
    </div>
  )
}
