import { useState } from 'react'
import { Dialog } from '../ui/Dialog.tsx'

interface Props {
  folder: string | undefined
  project: string | undefined
  onClose: () => void
  onOpen: (place: { folder: string | undefined; project: string | undefined }) => void
}

/** Opens the migrations of any folder of the machine that Atlas runs on. */
export function FolderDialog({ folder = '', project = '', onClose, onOpen }: Props) {
  const [path, setPath] = useState(folder)
  const [name, setName] = useState(project)
  const open = () => onOpen({ folder: path.trim() || undefined, project: name.trim() || undefined })
  return (
    <Dialog
      title="Open a folder of migrations"
      onClose={onClose}
      foot={
        <>
          <span className="grow" />
          <button
            type="button"
            className="btn btn--ghost"
            onClick={() => onOpen({ folder: undefined, project: undefined })}
          >
            The platform’s own
          </button>
          <button type="button" className="btn btn--primary" disabled={path.trim() === ''} onClick={open}>
            Open
          </button>
        </>
      }
    >
      <label className="field">
        Folder
        <input
          className="input mono"
          value={path}
          placeholder="/home/me/shop/migrations"
          onChange={(event) => setPath(event.target.value)}
        />
        <span className="t3">
          Files named 001_name.sql, as of dbmate and node-pg-migrate, or V1__name.sql as of Flyway.
        </span>
      </label>
      <label className="field">
        Name in the ledger
        <input
          className="input"
          value={name}
          placeholder="the last part of the path"
          onChange={(event) => setName(event.target.value)}
        />
      </label>
    </Dialog>
  )
}
