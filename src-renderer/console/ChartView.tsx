import { IconChartBar, IconDownload } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import type { Plot as PlotData, PlotRequest } from '../../src-main/console/plotContract.ts'
import type { StatementRun } from '../../src-main/console/statementContract.ts'
import { rpc } from '../rpc/client.ts'
import { download, downloadBlob, toCsv } from '../ui/download.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { formatCount, plural } from '../ui/format.ts'
import { MenuButton } from '../ui/MenuButton.tsx'
import { Plot } from '../ui/Plot.tsx'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { ChartSettings } from './ChartSettings.tsx'
import { suggestPlot } from './plotSuggestion.ts'

interface Props {
  resultId: string
  /** Only what its filter lets through is drawn. */
  arrangementId: string | undefined
  columns: StatementRun['columns']
  /** Of the statement: a picture of rows that still come would be wrong a moment later. */
  isWhole: boolean
}

type SavePicture = (kind: 'png' | 'svg') => Blob

/** A result as a picture, its points made in the data process from every row that is held. */
export function ChartView({ resultId, arrangementId, columns, isWhole }: Props) {
  const [request, setRequest] = useState(() => suggestPlot(columns))
  const save = useRef<SavePicture>(undefined)
  const isComplete = request.kind === 'bar' || request.kind === 'line' || request.y.length > 0
  const plot = useQuery({
    ...rpc.console.plot.queryOptions({ input: { resultId, arrangementId, plot: request } }),
    enabled: isWhole && isComplete,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  const nameOf = (at: number | null) => (at === null ? 'row' : columns[at]?.name || '?')
  const yName =
    request.kind === 'histogram'
      ? 'rows'
      : request.aggregate === 'count' || request.y.length === 0
        ? 'rows'
        : `${request.aggregate === 'none' ? '' : `${request.aggregate} of `}${request.y.map(nameOf).join(', ')}`
  const along = request.kind === 'histogram' ? (request.y[0] ?? null) : request.x
  // Drawn as instants; what the grid shows is in the session's zone.
  const zone = along !== null && columns[along]?.type === 'timestamptz' ? ' (UTC)' : ''
  const xName = `${nameOf(along)}${zone}`
  const file = `${request.kind}-${xName}`.replaceAll(/[^\w.-]+/g, '_')
  const savePicture = (kind: 'png' | 'svg') => {
    const made = save.current?.(kind)
    if (made) downloadBlob(`${file}.${kind}`, made)
  }
  return (
    <div className="con__chart">
      <ChartSettings columns={columns} request={request} onChange={setRequest}>
        <MenuButton
          icon={<IconDownload className="icon icon--14" />}
          label="Save picture"
          isDisabled={!plot.data}
          items={[
            { label: 'PNG', act: () => savePicture('png') },
            { label: 'SVG', act: () => savePicture('svg') },
            {
              label: 'CSV of its points',
              act: () => plot.data && download(`${file}.csv`, toCsv(pointsOf(plot.data, xName, yName))),
            },
          ]}
        />
      </ChartSettings>
      {!isWhole ? (
        <EmptyState icon={<IconChartBar className="icon icon--18" />} title="Rows still come">
          The picture is drawn when the last one is here.
        </EmptyState>
      ) : !isComplete ? (
        <EmptyState icon={<IconChartBar className="icon icon--18" />} title="No column of numbers is chosen">
          Choose what is drawn.
        </EmptyState>
      ) : (
        <QueryPanel query={plot} rows={6}>
          {(found) =>
            found.series.length === 0 ? (
              <EmptyState icon={<IconChartBar className="icon icon--18" />} title="There is nothing to draw">
                {plural(found.rows, 'row')}, none with a value that can be drawn. Choose another column.
              </EmptyState>
            ) : (
              <>
                <div className="con__plot">
                  <Plot
                    label={labelOf(found, request, xName, yName)}
                    kind={request.kind}
                    axis={found.axis}
                    series={found.series}
                    categories={found.categories}
                    xName={xName}
                    yName={yName}
                    onReady={(made) => {
                      save.current = made
                    }}
                  />
                </div>
                <p className="con__plotnote small t2 num" role="status">
                  {plural(found.rows, 'row')}
                  {found.leftOut > 0 && `, ${formatCount(found.leftOut)} without a value to draw`}
                  {found.reduction && `; ${found.reduction}`}
                </p>
              </>
            )
          }
        </QueryPanel>
      )}
    </div>
  )
}

function labelOf({ series }: PlotData, { kind }: PlotRequest, xName: string, yName: string): string {
  const points = series.reduce((sum, one) => sum + one.points.length, 0)
  return `${kind} of ${yName} by ${xName}: ${plural(points, 'point')} in ${series.length} series`
}

const pointsOf = ({ series }: PlotData, xName: string, yName: string): string[][] => [
  ['series', xName, yName],
  ...series.flatMap(({ name, points }) => points.map(([, , x, y]) => [name, x, y])),
]
