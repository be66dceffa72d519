import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useEffect, useState } from 'react'
import { client } from '../rpc/client.ts'
import { Dialog } from './Dialog.tsx'
import { ErrorNotice } from './ErrorNotice.tsx'
import { JobCard } from './JobCard.tsx'
import { useJob } from './useJobs.ts'

export interface ExportFormat<Name extends string> {
  name: Name
  label: string
  /** Of the file, without its dot. */
  ending: string
}

interface Props<Name extends string> {
  title: string
  formats: readonly [ExportFormat<Name>, ...ExportFormat<Name>[]]
  /** What the file is called at first, without its ending. */
  fileName: string
  /** Beside what is said of the name while it is written. */
  note?: string
  /** What else can be chosen. */
  options?: (format: Name) => ReactNode
  start: (file: { format: Name; path: string; isReplacing: boolean }) => Promise<{ jobId: string }>
  onClose: () => void
}

/** Writes a file of the machine that Atlas runs on, as a job: it goes on when the dialog is closed. */
export function ExportDialog<Name extends string>(props: Props<Name>) {
  const { title, formats, fileName, note, options, onClose } = props
  const [format, setFormat] = useState(formats[0])
  const [path, setPath] = useState('')
  const [isReplacing, setReplacing] = useState(false)
  const { ending } = format
  useEffect(() => {
    void client.console
      .suggestPath({ name: `${fileName}.${ending}` })
      .then((suggested) => setPath(suggested.path))
  }, [fileName, ending])
  const start = useMutation({ mutationFn: () => props.start({ format: format.name, path, isReplacing }) })
  const job = useJob(start.data?.jobId)
  return (
    <Dialog
      title={title}
      width={560}
      onClose={onClose}
      foot={
        <>
          <span className="t3 small grow">Named .partial until it is whole.{note && ` ${note}`}</span>
          <button
            type="button"
            className="btn btn--primary"
            disabled={path === '' || start.isPending || job?.status === 'running'}
            onClick={() => start.mutate()}
          >
            Write the file
          </button>
        </>
      }
    >
      <label className="field">
        Format
        <select
          className="input"
          value={format.name}
          onChange={({ target }) =>
            setFormat(formats.find(({ name }) => name === target.value) ?? formats[0])
          }
        >
          {formats.map(({ name, label }) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        File
        <input
          className="input mono"
          value={path}
          spellCheck={false}
          onChange={(event) => setPath(event.target.value)}
        />
      </label>
      {options?.(format.name)}
      <label className="check small">
        <input
          type="checkbox"
          checked={isReplacing}
          onChange={(event) => setReplacing(event.target.checked)}
        />
        Replace a file of this name
      </label>
      {start.error && <ErrorNotice error={start.error} />}
      {job && <JobCard job={job} />}
    </Dialog>
  )
}
