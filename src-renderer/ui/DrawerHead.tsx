import { IconX } from '@tabler/icons-react'
import type { ReactNode } from 'react'

interface Props {
  /** The title, and what is said below it. */
  children: ReactNode
  onClose: () => void
}

/** The head of a drawer, with the button that closes it. */
export function DrawerHead({ children, onClose }: Props) {
  return (
    <header className="drawer__head">
      <div className="grow">{children}</div>
      <button type="button" className="icon-btn icon-btn--sm" title="Close" onClick={onClose}>
        <IconX className="icon" />
      </button>
    </header>
  )
}
