import { IconFilter } from '@tabler/icons-react'

interface Props {
  value: string
  onChange: (value: string) => void
  label: string
}

/** Filters a list as one types. Escape clears it. */
export function FilterInput({ value, onChange, label }: Props) {
  return (
    <label className="input input--sm grow">
      <IconFilter className="icon" />
      <input
        type="text"
        aria-label={label}
        placeholder={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onChange('')
        }}
      />
    </label>
  )
}
