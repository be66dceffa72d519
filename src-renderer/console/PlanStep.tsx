import type { PlanNode } from '../../src-main/console/explainContract.ts'
import { formatCompact, formatDuration } from '../ui/format.ts'

interface Props {
  node: PlanNode
  top: number
  /** Of the heaviest step, between 0 and 1. */
  heat: number
  /** Of the whole plan, between 0 and 1. */
  share: number
  /** The same step of the plan that it is compared with. */
  before: PlanNode | undefined
  isOpen: boolean
  onOpen: () => void
}

const indentPx = 14
const mostIndents = 24

/** One step of a plan: its share of the time as a bar, rows come of rows expected, and how far off that was. */
export function PlanStep({ node, top, heat, share, before, isOpen, onOpen }: Props) {
  const { blocks } = node
  return (
    // biome-ignore lint/a11y/useSemanticElements: a plan of ten thousand steps cannot be in the page
    <div
      role="row"
      tabIndex={-1}
      aria-rowindex={node.id + 2}
      aria-level={node.depth + 1}
      aria-selected={isOpen}
      className={`plan__row${isOpen ? ' is-open' : ''}`}
      style={{ top, position: 'absolute' }}
      onClick={onOpen}
      onKeyDown={(event) => {
        if (event.key === 'Enter') onOpen()
      }}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: a cell of a virtual grid */}
      <span role="gridcell" tabIndex={-1} className="clip" title={`${node.type} ${node.target}`}>
        <span style={{ paddingLeft: Math.min(node.depth, mostIndents) * indentPx }}>
          {node.type} <span className="t2 mono small">{node.target}</span>
        </span>
      </span>
      {/* biome-ignore lint/a11y/useSemanticElements: a cell of a virtual grid */}
      <span role="gridcell" tabIndex={-1} className="num plan__time">
        <span className="plan__heat" style={{ width: `${Math.round(heat * 100)}%` }} />
        <span>
          {node.exclusiveMs === null
            ? node.loops === 0
              ? 'never run'
              : formatCompact(Math.round(node.exclusiveCost))
            : formatDuration(node.exclusiveMs)}{' '}
          <span className="t2">{Math.round(share * 100)} %</span>
          {before?.exclusiveMs != null && (
            <span className="t2"> was {formatDuration(before.exclusiveMs)}</span>
          )}
        </span>
      </span>
      {/* biome-ignore lint/a11y/useSemanticElements: a cell of a virtual grid */}
      <span
        role="gridcell"
        tabIndex={-1}
        className="num r"
        title="Rows that came, of rows that were expected"
      >
        {node.actualRows === null ? '' : `${formatCompact(Math.round(node.actualRows))} of `}
        {formatCompact(Math.round(node.estimatedRows))}
      </span>
      {/* biome-ignore lint/a11y/useSemanticElements: a cell of a virtual grid */}
      <span role="gridcell" tabIndex={-1} className={`num r${errorClass(node.errorFactor)}`}>
        {node.errorFactor !== null &&
          node.errorFactor >= 1.5 &&
          `× ${formatCompact(Math.round(node.errorFactor))}`}
      </span>
      {/* biome-ignore lint/a11y/useSemanticElements: a cell of a virtual grid */}
      <span role="gridcell" tabIndex={-1} className="num r">
        {node.loops !== null && formatCompact(node.loops)}
      </span>
      {/* biome-ignore lint/a11y/useSemanticElements: a cell of a virtual grid */}
      <span
        role="gridcell"
        tabIndex={-1}
        className="num r"
        title={`hit ${blocks.hit}, read ${blocks.read}, written ${blocks.written}, temporary ${blocks.temp}`}
      >
        {blocks.hit + blocks.read > 0 && formatCompact(blocks.hit + blocks.read)}
        {blocks.temp > 0 && <span className="t-warn"> temp {formatCompact(blocks.temp)}</span>}
      </span>
      {/* biome-ignore lint/a11y/useSemanticElements: a cell of a virtual grid */}
      <span role="gridcell" tabIndex={-1} className="num r">
        {node.ioMs > 0 && formatDuration(node.ioMs)}
      </span>
    </div>
  )
}

function errorClass(factor: number | null): string {
  if (factor === null || factor < 10) return ''
  return factor < 100 ? ' t-warn' : ' t-fail'
}
