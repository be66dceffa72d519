import { useState } from 'react'
import { Dialog } from '../ui/Dialog.tsx'
import { type ParameterValue, parameterTypes } from './parameterTypes.ts'

export interface AskedParameter {
  name: string
  /** As the server sees it; null where it cannot tell. */
  type: string | null
}

interface Props {
  asked: AskedParameter[]
  known: Record<string, ParameterValue>
  onRun: (values: Record<string, ParameterValue>) => void
  onClose: () => void
}

/** Asks the values of `:name`; they go to the server as parameters, never into the text. */
export function ParametersDialog({ asked, known, onRun, onClose }: Props) {
  const [values, setValues] = useState(() =>
    Object.fromEntries(asked.map(({ name }) => [name, known[name] ?? { type: 'auto' as const, value: '' }])),
  )
  const change = (name: string, part: Partial<ParameterValue>) =>
    setValues((now) => ({ ...now, [name]: { ...(now[name] ?? { type: 'auto', value: '' }), ...part } }))
  return (
    <Dialog title="Values of the parameters" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          onRun(values)
        }}
      >
        {asked.map(({ name, type }, at) => {
          const { type: chosen = 'auto', value = '' } = values[name] ?? {}
          return (
            <div key={name} className="row con__parameter">
              <label className="field grow">
                <span className="mono">:{name}</span>
                <input
                  type="text"
                  className="input mono"
                  autoFocus={at === 0}
                  disabled={value === null}
                  placeholder={value === null ? 'NULL' : ''}
                  value={value ?? ''}
                  onChange={(event) => change(name, { value: event.target.value })}
                />
              </label>
              <label className="field">
                <span>Type</span>
                <select
                  className="input"
                  value={chosen}
                  onChange={(event) =>
                    change(name, { type: parameterTypes.find((one) => one === event.target.value) ?? 'auto' })
                  }
                >
                  {parameterTypes.map((one) => (
                    <option key={one} value={one}>
                      {one === 'auto' ? (type ?? 'by its place') : one}
                    </option>
                  ))}
                </select>
              </label>
              <label className="con__null small">
                <input
                  type="checkbox"
                  checked={value === null}
                  onChange={(event) => change(name, { value: event.target.checked ? null : '' })}
                />
                NULL
              </label>
            </div>
          )
        })}
        <p className="row con__submit">
          <span className="grow" />
          <button type="button" className="btn btn--ghost" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn btn--primary">
            Run
          </button>
        </p>
      </form>
    </Dialog>
  )
}
