import { IconChartBar, IconDownload, IconMinus, IconPhoto, IconPlus, IconTable } from '@tabler/icons-react'
import { FilterInput } from '../ui/FilterInput.tsx'
import type { Height } from './layout.ts'

interface Props {
  filter: string
  isTable: boolean
  height: Height
  zoom: number
  onChange: (change: Record<string, string | undefined>) => void
  onCsv: () => void
  onPng: () => void
}

const legend = [
  ['past', 'past'],
  ['current', 'current, expected'],
  ['premade', 'made ahead'],
  ['due', 'leaves soon'],
  ['detaching', 'half detached'],
  ['gap', 'missing'],
] as const

/** How the partitions are shown; all of it is kept in the address. */
export function PartitionsToolbar({ filter, isTable, height, zoom, onChange, onCsv, onPng }: Props) {
  return (
    <div className="parts__bar">
      <div className="toolbar parts__toolbar">
        <div className="parts__filter">
          <FilterInput
            label="Filter by table"
            value={filter}
            onChange={(value) => onChange({ table: value || undefined })}
          />
        </div>
        <div className="seg">
          <button type="button" aria-pressed={!isTable} onClick={() => onChange({ as: undefined })}>
            <IconChartBar className="icon" />
            Timeline
          </button>
          <button type="button" aria-pressed={isTable} onClick={() => onChange({ as: 'table' })}>
            <IconTable className="icon" />
            Table
          </button>
        </div>
        <span className="toolbar__label">Height</span>
        <div className="seg">
          {(['rows', 'bytes'] as const).map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={height === name}
              onClick={() => onChange({ height: name === 'rows' ? undefined : name })}
            >
              {name === 'rows' ? 'Rows' : 'Bytes'}
            </button>
          ))}
        </div>
        {!isTable && (
          <>
            <button
              type="button"
              className="icon-btn icon-btn--sm"
              title="Zoom out"
              disabled={zoom <= 1}
              onClick={() => onChange({ zoom: zoom <= 2 ? undefined : String(zoom / 2) })}
            >
              <IconMinus className="icon" />
            </button>
            <button
              type="button"
              className="icon-btn icon-btn--sm"
              title="Zoom in"
              disabled={zoom >= 64}
              onClick={() => onChange({ zoom: String(zoom * 2) })}
            >
              <IconPlus className="icon" />
            </button>
          </>
        )}
        <span className="toolbar__fill" />
        {!isTable && (
          <ul className="legend" aria-label="Legend">
            {legend.map(([name, label]) => (
              <li key={name}>
                <i className={`legend__${name}`} />
                {label}
              </li>
            ))}
          </ul>
        )}
        <button
          type="button"
          className="icon-btn icon-btn--sm"
          title="Save the pictures as PNG"
          onClick={onPng}
        >
          <IconPhoto className="icon" />
        </button>
        <button type="button" className="icon-btn icon-btn--sm" title="Save as CSV" onClick={onCsv}>
          <IconDownload className="icon" />
        </button>
      </div>
    </div>
  )
}
