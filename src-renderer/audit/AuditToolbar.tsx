import { useEffect, useState } from 'react'
import { auditActionNames } from './story.ts'
import { type useAuditFilter, type WindowName, windows } from './useAuditFilter.ts'

type Filter = Pick<ReturnType<typeof useAuditFilter>, 'search' | 'go' | 'window'>

const fields = [
  ['actor', 'Who', 'User, person or application'],
  ['table', 'Table', 'schema.table'],
  ['key', 'Key', 'Key of the row'],
  ['text', 'Text', 'In the values'],
] as const

/** What to look for: each part is in the address, and is asked of the server once one stops typing. */
export function AuditToolbar({ search, go, window }: Filter) {
  return (
    <div className="toolbar audit__bar">
      {fields.map(([name, label, hint]) => (
        <Field
          key={name}
          label={label}
          hint={hint}
          value={search[name] ?? ''}
          onChange={(value) => go({ [name]: value, entry: undefined })}
        />
      ))}
      <label className="audit__field">
        <span className="toolbar__label">Action</span>
        <select
          className="input input--sm"
          aria-label="Action"
          value={search.action ?? ''}
          onChange={(event) => go({ action: event.target.value, entry: undefined })}
        >
          <option value="">any</option>
          {auditActionNames.map((action) => (
            <option key={action}>{action}</option>
          ))}
        </select>
      </label>
      <div className="seg">
        {(Object.keys(windows) as WindowName[]).map((known) => (
          <button
            key={known}
            type="button"
            aria-pressed={known === window && !search.from}
            onClick={() => go({ window: known, from: undefined, to: undefined })}
          >
            {known}
          </button>
        ))}
      </div>
      <label className="audit__check">
        <input
          type="checkbox"
          checked={search.own === '1'}
          onChange={(event) => go({ own: event.target.checked ? '1' : undefined })}
        />
        Atlas's own reads
      </label>
    </div>
  )
}

interface FieldProps {
  label: string
  hint: string
  value: string
  onChange: (value: string) => void
}

function Field({ label, hint, value, onChange }: FieldProps) {
  const [text, setText] = useState(value)
  useEffect(() => setText(value), [value])
  // biome-ignore lint/correctness/useExhaustiveDependencies: waits for the typing alone
  useEffect(() => {
    if (text === value) return
    const timer = setTimeout(() => onChange(text), 300)
    return () => clearTimeout(timer)
  }, [text])
  return (
    <label className="input input--sm audit__input">
      <span className="t3">{label}</span>
      <input
        type="text"
        aria-label={label}
        placeholder={hint}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') setText('')
        }}
      />
    </label>
  )
}
