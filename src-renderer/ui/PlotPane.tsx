import { useEffect, useEffectEvent } from 'react'
import { formatCompact } from './format.ts'
import type { PlotProps } from './plotProps.ts'
import { pictureOf, readTokens, useECharts } from './useECharts.ts'

// Told apart on light and on dark, also without red and green; the layers' amber, blue and green are not among them.
const colours = ['#5b5bd6', '#0e9aa7', '#d6409f', '#9a6700', '#8e4ec6', '#5f8a00', '#d4553a', '#3b82a0']
const tellAtMost = 12
const largeScatter = 2000

type Told = { seriesName: string; marker: string; data: readonly [number, number, string, string] }

/** The part that needs ECharts. */
export function PlotPane({ label, kind, axis, series, categories, xName, yName, onReady }: PlotProps) {
  const isNamed = axis === 'category' || kind === 'histogram'
  const { element, chart } = useECharts(() => {
    const { token, text, tooltip, axisLine, splitLine } = readTokens()
    const names =
      kind === 'histogram' ? (series[0]?.points.map(([, , name]) => name) ?? []) : categories.map(String)
    const hasLegend = series.length > 1
    const nameStyle = { ...text, color: token('--text-2'), fontSize: 11 }
    return {
      useUTC: true,
      color: colours,
      grid: { left: 16, right: 20, top: hasLegend ? 44 : 30, bottom: 28, containLabel: true },
      legend: hasLegend
        ? {
            type: 'scroll',
            top: 4,
            itemWidth: 14,
            itemHeight: 8,
            textStyle: { ...text, color: token('--text-2') },
          }
        : undefined,
      tooltip: {
        ...tooltip,
        trigger: kind === 'scatter' ? 'item' : 'axis',
        axisPointer: { type: isNamed && kind !== 'line' ? 'shadow' : 'line' },
        formatter: (told: Told | Told[]) => tell(Array.isArray(told) ? told : [told], xName, yName),
      },
      xAxis: {
        type: isNamed ? 'category' : axis === 'time' ? 'time' : 'value',
        data: isNamed ? names : undefined,
        scale: true,
        name: xName,
        nameLocation: 'middle',
        nameGap: 26,
        nameTextStyle: nameStyle,
        axisLabel: { ...text, hideOverlap: true, width: 140, overflow: 'truncate' },
        axisLine,
        axisTick: { show: false },
        splitLine: { show: false },
      },
      yAxis: {
        type: 'value',
        scale: kind === 'line' || kind === 'scatter',
        name: yName,
        nameTextStyle: { ...nameStyle, align: 'left' },
        axisLabel: { ...text, formatter: (value: number) => formatCompact(value) },
        splitLine,
      },
      series: series.map(({ name, points }) => ({
        name,
        type: kind === 'histogram' ? 'bar' : kind,
        data: kind === 'histogram' ? points.map(([, ...rest], at) => [at, ...rest]) : points,
        ...(kind === 'line' && { showSymbol: points.length < 60, symbolSize: 4, lineStyle: { width: 1.5 } }),
        ...(kind === 'scatter' && {
          symbolSize: points.length > largeScatter ? 4 : 6,
          itemStyle: { opacity: 0.65 },
        }),
        ...(kind === 'bar' && { barMaxWidth: 48 }),
        ...(kind === 'histogram' && { barCategoryGap: '4%', stack: 'all' }),
      })),
    }
  })
  const ready = useEffectEvent(onReady)
  useEffect(() => {
    ready((file) => {
      if (!chart.current) throw new Error('The picture is gone')
      return pictureOf(chart.current, file)
    })
  }, [chart])
  return <div ref={element} role="img" aria-label={label} style={{ width: '100%', height: '100%' }} />
}

/** What stands under the pointer, exactly: `day: 2026-01-15`, then each series with its value. */
function tell(told: Told[], xName: string, yName: string): string {
  const [first] = told
  if (!first) return ''
  const lines = told.slice(0, tellAtMost).map(({ seriesName, data }) => `${seriesName || yName}: ${data[3]}`)
  const more = told.length > tellAtMost ? [`and ${told.length - tellAtMost} more`] : []
  return [`${xName}: ${first.data[2]}`, ...lines, ...more].join('\n')
}
