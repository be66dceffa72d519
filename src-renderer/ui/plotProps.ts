export interface PlotProps {
  /** For assistive technology. */
  label: string
  kind: 'line' | 'bar' | 'scatter' | 'histogram'
  axis: 'time' | 'number' | 'category'
  /** x and y to draw, and both as exact text that is told under the pointer. */
  series: readonly { name: string; points: readonly (readonly [number, number, string, string])[] }[]
  /** The names along x, which then counts in them. */
  categories: readonly string[]
  xName: string
  yName: string
  /** Hands over how the picture becomes a file. */
  onReady: (save: (kind: 'png' | 'svg') => Blob) => void
}
