import { LineChart } from 'echarts/charts'
import { GridComponent, MarkLineComponent, TooltipComponent } from 'echarts/components'
import * as echarts from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect, useRef } from 'react'
import type { ChartProps } from './chartProps.ts'

echarts.use([LineChart, GridComponent, MarkLineComponent, TooltipComponent, CanvasRenderer])

const colours = ['--running', '--layer-chart', '--layer-navigate', '--layer-explore']

/** The part that needs ECharts. Colours are the page's tokens, read anew when the scheme changes. */
export function ChartPane({ label, series, format, limit }: ChartProps) {
  const element = useRef<HTMLDivElement>(null)
  const chart = useRef<echarts.ECharts>(undefined)

  useEffect(() => {
    if (!element.current) return
    const made = echarts.init(element.current)
    chart.current = made
    const observer = new ResizeObserver(() => made.resize())
    observer.observe(element.current)
    return () => {
      observer.disconnect()
      made.dispose()
      chart.current = undefined
    }
  }, [])

  useEffect(() => {
    const style = getComputedStyle(document.documentElement)
    const token = (name: string) => style.getPropertyValue(name).trim()
    const text = { color: token('--text-3'), fontSize: 10, fontFamily: token('--font-sans') }
    chart.current?.setOption(
      {
        animation: false,
        grid: { left: 4, right: 8, top: 8, bottom: 4, containLabel: true },
        tooltip: {
          trigger: 'axis',
          confine: true,
          backgroundColor: token('--surface-overlay'),
          borderColor: token('--border'),
          textStyle: { color: token('--text-1'), fontSize: 11 },
          // Text, not HTML: names come from the outside.
          renderMode: 'richText',
          valueFormatter: (value: unknown) => format(Number(value)),
        },
        xAxis: {
          type: 'time',
          axisLabel: { ...text, hideOverlap: true },
          axisLine: { lineStyle: { color: token('--border') } },
          axisTick: { show: false },
          splitLine: { show: false },
        },
        yAxis: {
          type: 'value',
          min: 0,
          max: limit === undefined ? undefined : (most: { max: number }) => Math.max(most.max, limit),
          splitNumber: 3,
          axisLabel: { ...text, formatter: (value: number) => format(value) },
          splitLine: { lineStyle: { color: token('--border-faint') } },
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
      },
      { notMerge: true },
    )
  })

  return <div ref={element} role="img" aria-label={label} style={{ width: '100%', height: '100%' }} />
}
