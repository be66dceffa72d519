import { type ReactNode, useEffect, useRef, useState } from 'react'

export interface MenuItem {
  label: string
  /** What it is about, after the label. */
  detail?: string
  act: () => void
}

interface Props {
  icon: ReactNode
  label: string
  title?: string
  items: readonly MenuItem[]
  isDisabled?: boolean
  isGhost?: boolean
  /** Where room is scarce the icon stands alone, and the label is for those who cannot see it. */
  isIcon?: boolean
}

/** A button that offers what it can do: by mouse, or with the arrow keys; Escape and a click elsewhere put it away. */
export function MenuButton({ icon, label, title, items, isDisabled, isGhost, isIcon }: Props) {
  const [isOpen, setOpen] = useState(false)
  const root = useRef<HTMLSpanElement>(null)
  const sheet = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!isOpen) return
    sheet.current?.querySelector('button')?.focus()
    const leave = (event: MouseEvent) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false)
    }
    document.addEventListener('mousedown', leave)
    return () => document.removeEventListener('mousedown', leave)
  }, [isOpen])
  const step = (by: number) => {
    const buttons = [...(sheet.current?.querySelectorAll('button') ?? [])]
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement)
    buttons[(at + by + buttons.length) % buttons.length]?.focus()
  }
  return (
    <span ref={root} className="menu-button">
      <button
        type="button"
        className={`btn btn--sm${isGhost ? ' btn--ghost' : ''}`}
        title={title}
        aria-label={isIcon ? label : undefined}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        disabled={isDisabled}
        onClick={() => setOpen(!isOpen)}
      >
        {icon}
        {!isIcon && label}
      </button>
      {isOpen && (
        <div
          ref={sheet}
          className="menu menu-button__sheet"
          role="menu"
          aria-label={label}
          onKeyDown={(event) => {
            if (event.key === 'Escape') setOpen(false)
            else if (event.key === 'ArrowDown') step(1)
            else if (event.key === 'ArrowUp') step(-1)
            else return
            event.preventDefault()
          }}
        >
          {items.map((item) => (
            <button
              key={`${item.label} ${item.detail ?? ''}`}
              type="button"
              role="menuitem"
              className="menu__item menu__item--plain"
              onClick={() => {
                setOpen(false)
                item.act()
              }}
            >
              <span>{item.label}</span>
              {item.detail !== undefined && <span className="t3 mono small clip">{item.detail}</span>}
            </button>
          ))}
        </div>
      )}
    </span>
  )
}
