import { useEffect, useRef } from 'react'
import type { ResultLook } from './resultLook.ts'

interface Props {
  look: ResultLook
  /** Its place among the shown columns. */
  shown: number
  name: string
  at: { x: number; y: number }
  /** The value of the selected cell, if it is in this column. */
  value: string | null | undefined
  onClose: () => void
}

/** What can be done with a column of a result. */
export function HeadMenu({ look, shown, name, at, value, onClose }: Props) {
  const { arrangement, order, frozen } = look
  const column = order[shown] ?? 0
  const menu = useRef<HTMLDivElement>(null)
  useEffect(() => {
    menu.current?.querySelector('button')?.focus()
    const leave = (event: MouseEvent) => {
      if (!menu.current?.contains(event.target as Node)) onClose()
    }
    document.addEventListener('mousedown', leave)
    return () => document.removeEventListener('mousedown', leave)
  }, [onClose])
  const isSorted = arrangement.sort?.column === column
  const filter = (op: Arrangement['op'], of: string) =>
    void look.change({ ...arrangement, filters: [...arrangement.filters, { column, op, value: of }] })
  const items: [string, () => void][] = [
    ['Sort ascending', () => void look.change({ ...arrangement, sort: { column, isDescending: false } })],
    ['Sort descending', () => void look.change({ ...arrangement, sort: { column, isDescending: true } })],
    ...(isSorted
      ? [['As it came', () => void look.change({ ...arrangement, sort: null })] as [string, () => void]]
      : []),
    ...(typeof value === 'string'
      ? ([
          ['Only rows with this value', () => filter('=', value)],
          ['Only rows without it', () => filter('<>', value)],
        ] as [string, () => void][])
      : []),
    ['Only rows with a value', () => filter('not null', '')],
    ['Only rows with NULL', () => filter('null', '')],
    [
      frozen === shown + 1 ? 'Let it scroll' : 'Keep in sight up to here',
      () => look.freeze(frozen === shown + 1 ? 0 : shown + 1),
    ],
    ['Move left', () => look.move(shown, Math.max(0, shown - 1))],
    ['Move right', () => look.move(shown, shown + 1)],
    ['Hide', () => look.hide(shown)],
    ['Copy its name', () => void navigator.clipboard.writeText(name)],
  ]
  return (
    <div
      ref={menu}
      className="menu con__headmenu"
      role="menu"
      aria-label={name}
      style={{ left: Math.min(at.x, window.innerWidth - 230), top: Math.min(at.y, window.innerHeight - 340) }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose()
      }}
    >
      {items.map(([label, act]) => (
        <button
          key={label}
          type="button"
          role="menuitem"
          className="menu__item menu__item--plain"
          onClick={() => {
            act()
            onClose()
          }}
        >
          {label}
        </button>
      ))}
    </div>
  )
}

type Arrangement = ResultLook['arrangement']['filters'][number]
