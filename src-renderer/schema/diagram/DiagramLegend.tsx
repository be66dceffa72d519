import { plural } from '../../ui/format.ts'
import { endOf } from './geometry.ts'

interface Props {
  shown: number
  total: number
  links: number
}

const ends = [
  ['none or many', true, true],
  ['none or one', false, true],
  ['exactly one', false, false],
] as const

/** What the picture holds, and what the ends of its lines mean. */
export function Legend({ shown, total, links }: Props) {
  return (
    <div className="erd__foot">
      <span className="num">{plural(shown, 'table')}</span>
      <span className="num">{plural(links, 'foreign key')}</span>
      {total > shown && (
        <span className="t-warn">
          the {shown} nearest and most connected of {total}: look around one table to see its part
        </span>
      )}
      <span className="toolbar__fill" />
      {ends.map(([label, isMany, mayBeNone]) => {
        const { path, circle } = endOf({ x: 3, y: 8 }, 1, isMany, mayBeNone)
        return (
          <span key={label} className="erd__end">
            <svg width={34} height={16} aria-hidden="true">
              <path d={`${path}M3 8H34`} />
              {circle && <circle cx={circle.x} cy={circle.y} r={3.4} />}
            </svg>
            {label}
          </span>
        )
      })}
      <span className="t3">grey columns may be null</span>
    </div>
  )
}
