import { IconX } from '@tabler/icons-react'
import { type ReactNode, useEffect, useRef } from 'react'

interface Props {
  title: string
  onClose: () => void
  children: ReactNode
  foot?: ReactNode
  width?: number
}

const field = 'input:not([disabled]), select:not([disabled]), textarea:not([disabled])'

/** A modal on the platform's own dialog element: focus stays inside, on the first field at first; Escape closes. */
export function Dialog({ title, onClose, children, foot, width = 536 }: Props) {
  const element = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const dialog = element.current
    dialog?.showModal()
    const first = dialog?.querySelector<HTMLElement>(`.confirm__body :is(${field})`)
    if (first) first.focus()
    else dialog?.focus()
  }, [])
  return (
    <dialog
      ref={element}
      tabIndex={-1}
      className="dialog"
      aria-label={title}
      style={{ width }}
      onClose={onClose}
    >
      <div className="confirm__head">
        <h2 className="confirm__title grow">{title}</h2>
        <button type="button" className="icon-btn icon-btn--sm" title="Close (Esc)" onClick={onClose}>
          <IconX className="icon" />
        </button>
      </div>
      <div className="confirm__body">{children}</div>
      {foot && <div className="confirm__foot">{foot}</div>}
    </dialog>
  )
}
