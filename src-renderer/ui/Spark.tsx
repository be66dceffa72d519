interface Props {
  values: readonly number[]
  tone?: 'accent' | 'ok' | 'bad' | 'warn' | undefined
  /** The least height of the scale, so that the noise of an idle series stays flat. */
  floor?: number
  width?: number
  height?: number
}

/** A line without axes, from nought up, its newest value marked. What it says in words stands beside it. */
export function Spark({ values, tone, floor = 0, width = 56, height = 18 }: Props) {
  if (values.length < 2) return <svg className="spark" width={width} height={height} aria-hidden="true" />
  const most = Math.max(floor, ...values) || 1
  const points = values.map(
    (value, at) =>
      [2 + (at / (values.length - 1)) * (width - 4), height - 2 - (value / most) * (height - 5)] as const,
  )
  const line = points.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('')
  const [x, y] = points.at(-1) ?? [0, 0]
  return (
    <svg
      className={`spark${tone ? ` spark--${tone}` : ''}`}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      aria-hidden="true"
    >
      <path className="spark__area" d={`${line}L${width - 2} ${height}L2 ${height}Z`} />
      <path className="spark__line" d={line} />
      <circle className="spark__dot" cx={x} cy={y} r="1.75" />
    </svg>
  )
}
