import type { ChartProps } from './chartProps.ts'
import { readTokens, useECharts } from './useECharts.ts'

const colours = ['--running', '--layer-chart', '--layer-navigate', '--layer-explore']

/** The part that needs ECharts. Colours are the page's tokens, read anew when the scheme changes. */
export function ChartPane({ label, series, format, limit }: ChartProps) {
  const { element } = useECharts(() => {
    const { token, text, tooltip, axisLine, splitLine } = readTokens()
    return {
      grid: { left: 4, right: 8, top: 8, bottom: 4, containLabel: true },
      tooltip: { ...tooltip, trigger: 'axis', valueFormatter: (value: unknown) => format(Number(value)) },
      xAxis: {
        type: 'time',
        axisLabel: { ...text, hideOverlap: true },
        axisLine,
        axisTick: { show: false },
        splitLine: { show: false },
      },
      yAxis: {
        type: 'value',
        min: 0,
        max: limit === undefined ? undefined : (most: { max: number }) => Math.max(most.max, limit),
        splitNumber: 3,
        axisLabel: { ...text, formatter: (value: number) => format(value) },
        splitLine,
      },
      series: series.map(({ name, points }, at) => ({
        name,
        type: 'line',
        showSymbol: false,
        data: points,
        lineStyle: { width: 1.5 },
        color: token(colours[at % colours.length] ?? '--running'),
        areaStyle: series.length === 1 ? { opacity: 0.1 } : undefined,
        markLine:
          limit !== undefined && at === 0
            ? {
                silent: true,
                symbol: 'none',
                label: { show: false },
                lineStyle: { color: token('--warning'), type: 'dashed' },
                data: [{ yAxis: limit }],
              }
            : undefined,
      })),
    }
  })
  return <div ref={element} role="img" aria-label={label} style={{ width: '100%', height: '100%' }} />
}
