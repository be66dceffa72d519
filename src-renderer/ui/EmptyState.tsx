import type { ReactNode } from 'react'

interface Props {
  icon: ReactNode
  title: string
  /** What would be here, and what makes it so. */
  children: ReactNode
  actions?: ReactNode
}

/** A panel that has nothing to show yet. */
export function EmptyState({ icon, title, children, actions }: Props) {
  return (
    <div className="blank">
      <span className="blank__icon">{icon}</span>
      <p className="blank__title">{title}</p>
      <p className="blank__text">{children}</p>
      {actions && <p className="blank__acts">{actions}</p>}
    </div>
  )
}
