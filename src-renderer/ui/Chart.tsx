import { lazy, Suspense } from 'react'
import type { ChartProps } from './chartProps.ts'

const Pane = lazy(() => import('./ChartPane.tsx').then((module) => ({ default: module.ChartPane })))

/** Lines over time, as large as its parent. ECharts is loaded when the first one is shown. */
export function Chart(props: ChartProps) {
  return (
    <Suspense fallback={<span className="skeleton" style={{ width: '100%', height: '100%' }} />}>
      <Pane {...props} />
    </Suspense>
  )
}
