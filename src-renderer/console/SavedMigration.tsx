import { useNavigate } from '@tanstack/react-router'
import type { Source } from '../../src-main/migrations/state.contract.ts'
import { CopyButton } from '../ui/CopyButton.tsx'
import { Dialog } from '../ui/Dialog.tsx'

interface Props {
  made: { version: string; fileName: string; path: string }
  source: Source
  onClose: () => void
}

/** Where the text of the console now is as a migration, and the way to it. */
export function SavedMigration({ made: { version, fileName, path }, source, onClose }: Props) {
  const navigate = useNavigate()
  return (
    <Dialog
      title={`Saved as ${fileName}`}
      onClose={onClose}
      foot={
        <>
          <span className="grow" />
          <button type="button" className="btn btn--ghost" onClick={onClose}>
            Stay here
          </button>
          <button
            type="button"
            className="btn btn--primary"
            onClick={() => void navigate({ to: '/migrations', search: { ...source, version, tab: 'file' } })}
          >
            Open in migrations
          </button>
        </>
      }
    >
      <p className="row">
        <span className="mono grow" style={{ overflowWrap: 'anywhere' }}>
          {path}
        </span>
        <CopyButton text={path} />
      </p>
      <p className="t3">It is pending there: nothing has run.</p>
    </Dialog>
  )
}
