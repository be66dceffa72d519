export interface ChartSeries {
  name: string
  /** Milliseconds since 1970, and the value then. */
  points: readonly (readonly [number, number])[]
}

export interface ChartProps {
  /** For assistive technology; the newest figures should stand beside the picture. */
  label: string
  series: readonly ChartSeries[]
  format: (value: number) => string
  /** A level that must not be passed, drawn as a line. */
  limit?: number | undefined
}
