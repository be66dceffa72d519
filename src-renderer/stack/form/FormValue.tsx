import type { Problem } from '../../../src-main/stack/contract.ts'
import type { FormField } from '../../../src-main/stack/formContract.ts'
import { hints, restarts, titles } from './columns.ts'
import { FormCell } from './FormCell.tsx'
import { type FormLinks, FormRemarks } from './FormRemarks.tsx'
import type { MakeEdit, Refusal } from './useFormEdits.ts'

interface Props extends FormLinks {
  field: FormField
  problems: readonly Problem[]
  isShown: boolean
  refusal: Refusal | undefined
  onEdit: MakeEdit
}

/** A field with one value: a text, the entries of a list a line each, or one of a few words. */
export function FormValue({ field, problems, isShown, refusal, onEdit, ...links }: Props) {
  const { name, kind, rows, note } = field
  const text = rows[0]?.cells.text ?? ''
  const isLocked = note?.isLocked === true
  const write = (value: string) => onEdit({ field: name, row: 0, cells: { text: value } })
  const title = titles[name]
  return (
    <div className="form__value">
      <span className="form__label">
        {title}
        {kind === 'lines' && name !== 'profiles' && <span className="t3">one word a line</span>}
      </span>
      <div className="form__body">
        {name === 'restart' && restarts.includes(text) ? (
          <select
            className="input input--sm"
            aria-label={title}
            value={text}
            disabled={isLocked}
            onChange={(event) => write(event.target.value)}
          >
            {restarts.map((word) => (
              <option key={word} value={word}>
                {word === '' ? 'not set: no' : word}
              </option>
            ))}
          </select>
        ) : (
          <FormCell
            label={title}
            value={name === 'profiles' ? text.replaceAll('\n', ', ') : text}
            placeholder={hints[name] ?? ''}
            isReadOnly={isLocked}
            isLines={kind === 'lines' && name !== 'profiles'}
            onChange={(value) =>
              write(
                name === 'profiles'
                  ? value
                      .split(/[,\s]+/)
                      .filter(Boolean)
                      .join('\n')
                  : value,
              )
            }
          />
        )}
        <FormRemarks
          refusal={refusal?.field === name ? refusal.message : undefined}
          row={rows[0]}
          note={note}
          problems={problems}
          isShown={isShown}
          {...links}
        />
      </div>
    </div>
  )
}
