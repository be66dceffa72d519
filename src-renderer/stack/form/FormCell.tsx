import { useRef, useState } from 'react'

interface Props {
  label: string
  value: string
  placeholder?: string
  isSecret?: boolean
  isReadOnly?: boolean
  /** As many lines as the text has. */
  isLines?: boolean
  /** Answers false, or a promise of it, where the text did not take the value. */
  onChange: (value: string) => unknown
}

/**
 * One value of the form. While it is typed in, it shows what was typed, whatever the text makes of it; what the text did not
 * take stays, marked.
 */
export function FormCell({ label, value, placeholder, isSecret, isReadOnly, isLines, onChange }: Props) {
  const [typed, setTyped] = useState<string>()
  const [isRefused, setRefused] = useState(false)
  const answer = useRef<Promise<boolean>>(Promise.resolve(true))
  const write = (text: string) => {
    setTyped(text)
    answer.current = Promise.resolve(onChange(text)).then((isTaken) => isTaken !== false)
    void answer.current.then((isTaken) => setRefused(!isTaken))
  }
  const shared = {
    'aria-label': label,
    placeholder,
    readOnly: isReadOnly,
    spellCheck: false,
    value: typed ?? value,
    'aria-invalid': isRefused,
    onFocus: () => setTyped((before) => before ?? value),
    onBlur: () => void answer.current.then((isTaken) => isTaken && setTyped(undefined)),
    onChange: (event: { target: { value: string } }) => write(event.target.value),
  }
  if (isLines)
    return (
      <textarea
        {...shared}
        className={`input form__lines mono${isRefused ? ' is-refused' : ''}${isSecret ? ' is-masked' : ''}`}
        rows={Math.min(10, Math.max(2, (typed ?? value).split('\n').length))}
      />
    )
  return (
    <span
      className={`input input--sm form__cell${isReadOnly ? ' is-locked' : ''}${isRefused ? ' is-refused' : ''}`}
    >
      <input {...shared} className="mono" type={isSecret ? 'password' : 'text'} autoComplete="off" />
    </span>
  )
}
