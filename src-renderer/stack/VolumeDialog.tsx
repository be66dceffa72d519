import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Volume } from '../../src-main/containers/detailContract.ts'
import { rpc } from '../rpc/client.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { formatBytes } from '../ui/format.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { FileRow, FolderField } from './FilesTab.tsx'

interface Props {
  volume: Volume
  onClose: () => void
}

/** A volume: what is in it, a copy of it beside it or in a file, and such a file in its place. */
export function VolumeDialog({ volume, onClose }: Props) {
  const { name, sizeBytes, usedBy } = volume
  const [path, setPath] = useState('/')
  const [opened, setOpened] = useState<string>()
  const [to, setTo] = useState(`${name}-clone`)
  const [file, setFile] = useState('')
  const [typed, setTyped] = useState('')
  const [started, setStarted] = useState('')
  const files = useQuery(rpc.volumes.listFiles.queryOptions({ input: { name, path } }))
  const telling = (what: string) => ({ onSuccess: () => setStarted(what) })
  const clone = useMutation(rpc.volumes.clone.mutationOptions(telling(`${to} is being made`)))
  const save = useMutation(rpc.volumes.export.mutationOptions(telling(`${name} is being exported`)))
  const load = useMutation(rpc.volumes.import.mutationOptions(telling(`${name} is being replaced`)))
  const failure = clone.error ?? save.error ?? load.error
  const inside = (entry: string) => (path === '/' ? `/${entry}` : `${path}/${entry}`)
  return (
    <Dialog
      title={name}
      width={680}
      onClose={onClose}
      foot={
        <>
          <span className="grow small t2" role="status">
            {started ? `${started}: the activity centre shows how far, and what came of it.` : ''}
          </span>
          <button type="button" className="btn" onClick={onClose}>
            Close
          </button>
        </>
      }
    >
      <p className="small t2">
        {sizeBytes === null ? 'Size unknown' : formatBytes(sizeBytes)},{' '}
        {usedBy.length > 0 ? `used by ${usedBy.join(', ')}` : 'used by nothing'}. What runs on it stands still
        while it is copied.
      </p>
      <FolderField
        path={path}
        onPath={(wanted) => {
          setOpened(undefined)
          setPath(wanted)
        }}
      />
      <div className="stack__volume">
        <QueryPanel query={files} rows={5}>
          {({ entries }) => (
            <table className="stack__env stack__files mono" aria-label={`Files in ${path}`}>
              <tbody>
                {entries.map((entry) => (
                  <FileRow
                    key={entry.name}
                    entry={entry}
                    onOpen={() =>
                      entry.kind === 'folder' ? setPath(inside(entry.name)) : setOpened(inside(entry.name))
                    }
                  />
                ))}
                {entries.length === 0 && (
                  <tr>
                    <td className="t3">Nothing is in it.</td>
                  </tr>
                )}
              </tbody>
            </table>
          )}
        </QueryPanel>
      </div>
      {opened && <FileText name={name} path={opened} />}
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault()
          clone.mutate({ name, to })
        }}
      >
        <Field label="Name of the clone" value={to} onChange={setTo} />
        <button type="submit" className="btn btn--sm" disabled={to === '' || clone.isPending}>
          Clone
        </button>
        <button
          type="button"
          className="btn btn--sm"
          disabled={save.isPending}
          onClick={() => save.mutate({ name })}
        >
          Export to a file
        </button>
      </form>
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault()
          load.mutate({ name, file, confirm: typed })
        }}
      >
        <Field
          label="File to import"
          placeholder="/path/of/an/export.tar.gz"
          value={file}
          onChange={setFile}
        />
        <Field label={`Type ${name} to replace it`} value={typed} onChange={setTyped} />
        <button
          type="submit"
          className="btn btn--sm btn--danger"
          disabled={file === '' || typed !== name || load.isPending}
        >
          Import
        </button>
      </form>
      {failure && <ErrorNotice error={failure} />}
    </Dialog>
  )
}

interface FieldProps {
  label: string
  placeholder?: string
  value: string
  onChange: (value: string) => void
}

function Field({ label, placeholder = label, value, onChange }: FieldProps) {
  return (
    <label className="input input--sm grow">
      <input
        type="text"
        className="mono"
        aria-label={label}
        placeholder={placeholder}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  )
}

function FileText({ name, path }: { name: string; path: string }) {
  const text = useQuery(rpc.volumes.readFile.queryOptions({ input: { name, path } }))
  return (
    <QueryPanel query={text} rows={3}>
      {(found) => (
        <>
          <p className="small t2 mono">
            {path}, {formatBytes(found.sizeBytes)}
            {found.isCut && ', its first megabyte'}
          </p>
          <pre className="code code--sm stack__volume">{found.text ?? 'It is no text.'}</pre>
        </>
      )}
    </QueryPanel>
  )
}
