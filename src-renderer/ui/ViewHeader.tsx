import type { ReactNode } from 'react'

interface Props {
  title: string
  /** One line of state, the worst first: each child a span. */
  state?: ReactNode
  /** At most one of them solid. */
  actions?: ReactNode
}

/** The head of every view: title, one line of state, actions. */
export function ViewHeader({ title, state, actions }: Props) {
  return (
    <header className="view-head">
      <h1 className="view-head__title" id="view-title">
        {title}
      </h1>
      <p className="view-head__state">{state}</p>
      <div className="view-head__actions">{actions}</div>
    </header>
  )
}
