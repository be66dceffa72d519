import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { client, rpc } from '../rpc/client.ts'
import { CopyButton } from '../ui/CopyButton.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { toFault } from '../ui/fault.ts'
import { formatBytes, formatCount } from '../ui/format.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { indentJson } from './jsonText.ts'

interface Props {
  resultId: string
  row: number
  column: number
  columnName: string
  type: string
  /** Stages another value; undefined where the column is not edited. */
  onStage?: ((value: string | null) => void) | undefined
  /** Of an enum. */
  choices?: string[] | null | undefined
  staged?: string | null | undefined
  /** Of a row that is only staged: no value of it is anywhere else. */
  given?: string | null | undefined
  onClose: () => void
}

const shownCharacters = 200_000

/** One value: JSON indented with its numbers as they were sent, the beginning of a giant; saved to a file whole. */
export function CellDialog(props: Props) {
  const { resultId, row, column, columnName, type, onStage, choices, staged, given, onClose } = props
  const [typed, setTyped] = useState<string>()
  const value = useQuery({
    ...rpc.console.getValue.queryOptions({ input: { resultId, row, column } }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    ...(given !== undefined && {
      enabled: false,
      initialData: { value: given, sizeBytes: given?.length ?? 0, isCut: false },
    }),
  })
  const [isRaw, setRaw] = useState(false)
  const text = value.data?.value ?? null
  const indented = (type === 'json' || type === 'jsonb') && text !== null ? indentJson(text) : undefined
  const shown = indented !== undefined && !isRaw ? indented : (text ?? '')
  const isCut = shown.length > shownCharacters || value.data?.isCut
  return (
    <Dialog
      title={`${columnName}, row ${formatCount(row + 1)}`}
      width={720}
      onClose={onClose}
      foot={
        <>
          <span className="t3 small num">
            {type}
            {value.data && text !== null && `, ${formatBytes(value.data.sizeBytes)}`}
            {isCut && ', the beginning is shown'}
          </span>
          <span className="grow" />
          {indented !== undefined && (
            <button type="button" className="btn" aria-pressed={isRaw} onClick={() => setRaw(!isRaw)}>
              As sent
            </button>
          )}
          {text !== null && given === undefined && (
            <SaveValue resultId={resultId} row={row} column={column} name={columnName} type={type} />
          )}
          {text !== null && !value.data?.isCut && <CopyButton text={text} />}
          {onStage && !value.data?.isCut && (
            <>
              <button
                type="button"
                className="btn"
                onClick={() => {
                  onStage(null)
                  onClose()
                }}
              >
                Set NULL
              </button>
              <button
                type="button"
                className="btn btn--primary"
                disabled={typed === undefined}
                onClick={() => {
                  onStage(typed ?? '')
                  onClose()
                }}
              >
                Stage
              </button>
            </>
          )}
        </>
      }
    >
      <QueryPanel query={value}>
        {(data) =>
          onStage && !data.isCut && (data.value?.length ?? 0) <= shownCharacters ? (
            <ValueInput
              label={columnName}
              value={typed ?? (staged === undefined ? (data.value ?? '') : (staged ?? ''))}
              choices={choices ?? (type === 'bool' ? ['t', 'f'] : undefined)}
              onChange={setTyped}
            />
          ) : data.value === null ? (
            <p className="null">NULL</p>
          ) : (
            <pre className="code code--sm con__value">{shown.slice(0, shownCharacters)}</pre>
          )
        }
      </QueryPanel>
    </Dialog>
  )
}

interface InputProps {
  label: string
  value: string
  choices: string[] | undefined
  onChange: (value: string) => void
}

function ValueInput({ label, value, choices, onChange }: InputProps) {
  if (choices) {
    return (
      <select
        className="input"
        aria-label={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      >
        {!choices.includes(value) && <option value={value}>{value || 'NULL'}</option>}
        {choices.map((choice) => (
          <option key={choice}>{choice}</option>
        ))}
      </select>
    )
  }
  return (
    <textarea
      className="input mono con__edit"
      aria-label={label}
      rows={Math.min(16, Math.max(2, value.split('\n').length))}
      value={value}
      spellCheck={false}
      onChange={(event) => onChange(event.target.value)}
    />
  )
}

const endings: Record<string, string> = { json: '.json', jsonb: '.json', bytea: '.bin', xml: '.xml' }

interface SaveProps {
  resultId: string
  row: number
  column: number
  name: string
  type: string
}

/** Writes a value to a file on the machine that Atlas runs on, whatever its size. */
function SaveValue({ resultId, row, column, name, type }: SaveProps) {
  const save = useMutation({
    mutationFn: async () => {
      const safe = name.replaceAll(/[^\w.-]+/g, '_') || 'value'
      const { path } = await client.console.suggestPath({
        name: `${safe}-${row + 1}${endings[type] ?? '.txt'}`,
      })
      await client.console.exportValue({ resultId, row, column, path })
      return path
    },
  })
  return (
    <>
      {save.data && <span className="small t2 clip">in {save.data}</span>}
      {save.error && <span className="small t-fail">{toFault(save.error).message}</span>}
      <button type="button" className="btn" disabled={save.isPending} onClick={() => save.mutate()}>
        Save to file
      </button>
    </>
  )
}
