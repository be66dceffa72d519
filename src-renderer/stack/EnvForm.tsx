import { IconEye, IconEyeOff } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { addVariable, readVariables, writeVariable } from '../../src-main/stack/files/envText.ts'
import { client, rpc } from '../rpc/client.ts'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { FilterInput } from '../ui/FilterInput.tsx'
import { plural } from '../ui/format.ts'
import { Loading } from '../ui/Loading.tsx'
import { EnvRow } from './EnvRow.tsx'
import type { FormText } from './form/useFormEdits.ts'

interface Props {
  file: FormText
  text: string
  onLine: (file: string, line: number) => void
}

/**
 * The variables as fields, those that nothing sets and a file needs first. A change touches its own line and nothing else of
 * the text; a variable that is not there yet comes to its end.
 */
export function EnvForm({ file, text, onLine }: Props) {
  const { filter: asked = '' } = useSearch({ strict: false })
  const [filter, setFilter] = useState(asked)
  const [isShown, setShown] = useState(false)
  const known = useQuery({
    ...rpc.stackForm.listVariables.queryOptions({
      input: { path: file.path, text, ...(file.project && { project: file.project }) },
    }),
    placeholderData: keepPreviousData,
    gcTime: 0,
  })
  const [failure, setFailure] = useState<unknown>()
  // Those that were missing when the form was opened: a row keeps its place while one types in it.
  const [first, setFirst] = useState<readonly string[]>()
  const missing = known.data?.filter(({ isMissing }) => isMissing).map(({ name }) => name) ?? []
  if (known.data && !first) setFirst(missing)
  if (known.error) return <ErrorNotice error={known.error} onRetry={() => void known.refetch()} />
  if (!known.data || !first) return <Loading rows={6} />
  const written = readVariables(text)
  const names = [...new Set([...first, ...missing, ...written.map(({ name }) => name)])]
  const wanted = filter.toLowerCase()
  const rows = names
    .map((name) => ({
      name,
      own: written.findLast((variable) => variable.name === name),
      known: known.data.find((variable) => variable.name === name),
    }))
    .filter(({ name, own }) => `${name} ${own?.comment ?? ''}`.toLowerCase().includes(wanted))
  const write = (name: string, value: string) => {
    const now = file.readText()
    const own = readVariables(now).findLast((variable) => variable.name === name)
    file.onChange(own ? writeVariable(now, own, value) : addVariable(now, name, value))
  }
  const generate = (name: string) =>
    client.stackForm.generate({ name }).then(({ value }) => write(name, value), setFailure)
  return (
    <div className="stack__envform">
      <div className="toolbar">
        <div style={{ width: 240, display: 'flex' }}>
          <FilterInput label="Filter variables" value={filter} onChange={setFilter} />
        </div>
        <span className="toolbar__label num">{plural(rows.length, 'variable')}</span>
        {missing.length > 0 && (
          <span className="small t-fail num">{plural(missing.length, 'required one')} without a value</span>
        )}
        <span className="toolbar__fill" />
        <button type="button" className="btn btn--sm btn--ghost" onClick={() => setShown(!isShown)}>
          {isShown ? <IconEyeOff className="icon" /> : <IconEye className="icon" />}
          {isShown ? 'Hide secrets' : 'Show secrets'}
        </button>
      </div>
      {failure !== undefined && <ErrorNotice error={failure} />}
      <div className="scroll">
        <div className="stack__envrow stack__envhead" aria-hidden="true">
          <span>Variable</span>
          <span>Value</span>
          <span>Used by</span>
          <span>The comment above it</span>
        </div>
        {rows.length === 0 && (
          <p className="form__none small t2">
            {filter
              ? 'No variable has this in its name or comment.'
              : 'The files of this stack use no variable.'}
          </p>
        )}
        {rows.map(({ name, own, known: info }) => (
          <EnvRow
            key={name}
            name={name}
            own={own}
            known={info}
            isShown={isShown}
            onWrite={(value) => write(name, value)}
            onGenerate={() => void generate(name)}
            onLine={onLine}
          />
        ))}
      </div>
    </div>
  )
}
