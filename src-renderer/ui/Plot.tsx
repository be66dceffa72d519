import { lazy, Suspense } from 'react'
import type { PlotProps } from './plotProps.ts'

const Pane = lazy(() => import('./PlotPane.tsx').then((module) => ({ default: module.PlotPane })))

/** Points as lines, bars, a scatter or a histogram, as large as its parent. ECharts is loaded when the first one is shown. */
export function Plot(props: PlotProps) {
  return (
    <Suspense fallback={<span className="skeleton" style={{ width: '100%', height: '100%' }} />}>
      <Pane {...props} />
    </Suspense>
  )
}
