import { IconChartBar, IconChartDots, IconChartHistogram, IconChartLine } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import type { Aggregate, PlotKind, PlotRequest } from '../../src-main/console/plotContract.ts'
import type { StatementRun } from '../../src-main/console/statementContract.ts'
import { isNumber, isTime } from './plotSuggestion.ts'

interface Props {
  columns: StatementRun['columns']
  request: PlotRequest
  onChange: (request: PlotRequest) => void
  children: ReactNode
}

const kinds: [PlotKind, string, typeof IconChartBar][] = [
  ['line', 'Line', IconChartLine],
  ['bar', 'Bars', IconChartBar],
  ['scatter', 'Scatter', IconChartDots],
  ['histogram', 'Histogram', IconChartHistogram],
]
const aggregates: [Aggregate, string][] = [
  ['none', 'each row'],
  ['sum', 'sum of'],
  ['avg', 'average of'],
  ['min', 'least of'],
  ['max', 'greatest of'],
  ['count', 'rows'],
]
const none = ''

/** What is drawn of which columns. */
export function ChartSettings({ columns, request, onChange, children }: Props) {
  const { kind, x, y, series, aggregate } = request
  const change = (part: Partial<PlotRequest>) => onChange({ ...request, ...part })
  const places = columns.map((column, at) => ({ ...column, at }))
  const numbers = places.filter(isNumber)
  const measured = kind === 'histogram' ? places.filter((one) => isNumber(one) || isTime(one)) : numbers
  const along = kind === 'scatter' ? places.filter((one) => isNumber(one) || isTime(one)) : places
  const turn = (next: PlotKind) => {
    const usable = next === 'histogram' ? y.slice(0, 1) : y
    const fallback = numbers.find(({ at }) => at !== x)?.at ?? numbers[0]?.at
    change({
      kind: next,
      y: usable.length > 0 || fallback === undefined ? usable : [fallback],
      x:
        next === 'scatter'
          ? along.some(({ at }) => at === x && isNumber(columns[at] ?? { name: '', type: '' }))
            ? x
            : (numbers[0]?.at ?? x)
          : x,
      aggregate:
        next === 'scatter' || next === 'histogram'
          ? 'none'
          : next === 'bar' && aggregate === 'none'
            ? 'sum'
            : aggregate,
    })
  }
  return (
    <div className="con__tools con__plottools">
      <fieldset className="seg" aria-label="Kind of picture">
        {kinds.map(([name, label, Icon]) => (
          <button
            key={name}
            type="button"
            title={label}
            aria-label={label}
            aria-pressed={kind === name}
            onClick={() => turn(name)}
          >
            <Icon className="icon" />
          </button>
        ))}
      </fieldset>
      {(kind === 'line' || kind === 'bar') && (
        <Choice
          name="What of rows"
          value={aggregate}
          options={aggregates}
          onChange={(next) => change({ aggregate: next as Aggregate })}
        />
      )}
      {aggregate !== 'count' && (
        <Choice
          name="y"
          label={kind === 'histogram' ? 'how often each value of' : ''}
          value={y[0] === undefined ? none : String(y[0])}
          options={[
            ...(y.length === 0 ? [[none, 'choose'] as const] : []),
            ...measured.map(({ at, name }) => [String(at), name || '?'] as const),
          ]}
          onChange={(next) =>
            change({
              y: next === none ? [] : [Number(next), ...y.slice(1).filter((at) => at !== Number(next))],
            })
          }
        />
      )}
      {kind !== 'histogram' && aggregate !== 'count' && y.length > 0 && (
        <Choice
          label="and"
          value={y.length > 1 ? y.slice(1).join() : none}
          options={[
            [none, y.length > 1 ? 'only the first' : 'no other'],
            ...(y.length > 1
              ? [
                  [
                    y.slice(1).join(),
                    y
                      .slice(1)
                      .map((at) => columns[at]?.name)
                      .join(', '),
                  ] as const,
                ]
              : []),
            ...numbers
              .filter(({ at }) => !y.includes(at))
              .map(({ at, name }) => [`+${at}`, `${y.length > 1 ? '+ ' : ''}${name}`] as const),
          ]}
          onChange={(next) => {
            if (next === none) change({ y: y.slice(0, 1) })
            else if (next.startsWith('+')) change({ y: [...y, Number(next)] })
          }}
        />
      )}
      {kind !== 'histogram' && (
        <Choice
          label="by"
          value={x === null ? none : String(x)}
          options={[
            ...(kind === 'scatter' ? [] : [[none, 'row number'] as const]),
            ...along.map(({ at, name }) => [String(at), name || '?'] as const),
          ]}
          onChange={(next) => change({ x: next === none ? null : Number(next) })}
        />
      )}
      <Choice
        label="a series for each"
        value={series === null ? none : String(series)}
        options={[[none, 'no column'], ...places.map(({ at, name }) => [String(at), name || '?'] as const)]}
        onChange={(next) => change({ series: next === none ? null : Number(next) })}
      />
      <span className="toolbar__fill" />
      {children}
    </div>
  )
}

interface ChoiceProps {
  /** Of the field, where no word stands before it. */
  name?: string
  label?: string
  value: string
  options: readonly (readonly [string, string])[]
  onChange: (value: string) => void
}

function Choice({ name: own, label = '', value, options, onChange }: ChoiceProps) {
  return (
    <label className="row small t2">
      {label}
      <select
        className="input input--sm"
        aria-label={own ?? label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      >
        {options.map(([name, text]) => (
          <option key={name} value={name}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}
