import type { ReactNode } from 'react'

interface ChoiceProps {
  isOn: boolean
  onChange: (isOn: boolean) => void
  children: ReactNode
}

/** Something that is done along with the rest only where it is ticked. */
export function Choice({ isOn, onChange, children }: ChoiceProps) {
  return (
    <label className="check small">
      <input type="checkbox" checked={isOn} onChange={(event) => onChange(event.target.checked)} />
      <span>{children}</span>
    </label>
  )
}

/** Names the services with containers that no file knows; nothing where there are none. */
export function OrphanChoice({ names, ...choice }: Omit<ChoiceProps, 'children'> & { names: string[] }) {
  if (names.length === 0) return null
  return (
    <Choice {...choice}>
      Remove the containers of <b className="mono">{names.join(', ')}</b>, which no file of the stack knows
    </Choice>
  )
}
