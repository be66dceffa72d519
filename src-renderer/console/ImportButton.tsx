import { IconUpload } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { FilePreview } from '../../src-main/console/exchangeContract.ts'
import { client } from '../rpc/client.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { formatBytes } from '../ui/format.ts'
import { JobCard } from '../ui/JobCard.tsx'
import { useJob } from '../ui/useJobs.ts'

/** Opens the import of a file. */
export function ImportButton() {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <button type="button" className="btn btn--sm" onClick={() => setOpen(true)}>
        <IconUpload className="icon icon--14" />
        Import
      </button>
      {isOpen && <ImportDialog onClose={() => setOpen(false)} />}
    </>
  )
}

interface Mapped {
  name: string
  type: string
  isTaken: boolean
}

const formatOf = (path: string) =>
  /\.parquet$/i.test(path) ? 'parquet' : /\.(?:jsonl|ndjson)$/i.test(path) ? 'jsonl' : 'csv'

/** A file of the machine that Atlas runs on into a table: look at it, map its columns, copy it in as a job. */
function ImportDialog({ onClose }: { onClose: () => void }) {
  const [path, setPath] = useState('')
  const [delimiter, setDelimiter] = useState(',')
  const [hasHeader, setHeader] = useState(true)
  const [schema, setSchema] = useState('public')
  const [table, setTable] = useState('')
  const [isNew, setNew] = useState(true)
  const [mapped, setMapped] = useState<Mapped[]>([])
  const file = { path, format: formatOf(path), delimiter, hasHeader } as const
  const look = useMutation({
    mutationFn: () => client.console.previewFile(file),
    onSuccess: ({ columns }) => setMapped(columns.map((column) => ({ ...column, isTaken: true }))),
  })
  const taken = mapped.filter(({ isTaken }) => isTaken)
  const start = useMutation({
    mutationFn: () =>
      client.console.importFile({
        ...file,
        schema,
        table,
        mapping: mapped.map(({ name, isTaken }) => (isTaken ? name : null)),
        ...(isNew ? { createWith: taken.map(({ type }) => type) } : {}),
      }),
  })
  const job = useJob(start.data?.jobId)
  const isRunning = start.isPending || job?.status === 'running'
  return (
    <Dialog
      title="Import a file"
      width={820}
      onClose={onClose}
      foot={
        <>
          <span className="t3 small">
            In one transaction. Rows that the server refuses go to {table || 'table'}_rejects.
          </span>
          <span className="grow" />
          <button
            type="button"
            className="btn"
            disabled={path === '' || look.isPending}
            onClick={() => look.mutate()}
          >
            Look into it
          </button>
          <button
            type="button"
            className="btn btn--primary"
            disabled={taken.length === 0 || table === '' || isRunning}
            onClick={() => start.mutate()}
          >
            Import
          </button>
        </>
      }
    >
      <div className="con__form">
        <label>
          File
          <input
            className="input mono"
            value={path}
            spellCheck={false}
            placeholder="/path/to/file.csv, .jsonl or .parquet"
            onChange={(event) => setPath(event.target.value)}
          />
        </label>
        <p className="row">
          {file.format === 'csv' && (
            <>
              <label className="con__check">
                <input
                  type="checkbox"
                  checked={hasHeader}
                  onChange={(event) => setHeader(event.target.checked)}
                />
                First line names the columns
              </label>
              <label className="con__check">
                Delimiter
                <select
                  className="input"
                  value={delimiter}
                  onChange={(event) => setDelimiter(event.target.value)}
                >
                  <option value=",">comma</option>
                  <option value=";">semicolon</option>
                  <option value={'\t'}>tab</option>
                  <option value="|">bar</option>
                </select>
              </label>
            </>
          )}
        </p>
        {look.error ? <ErrorNotice error={look.error} /> : null}
        {look.data && (
          <>
            <p className="row">
              <label>
                Schema
                <input
                  className="input mono"
                  value={schema}
                  onChange={(event) => setSchema(event.target.value)}
                />
              </label>
              <label>
                Table
                <input
                  className="input mono"
                  value={table}
                  onChange={(event) => setTable(event.target.value)}
                />
              </label>
              <label className="con__check">
                <input type="checkbox" checked={isNew} onChange={(event) => setNew(event.target.checked)} />
                Make the table
              </label>
            </p>
            <Mapping preview={look.data} mapped={mapped} isNew={isNew} onChange={setMapped} />
          </>
        )}
        {start.error && <ErrorNotice error={start.error} />}
        {job && <JobCard job={job} />}
      </div>
    </Dialog>
  )
}

interface MappingProps {
  preview: FilePreview
  mapped: Mapped[]
  isNew: boolean
  onChange: (mapped: Mapped[]) => void
}

/** Each column of the file: whether it is taken, into which column, as which type, and its first values. */
function Mapping({ preview, mapped, isNew, onChange }: MappingProps) {
  const change = (at: number, next: Partial<Mapped>) =>
    onChange(mapped.map((column, other) => (other === at ? { ...column, ...next } : column)))
  return (
    <div className="con__preview">
      <table className="table" aria-label={`Columns of a file of ${formatBytes(preview.sizeBytes)}`}>
        <thead>
          <tr>
            <th>Take</th>
            <th>In the file</th>
            <th>Into column</th>
            <th>Type</th>
            <th>First values</th>
          </tr>
        </thead>
        <tbody>
          {mapped.map(({ name, type, isTaken }, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: columns of a file keep their places
            <tr key={at}>
              <td>
                <input
                  type="checkbox"
                  aria-label={`Take ${preview.columns[at]?.name}`}
                  checked={isTaken}
                  onChange={(event) => change(at, { isTaken: event.target.checked })}
                />
              </td>
              <td className="mono">{preview.columns[at]?.name}</td>
              <td>
                <input
                  className="input input--sm mono"
                  aria-label={`Column for ${preview.columns[at]?.name}`}
                  value={name}
                  onChange={(event) => change(at, { name: event.target.value })}
                />
              </td>
              <td>
                {isNew ? (
                  <input
                    className="input input--sm mono"
                    aria-label={`Type of ${name}`}
                    value={type}
                    onChange={(event) => change(at, { type: event.target.value })}
                  />
                ) : (
                  <span className="mono t2">{type}</span>
                )}
              </td>
              <td className="mono small clip">
                {preview.rows
                  .slice(0, 4)
                  .map((row) => row[at] ?? 'NULL')
                  .join(', ')
                  .slice(0, 80)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
