import { IconPlus, IconX } from '@tabler/icons-react'
import { useState } from 'react'
import type { Problem } from '../../../src-main/stack/contract.ts'
import type { FormField, FormRow } from '../../../src-main/stack/formContract.ts'
import { type Column, rowLayouts, titles } from './columns.ts'
import { FormCell } from './FormCell.tsx'
import { type FormLinks, FormRemarks } from './FormRemarks.tsx'
import type { MakeEdit, Refusal } from './useFormEdits.ts'

interface Props extends FormLinks {
  field: FormField
  /** Names that a cell may take. */
  choices: readonly string[]
  problems: readonly Problem[]
  isShown: boolean
  refusal: Refusal | undefined
  onEdit: MakeEdit
}

/** The entries of a field as rows. A new one is written once it has what it is known by. */
export function FormRows({ field, choices, problems, isShown, refusal, onEdit, ...links }: Props) {
  const [added, setAdded] = useState<{ at: number; cells: Record<string, string> }>()
  const layout = rowLayouts[field.name]
  if (!layout) return null
  const isLocked = field.note?.isLocked === true
  const own = field.rows.filter(({ line }) => line !== null)
  const blank = added?.at === own.length ? added : undefined
  const title = titles[field.name]
  const type = (row: number, cell: string, value: string) => {
    if (blank?.at !== row) return onEdit({ field: field.name, row, cells: { [cell]: value } })
    const cells = { ...blank.cells, [cell]: value }
    setAdded({ at: row, cells })
    return cells[layout.key] ? onEdit({ field: field.name, row, cells }) : undefined
  }
  const rows = [...own, ...(blank ? [undefined] : []), ...field.rows.filter(({ line }) => line === null)]
  return (
    <fieldset className="form__group">
      <legend>{title}</legend>
      {rows.length > 0 && (
        <div
          className="form__heads t3"
          style={{ gridTemplateColumns: gridOf(layout.columns) }}
          aria-hidden="true"
        >
          {layout.columns.map(({ cell, label }) => (
            <span key={cell}>{label}</span>
          ))}
        </div>
      )}
      {rows.map((row, index) => {
        const isFixed = isLocked || row?.note?.isLocked === true || row?.line === null
        const name = row?.cells[layout.key] || `new ${layout.noun}`
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a row is known by its place; its name may be what is typed
          <div key={index} className="form__row">
            <div className="form__grid" style={{ gridTemplateColumns: gridOf(layout.columns) }}>
              {layout.columns.map((column) => (
                <Cell
                  key={column.cell}
                  column={column}
                  label={`${column.label} of ${name}`}
                  value={cellOf(column.cell, row?.cells ?? blank?.cells)}
                  choices={column.cell === 'service' ? choices : []}
                  isSecret={column.cell === 'value' && row?.isSecret === true && !isShown}
                  isFixed={isFixed}
                  onChange={(value) => type(index, column.cell, value)}
                />
              ))}
              {!isFixed && (
                <button
                  type="button"
                  className="icon-btn icon-btn--sm"
                  title={`Remove ${name}`}
                  onClick={() =>
                    row ? onEdit({ field: field.name, row: index, cells: null }) : setAdded(undefined)
                  }
                >
                  <IconX className="icon icon--14" />
                </button>
              )}
            </div>
            <FormRemarks
              row={row && spoken(row, rows[index + 1])}
              refusal={refusal?.field === field.name && refusal.row === index ? refusal.message : undefined}
              problems={problems}
              isShown={isShown}
              {...links}
            />
          </div>
        )
      })}
      <FormRemarks
        note={field.rows.length > 0 && field.rows.every(({ line }) => line === null) ? null : field.note}
        problems={[]}
        isShown={isShown}
        {...links}
      />
      {!isLocked && (
        <button
          type="button"
          className="btn btn--sm btn--ghost form__add"
          disabled={blank !== undefined}
          onClick={() => setAdded({ at: own.length, cells: {} })}
        >
          <IconPlus className="icon icon--14" />
          Add {layout.noun}
        </button>
      )}
    </fieldset>
  )
}

/** Rows that come from one place say it once, below the last of them. */
const spoken = (row: FormRow, next: FormRow | undefined): FormRow =>
  row.line === null && next?.note?.message === row.note?.message ? { ...row, note: null } : row

/** What compose takes where nothing is said. */
const defaults: Record<string, string> = { protocol: 'tcp', restart: 'false', required: 'true' }

const cellOf = (cell: string, cells: Record<string, string> | undefined) =>
  cells?.[cell] === undefined || cells[cell] === defaults[cell] ? '' : cells[cell]

const gridOf = (columns: readonly Column[]) =>
  `${columns.map(({ width }) => `minmax(0, ${width})`).join(' ')} 24px`

interface CellProps {
  column: Column
  label: string
  value: string
  choices: readonly string[]
  isSecret: boolean
  isFixed: boolean
  onChange: (value: string) => unknown
}

function Cell({ column, label, value, choices, isSecret, isFixed, onChange }: CellProps) {
  const options = column.options ?? choices.map((name) => ({ value: name, label: name }))
  // What is none of the choices, a variable or an option of another kind, is text.
  const isKnown = options.some((option) => option.value === value) || (value === '' && choices.length > 0)
  if (options.length === 0 || !isKnown)
    return (
      <FormCell
        label={label}
        value={value}
        placeholder={column.placeholder ?? ''}
        isSecret={isSecret}
        isReadOnly={isFixed}
        onChange={onChange}
      />
    )
  return (
    <select
      className="input input--sm"
      aria-label={label}
      value={value}
      disabled={isFixed}
      onChange={(event) => onChange(event.target.value)}
    >
      {value === '' && choices.length > 0 && <option value="">Choose a service</option>}
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  )
}
