import { BarChart, LineChart, ScatterChart } from 'echarts/charts'
import { GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from 'echarts/components'
import * as echarts from 'echarts/core'
import { CanvasRenderer, SVGRenderer } from 'echarts/renderers'
import { useEffect, useRef, useSyncExternalStore } from 'react'

echarts.use([
  ...[BarChart, LineChart, ScatterChart],
  ...[GridComponent, LegendComponent, MarkLineComponent, TooltipComponent],
  ...[CanvasRenderer, SVGRenderer],
])

/** Reads the page's tokens, which differ by scheme. */
export function readTokens() {
  const style = getComputedStyle(document.documentElement)
  const token = (name: string) => style.getPropertyValue(name).trim()
  return {
    token,
    text: { color: token('--text-3'), fontSize: 10, fontFamily: token('--font-sans') },
    tooltip: {
      confine: true,
      backgroundColor: token('--surface-overlay'),
      borderColor: token('--border'),
      textStyle: { color: token('--text-1'), fontSize: 11, fontFamily: token('--font-sans') },
      // Text, not HTML: names come from the outside.
      renderMode: 'richText' as const,
    },
    axisLine: { lineStyle: { color: token('--border') } },
    splitLine: { lineStyle: { color: token('--border-faint') } },
  }
}

const readScheme = () => {
  const { scheme = '', contrast = '' } = document.documentElement.dataset
  return `${scheme} ${contrast}`
}
const watchScheme = (changed: () => void) => {
  const observer = new MutationObserver(changed)
  observer.observe(document.documentElement, { attributeFilter: ['data-scheme', 'data-contrast'] })
  return () => observer.disconnect()
}

/** An ECharts picture as large as its element; `draw` is asked again after every render, and when the colours change. */
export function useECharts(draw: () => echarts.EChartsCoreOption) {
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

  useSyncExternalStore(watchScheme, readScheme)
  useEffect(() => {
    chart.current?.setOption({ animation: false, ...draw() }, { notMerge: true })
  })
  return { element, chart }
}

/** A picture as a file: PNG at twice its size, or SVG, on the page's own ground. */
export function pictureOf(chart: echarts.ECharts, kind: 'png' | 'svg'): Blob {
  const backgroundColor = readTokens().token('--surface-panel')
  if (kind === 'png') {
    const [, base64 = ''] = chart.getDataURL({ type: 'png', pixelRatio: 2, backgroundColor }).split(',')
    return new Blob([Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0))], { type: 'image/png' })
  }
  const size = { width: chart.getWidth(), height: chart.getHeight() }
  const drawn = echarts.init(null, null, { renderer: 'svg', ssr: true, ...size })
  try {
    drawn.setOption({ ...chart.getOption(), animation: false, backgroundColor })
    return new Blob([drawn.renderToSVGString()], { type: 'image/svg+xml' })
  } finally {
    drawn.dispose()
  }
}
