interface Props<Name extends string> {
  tabs: readonly { name: Name; label: string; count?: number }[]
  active: Name
  onChange: (name: Name) => void
  label: string
}

/** Tabs above a panel; arrow keys move between them. */
export function Tabs<Name extends string>({ tabs, active, onChange, label }: Props<Name>) {
  const move = (step: number) => {
    const index = tabs.findIndex(({ name }) => name === active)
    const next = tabs[(index + step + tabs.length) % tabs.length]
    if (next) onChange(next.name)
  }
  return (
    <div className="tabs" role="tablist" aria-label={label}>
      {tabs.map((tab) => (
        <button
          key={tab.name}
          type="button"
          role="tab"
          aria-selected={tab.name === active}
          tabIndex={tab.name === active ? 0 : -1}
          onClick={() => onChange(tab.name)}
          onKeyDown={(event) => {
            if (event.key === 'ArrowRight') move(1)
            if (event.key === 'ArrowLeft') move(-1)
          }}
        >
          {tab.label}
          {tab.count !== undefined && <span className="count">{tab.count}</span>}
        </button>
      ))}
    </div>
  )
}
