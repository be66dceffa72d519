import { IconArrowUp, IconDownload, IconFile, IconFolder, IconLink } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Container } from '../../src-main/containers/contract.ts'
import type { FileEntry } from '../../src-main/containers/inside/filesContract.ts'
import { client, rpc } from '../rpc/client.ts'
import { downloadBlob } from '../ui/download.ts'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { formatBytes } from '../ui/format.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { FileEditor } from './FileEditor.tsx'
import { FileUpload } from './FileUpload.tsx'

const icons = { file: IconFile, folder: IconFolder, link: IconLink, other: IconFile }

/** The files of a container; what differs from its image is marked. */
export function FilesTab({ container }: { container: Container }) {
  const [path, setPath] = useState('/')
  const [opened, setOpened] = useState<string>()
  const [failure, setFailure] = useState<unknown>()
  const isRunning = container.state === 'running'
  const files = useQuery({
    ...rpc.containerFiles.list.queryOptions({ input: { id: container.id, path } }),
    enabled: isRunning,
  })
  const inside = (name: string) => (path === '/' ? `/${name}` : `${path}/${name}`)
  const save = async (name: string) => {
    setFailure(undefined)
    try {
      const parts: Uint8Array<ArrayBuffer>[] = []
      for await (const part of await client.containerFiles.export({ id: container.id, path: inside(name) }))
        parts.push(Uint8Array.from(atob(part), (letter) => letter.charCodeAt(0)))
      downloadBlob(name, new Blob(parts))
    } catch (error) {
      setFailure(error)
    }
  }
  if (!isRunning) return <p className="small t2">It does not run: its files are listed while it does.</p>
  return (
    <>
      <FolderField path={path} onPath={setPath} />
      {files.data && (
        <FileUpload
          key={`${container.id} ${path}`}
          id={container.id}
          folder={path}
          limitBytes={files.data.uploadBytes}
        />
      )}
      {failure !== undefined && <ErrorNotice error={failure} />}
      <QueryPanel query={files} rows={6}>
        {({ entries, removed }) => (
          <table className="stack__env stack__files mono" aria-label={`Files in ${path}`}>
            <tbody>
              {entries.map((entry) => (
                <FileRow
                  key={entry.name}
                  entry={entry}
                  onOpen={() =>
                    entry.kind === 'folder' ? setPath(inside(entry.name)) : setOpened(inside(entry.name))
                  }
                  onSave={() => void save(entry.name)}
                />
              ))}
              {removed.map((name) => (
                <tr key={name} className="t3">
                  <td>
                    <s>{name}</s>
                  </td>
                  <td colSpan={2}>removed</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </QueryPanel>
      {opened && <FileEditor id={container.id} path={opened} onClose={() => setOpened(undefined)} />}
    </>
  )
}

/** The folder that is listed: typed, or left upwards. */
export function FolderField({ path, onPath }: { path: string; onPath: (path: string) => void }) {
  return (
    <div className="row">
      <button
        type="button"
        className="icon-btn icon-btn--sm"
        title="One folder up"
        disabled={path === '/'}
        onClick={() => onPath(path.slice(0, path.lastIndexOf('/')) || '/')}
      >
        <IconArrowUp className="icon" />
      </button>
      <label className="input input--sm grow">
        <input
          type="text"
          className="mono"
          aria-label="Folder"
          key={path}
          defaultValue={path}
          onKeyDown={(event) => {
            const typed = event.currentTarget.value.replace(/\/+$/, '') || '/'
            if (event.key === 'Enter' && typed.startsWith('/')) onPath(typed)
          }}
        />
      </label>
    </div>
  )
}

interface RowProps {
  entry: FileEntry
  onOpen: () => void
  onSave?: () => void
}

export function FileRow({ entry, onOpen, onSave }: RowProps) {
  const Icon = icons[entry.kind]
  const isOpenable = entry.kind === 'folder' || entry.kind === 'file'
  return (
    <tr>
      <td>
        <button
          type="button"
          className="link"
          disabled={!isOpenable}
          onClick={onOpen}
          title={`${entry.mode} ${entry.owner}`}
        >
          <Icon className="icon icon--14" />
          <span className="clip">{entry.name}</span>
          {entry.change && <span className="count">{entry.change}</span>}
        </button>
      </td>
      <td className="num t2">
        {entry.kind === 'file' && formatBytes(entry.sizeBytes)} <RelativeTime time={entry.modifiedAt} />
      </td>
      <td>
        {entry.kind === 'file' && onSave && (
          <button
            type="button"
            className="icon-btn icon-btn--sm"
            title={`Download ${entry.name}`}
            onClick={onSave}
          >
            <IconDownload className="icon icon--14" />
          </button>
        )}
      </td>
    </tr>
  )
}
