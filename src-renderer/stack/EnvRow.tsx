import { IconEye, IconEyeOff, IconRefresh } from '@tabler/icons-react'
import { useState } from 'react'
import type { Variable } from '../../src-main/stack/files/envText.ts'
import type { FormVariable } from '../../src-main/stack/formContract.ts'
import { State } from '../ui/State.tsx'
import { FormCell } from './form/FormCell.tsx'

interface Props {
  name: string
  /** As it stands in the text; undefined where it does not yet. */
  own: Variable | undefined
  known: FormVariable | undefined
  isShown: boolean
  onWrite: (value: string) => void
  onGenerate: () => void
  onLine: (file: string, line: number) => void
}

/** One variable: its value, which places use it, and what the comment above it says. */
export function EnvRow({ name, own, known, isShown, onWrite, onGenerate, onLine }: Props) {
  const [isRevealed, setRevealed] = useState(false)
  // It stays a field of lines while its last but one is taken out.
  const [hasLines, setHasLines] = useState(false)
  if (!hasLines && own?.value.includes('\n')) setHasLines(true)
  const isSecret = known?.isSecret === true
  const isOpen = isShown || isRevealed
  const uses = known?.uses ?? []
  return (
    <div className="stack__envrow">
      <span className="stack__envname">
        <span className="mono clip" title={name}>
          {name}
        </span>
        {known?.isMissing && (
          <span className="t-fail small">
            <State name="failed" />
            required
          </span>
        )}
      </span>
      <span className="stack__envvalue">
        <FormCell
          label={`Value of ${name}`}
          value={own?.value ?? ''}
          placeholder={known?.fallback || (own ? 'empty' : 'not set')}
          isSecret={isSecret && !isOpen}
          isReadOnly={own?.lock !== undefined}
          isLines={hasLines}
          onChange={onWrite}
        />
        {own?.lock && <span className="t-fail small">{own.lock}</span>}
        {isSecret && (
          <>
            <button
              type="button"
              className="icon-btn icon-btn--sm"
              title={isOpen ? `Hide ${name}` : `Show ${name}`}
              onClick={() => setRevealed(!isRevealed)}
            >
              {isOpen ? <IconEyeOff className="icon icon--14" /> : <IconEye className="icon icon--14" />}
            </button>
            <button
              type="button"
              className="icon-btn icon-btn--sm"
              title={`Generate a value for ${name}`}
              disabled={own?.lock !== undefined}
              onClick={onGenerate}
            >
              <IconRefresh className="icon icon--14" />
            </button>
          </>
        )}
      </span>
      <span className="stack__envuses small">
        {uses.slice(0, 1).map(({ file, line, place }) => (
          <button
            key={`${file} ${line} ${place}`}
            type="button"
            className="link clip"
            title={`${file}, line ${line}`}
            onClick={() => onLine(file, line)}
          >
            <span className="clip">{place.replace(/^services\./, '')}</span>
          </button>
        ))}
        {uses.length > 1 && (
          <span
            className="t3"
            title={uses
              .slice(1)
              .map(({ place, line }) => `${place}, line ${line}`)
              .join('\n')}
          >
            and {uses.length - 1} more
          </span>
        )}
        {uses.length === 0 && (
          <span className="t3">{name.startsWith('COMPOSE_') ? 'compose itself' : 'no compose file'}</span>
        )}
      </span>
      <span className="t3 small">{own?.comment}</span>
    </div>
  )
}
