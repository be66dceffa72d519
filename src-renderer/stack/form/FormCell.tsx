import { useState } from 'react'

interface Props {
  label: string
  value: string
  placeholder?: string
  isSecret?: boolean
  isReadOnly?: boolean
  /** As many lines as the text has. */
  isLines?: boolean
  onChange: (value: string) => void
}

/** One value of the form. While it is typed in, it shows what was typed, whatever the text makes of it. */
export function FormCell({ label, value, placeholder, isSecret, isReadOnly, isLines, onChange }: Props) {
  const [typed, setTyped] = useState<string>()
  const shared = {
    'aria-label': label,
    placeholder,
    readOnly: isReadOnly,
    spellCheck: false,
    value: typed ?? value,
    onFocus: () => setTyped(value),
    onBlur: () => setTyped(undefined),
    onChange: (event: { target: { value: string } }) => {
      setTyped(event.target.value)
      onChange(event.target.value)
    },
  }
  if (isLines)
    return (
      <textarea
        {...shared}
        className="input form__lines mono"
        rows={Math.min(10, Math.max(2, (typed ?? value).split('\n').length))}
      />
    )
  return (
    <span className={`input input--sm form__cell${isReadOnly ? ' is-locked' : ''}`}>
      <input {...shared} className="mono" type={isSecret ? 'password' : 'text'} autoComplete="off" />
    </span>
  )
}
