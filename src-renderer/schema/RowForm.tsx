import { IconArrowRight, IconChevronDown, IconChevronUp, IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { EditableTable, RowEdit } from '../../src-main/rowEditContract.ts'
import type { RowsPage } from '../../src-main/schema/rows/contract.ts'
import type { Table } from '../../src-main/schema/table/contract.ts'
import { rpc } from '../rpc/client.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { FollowKeys } from './FollowKeys.tsx'
import { differences, keyOf, type Staged } from './staged.ts'
import { keepUnfinished, unfinishedText } from './unfinished.ts'

type Cells = Record<string, string | null>

interface Props {
  table: Table
  columns: RowsPage['columns']
  editable: EditableTable | undefined
  /** Of the row that is open; undefined for a new one, or where the table has no key. */
  rowKey: Cells | undefined
  /** The values as the grid has them; undefined for a new row. */
  shown: (string | null)[] | undefined
  /** The name of a new row. */
  newId: string | undefined
  staged: Staged
  onStage: (edit: RowEdit) => void
  /** Takes a new row back that was staged. */
  onForget: () => void
  onMove: (step: number) => void
  onClose: () => void
}

/** One row as a form, each value whole. What is changed is staged, never sent at once. */
export function RowForm(props: Props) {
  const { table, columns, rowKey, shown, onMove, onClose } = props
  const whole = useQuery({
    ...rpc.schema.getRow.queryOptions({
      input: { schema: table.schema, name: table.name, key: rowKey ?? {} },
    }),
    enabled: rowKey !== undefined,
    staleTime: 0,
    gcTime: 0,
  })
  const seen: Cells = Object.fromEntries(columns.map(({ name }, at) => [name, shown?.[at] ?? null]))
  return (
    <aside className="drawer drawer--side" aria-label={shown ? 'Row' : 'New row'}>
      <div className="drawer__head row">
        <h3 className="drawer__title mono grow clip">
          {shown ? (rowKey ? Object.values(rowKey).join(', ') : 'Row') : 'New row'}
        </h3>
        {shown && (
          <>
            <button
              type="button"
              className="icon-btn icon-btn--sm"
              title="The row before"
              onClick={() => onMove(-1)}
            >
              <IconChevronUp className="icon" />
            </button>
            <button
              type="button"
              className="icon-btn icon-btn--sm"
              title="The next row"
              onClick={() => onMove(1)}
            >
              <IconChevronDown className="icon" />
            </button>
          </>
        )}
        <button type="button" className="icon-btn icon-btn--sm" title="Close" onClick={onClose}>
          <IconX className="icon" />
        </button>
      </div>
      {rowKey ? (
        <QueryPanel query={whole}>{({ values }) => <Fields {...props} seen={values} />}</QueryPanel>
      ) : (
        <Fields {...props} seen={seen} />
      )}
    </aside>
  )
}

function Fields(props: Props & { seen: Cells }) {
  const { table, columns, editable, rowKey, shown, newId, staged, onStage, onForget, seen } = props
  const earlier = staged[newId ?? (rowKey ? keyOf(rowKey) : '')]
  const before = earlier && earlier.kind !== 'delete' ? earlier.values : {}
  const own = rowKey ? keyOf(rowKey) : earlier ? newId : 'new'
  const id = JSON.stringify([table.schema, table.name, own])
  const [restored, setRestored] = useState(() => unfinishedText(id))
  const [draft, setDraft] = useState<Cells>(restored ?? before)
  const isNew = shown === undefined
  const canEdit = editable !== undefined && (isNew || rowKey !== undefined) && earlier?.kind !== 'delete'
  const value = (name: string) => (name in draft ? (draft[name] ?? null) : (seen[name] ?? null))
  const change = (name: string, next: string | null) => {
    const wanted = { ...draft, [name]: next }
    setDraft(wanted)
    const isChanged = Object.keys(differences({ ...seen, ...before }, wanted).values).length > 0
    keepUnfinished(id, isChanged ? wanted : undefined)
  }
  const forget = () => {
    keepUnfinished(id, undefined)
    setRestored(undefined)
    setDraft(before)
  }
  const send = (edit: RowEdit) => {
    keepUnfinished(id, undefined)
    onStage(edit)
  }
  const changes = differences(seen, draft)
  const hasChange = isNew || Object.keys(changes.values).length > 0
  const stageIt = () => {
    if (isNew) {
      send({ kind: 'insert', values: draft })
    } else if (rowKey) send({ kind: 'update', key: rowKey, ...changes })
  }
  return (
    <>
      <div className="drawer__body row-form">
        {restored && canEdit && (
          <p className="small t-warn row">
            <span className="grow">Typed before and not staged yet.</span>
            <button type="button" className="link small" onClick={forget}>
              Forget it
            </button>
          </p>
        )}
        {columns.map(({ name, type }) => {
          const known = editable?.columns.find((column) => column.name === name)
          const isChanged = name in changes.values
          const isLocked = !canEdit || known?.isGenerated === true
          const text = value(name)
          return (
            <div key={name} className={`row-form__field${isChanged ? ' is-changed' : ''}`}>
              <label htmlFor={`field-${name}`} className="row-form__label">
                <span className="mono">{name}</span>
                <span className="t3 mono small">{type}</span>
                {known && !known.isNotNull && canEdit && !isLocked && text !== null && (
                  <button type="button" className="link small" onClick={() => change(name, null)}>
                    set null
                  </button>
                )}
              </label>
              {known?.choices && !isLocked ? (
                <select
                  id={`field-${name}`}
                  className="input input--sm"
                  value={text ?? ''}
                  onChange={(event) => change(name, event.target.value)}
                >
                  {text === null && <option value="">null</option>}
                  {known.choices.map((choice) => (
                    <option key={choice}>{choice}</option>
                  ))}
                </select>
              ) : (
                <textarea
                  id={`field-${name}`}
                  className="input row-form__text mono"
                  rows={Math.min(
                    8,
                    Math.max(1, Math.ceil((text?.length ?? 0) / 46), (text ?? '').split('\n').length),
                  )}
                  placeholder={
                    text === null && !(isNew && !(name in draft))
                      ? 'null'
                      : isNew && known?.hasDefault
                        ? 'default'
                        : ''
                  }
                  readOnly={isLocked}
                  value={text ?? ''}
                  onChange={(event) => change(name, event.target.value)}
                />
              )}
            </div>
          )
        })}
        {!isNew && <FollowKeys table={table} values={seen} />}
      </div>
      {canEdit && (
        <div className="drawer__foot row">
          {!isNew && rowKey && (
            <button
              type="button"
              className="btn btn--sm btn--danger"
              onClick={() => send({ kind: 'delete', key: rowKey, before: seen })}
            >
              Delete row
            </button>
          )}
          {isNew && earlier && (
            <button type="button" className="btn btn--sm btn--danger" onClick={onForget}>
              Forget this row
            </button>
          )}
          <span className="grow" />
          <button type="button" className="btn btn--sm btn--primary" disabled={!hasChange} onClick={stageIt}>
            Stage
            <IconArrowRight className="icon" />
          </button>
        </div>
      )}
      {earlier?.kind === 'delete' && (
        <div className="drawer__foot row">
          <span className="small t-warn grow">This row will be deleted.</span>
          <button
            type="button"
            className="btn btn--sm"
            onClick={() => onStage({ kind: 'update', key: earlier.key, before: {}, values: {} })}
          >
            Keep it
          </button>
        </div>
      )}
    </>
  )
}
