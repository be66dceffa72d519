import {
  IconCalendarMinus,
  IconCalendarPlus,
  IconLink,
  IconPlus,
  IconReportAnalytics,
} from '@tabler/icons-react'
import type { Finding, Partition, PartitionedTable } from '../../src-main/partitions/table.contract.ts'
import { formatBytes, formatCompact, plural } from '../ui/format.ts'
import { Layer, layerOf } from '../ui/Layer.tsx'
import { State } from '../ui/State.tsx'
import { type Height, keyOf } from './layout.ts'
import type { Wanted } from './PartitionDialogs.tsx'
import { Picture } from './Picture.tsx'

export type TableWithPartitions = PartitionedTable & { partitions: Partition[] }

interface Props {
  table: TableWithPartitions
  height: Height
  zoom: number
  selected: string | undefined
  touched: Set<string> | undefined
  /** How many of its partitions the statement touches, when it concerns the table. */
  pruning: { touched: number; total: number; isRouted: boolean } | undefined
  onSelect: (partition: string) => void
  onAct: (wanted: Wanted) => void
}

/** One table: its state in a line, its picture, and below it the pictures of the partition that is opened. */
export function TablePictures({ table, pruning, onAct, ...picture }: Props) {
  const { schema, name, partitions, findings } = table
  const first = partitions.filter(({ level }) => level === 1)
  const ahead = table.coveredUntil && Math.floor((table.coveredUntil.getTime() - Date.now()) / 86_400_000)
  const isEnding = findings.some(({ kind }) => kind === 'ends' || kind === 'uncovered')
  return (
    <section
      className={`tl tl--${layerOf(schema)}`}
      style={{ flex: 'none' }}
      aria-label={`${schema}.${name}`}
    >
      <header className="tl__head">
        <b className="tl__name">
          <Layer schema={schema} name={name} />
        </b>
        <span className="tl__meta">
          by {table.strategy === 'range' && table.step !== 'other' ? table.step : table.strategy} of{' '}
          <span className="mono">{table.key}</span>
        </span>
        <span className="tl__meta num">
          {plural(table.partitionCount, 'partition')}
          {table.levels > 1 && ` on ${table.levels} levels`}
        </span>
        <span className="tl__meta num">{formatCompact(table.estimatedRows)} rows</span>
        <span
          className="tl__meta num"
          title={table.isSizeEstimated ? 'From the statistics: so many files are not asked' : undefined}
        >
          {table.isSizeEstimated && 'about '}
          {formatBytes(table.sizeBytes)}
        </span>
        <span className="tl__fill" />
        {pruning && (
          <span className="chip chip--running">
            {pruning.isRouted
              ? 'rows are routed as they come'
              : `${pruning.touched} of ${pruning.total} touched`}
          </span>
        )}
        {table.retention && <span className="tl__meta">kept {table.retention.keep}</span>}
        {ahead !== null && (
          <span className={`chip chip--${isEnding ? 'warning' : 'ok'}`}>
            <State name={isEnding ? 'warning' : 'succeeded'} />
            {ahead > 36_500 ? 'no end' : `${plural(ahead, 'day')} ahead`}
          </span>
        )}
        <span className="tl__acts">
          {table.strategy === 'range' && (
            <button
              type="button"
              className="icon-btn icon-btn--sm"
              title={`Make the next partitions of ${name}…`}
              onClick={() => onAct({ kind: 'ensure', table: { schema, name }, count: 3 })}
            >
              <IconCalendarPlus className="icon" />
            </button>
          )}
          {table.scale === 'time' && (
            <button
              type="button"
              className="icon-btn icon-btn--sm"
              title={`Detach or drop what is old of ${name}…`}
              onClick={() => onAct({ kind: 'retain some', table })}
            >
              <IconCalendarMinus className="icon" />
            </button>
          )}
          <button
            type="button"
            className="icon-btn icon-btn--sm"
            title={`Make a partition of ${name}…`}
            onClick={() => onAct({ kind: 'make one', table })}
          >
            <IconPlus className="icon" />
          </button>
          <button
            type="button"
            className="icon-btn icon-btn--sm"
            title={`Attach a table to ${name}…`}
            onClick={() => onAct({ kind: 'attach table', table })}
          >
            <IconLink className="icon" />
          </button>
          <button
            type="button"
            className="icon-btn icon-btn--sm"
            title={`Analyse ${name}…`}
            onClick={() => onAct({ kind: 'analyze', table: { schema, name } })}
          >
            <IconReportAnalytics className="icon" />
          </button>
        </span>
      </header>
      {findings.length > 0 && (
        <ul className="tl__findings">
          {findings.map((finding) => {
            const { kind, severity, text, next } = finding
            const remedy = remedyOf(finding, table)
            return (
              <li key={kind + text} className={severity === 'note' ? 't2' : 't-warn'} title={next}>
                <State
                  name={severity === 'failed' ? 'failed' : severity === 'warning' ? 'warning' : 'queued'}
                  label={severity}
                />
                <span className="clip">{text}</span>
                {remedy && (
                  <button
                    type="button"
                    className="link link--accent"
                    title={`${remedy.label} for ${name}: its plan and its SQL come first`}
                    onClick={() => onAct(remedy.wanted)}
                  >
                    {remedy.label}
                  </button>
                )}
              </li>
            )
          })}
        </ul>
      )}
      <Picture table={table} partitions={first} {...picture} />
      <Opened table={table} parents={first} {...picture} />
    </section>
  )
}

/** The level below the partition that is selected, or that holds the selected one; and so on down. */
function Opened({ table, parents, ...picture }: Omit<Props, 'pruning' | 'onAct'> & { parents: Partition[] }) {
  const { partitions } = table
  const byId = new Map(partitions.map((partition) => [partition.id, partition]))
  const chosen = partitions.find((partition) => keyOf(partition) === picture.selected)
  const path = new Set<number>()
  for (let at = chosen; at; at = byId.get(at.parentId)) path.add(at.id)
  const open =
    parents.find(({ id, strategy }) => strategy !== null && path.has(id)) ??
    parents.find(isOnlyNested(parents))
  if (!open || open.strategy === null) return null
  const below = partitions.filter(({ parentId }) => parentId === open.id)
  const inner = {
    ...table,
    name: open.name,
    strategy: open.strategy,
    scale: scaleOf(below, table.scale),
    gaps: [],
    retention: null,
  }
  return (
    <div className="tl__inner">
      <p className="tl__crumb">
        <span className="mono">{open.name}</span> by {open.strategy} of{' '}
        <span className="mono">{open.key}</span>, {plural(below.length, 'partition')}
      </p>
      <Picture table={inner} partitions={below} {...picture} />
      <Opened table={table} parents={below} {...picture} />
    </div>
  )
}

/** With one nested partition alone there is nothing to choose. */
const isOnlyNested = (parents: Partition[]) => (partition: Partition) =>
  partition.strategy !== null && parents.filter(({ strategy }) => strategy !== null).length === 1

function scaleOf(partitions: Partition[], above: PartitionedTable['scale']): PartitionedTable['scale'] {
  if (!partitions.some(({ from, to }) => from !== null || to !== null)) return 'none'
  if (
    partitions.some(
      ({ state }) => state === 'current' || state === 'cold' || state === 'premade' || state === 'due',
    )
  )
    return 'time'
  return above === 'none' ? 'number' : above
}

/** What can be done about a finding from here. */
function remedyOf(
  { kind, partitions: names }: Finding,
  table: TableWithPartitions,
): { label: string; wanted: Wanted } | undefined {
  const relation = { schema: table.schema, name: table.name }
  const partition = table.partitions.find(({ name }) => name === names[0])
  if (kind === 'gap' && table.scale !== 'none')
    return { label: 'Fill…', wanted: { kind: 'fill', table: relation } }
  if (kind === 'ends') return { label: 'Make…', wanted: { kind: 'ensure', table: relation, count: 3 } }
  if (kind === 'due') return { label: 'Detach…', wanted: { kind: 'retain some', table } }
  if (kind === 'never analysed') return { label: 'Analyse…', wanted: { kind: 'analyze', table: relation } }
  if (kind === 'detach pending' && partition)
    return {
      label: 'Finalize…',
      wanted: { kind: 'finalize', partition: { schema: partition.schema, name: partition.name } },
    }
  return undefined
}
