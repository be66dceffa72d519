import { IconEye, IconEyeOff } from '@tabler/icons-react'
import { useState } from 'react'
import { FilterInput } from '../ui/FilterInput.tsx'
import { plural } from '../ui/format.ts'
import { looksSecret, readVariables, writeVariable } from './envText.ts'

/** The variables as fields. A change touches its own line and nothing else of the text. */
export function EnvForm({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const [filter, setFilter] = useState('')
  const [isShown, setShown] = useState(false)
  const variables = readVariables(text)
  const wanted = filter.toLowerCase()
  const shown = variables.filter(({ name, comment }) => `${name} ${comment}`.toLowerCase().includes(wanted))
  if (variables.length === 0)
    return (
      <p className="small t2" style={{ padding: 12 }}>
        No variable is set in this file yet: write NAME=value in its text, or let Bring up make it from the
        example.
      </p>
    )
  return (
    <div className="stack__envform">
      <div className="toolbar">
        <div style={{ width: 240, display: 'flex' }}>
          <FilterInput label="Filter variables" value={filter} onChange={setFilter} />
        </div>
        <span className="toolbar__label num">{plural(shown.length, 'variable')}</span>
        <span className="toolbar__fill" />
        <button type="button" className="btn btn--sm btn--ghost" onClick={() => setShown(!isShown)}>
          {isShown ? <IconEyeOff className="icon" /> : <IconEye className="icon" />}
          {isShown ? 'Hide secrets' : 'Show secrets'}
        </button>
      </div>
      <div className="scroll">
        {shown.map(({ name, value, comment, line }) => (
          <label key={name} className="stack__envrow">
            <span className="mono clip" title={name}>
              {name}
            </span>
            <span className="input input--sm">
              <input
                type={looksSecret(name) && !isShown ? 'password' : 'text'}
                autoComplete="off"
                spellCheck={false}
                value={value}
                onChange={(event) => onChange(writeVariable(text, line, event.target.value))}
              />
            </span>
            <span className="t3 small">{comment}</span>
          </label>
        ))}
      </div>
    </div>
  )
}
