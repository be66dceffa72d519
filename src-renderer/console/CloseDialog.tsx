import type { SessionState } from '../../src-main/console/sessionContract.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { plural } from '../ui/format.ts'

interface Props {
  title: string
  session: SessionState | undefined
  onEnd: (how: 'commit' | 'rollback') => void
  onClose: () => void
}

/** Asks what becomes of a tab's work before the tab goes. */
export function CloseDialog({ title, session, onEnd, onClose }: Props) {
  const isRunning = session?.isRunning ?? false
  const canCommit = !isRunning && session?.transaction === 'open'
  return (
    <Dialog
      title={`Close ${title}?`}
      onClose={onClose}
      foot={
        <>
          <span className="grow" />
          <button type="button" className="btn" onClick={onClose}>
            Keep it open
          </button>
          {canCommit && (
            <button type="button" className="btn tx__commit" onClick={() => onEnd('commit')}>
              Commit and close
            </button>
          )}
          <button type="button" className="btn btn--danger-solid" onClick={() => onEnd('rollback')}>
            {isRunning ? 'Cancel it and close' : 'Roll back and close'}
          </button>
        </>
      }
    >
      <p>
        {isRunning
          ? 'It runs a statement, which would be cancelled; its open transaction would be rolled back.'
          : session?.transaction === 'failed'
            ? 'Its transaction has failed: what it had changed can only be rolled back.'
            : `Its transaction is open, with ${plural(session?.changedRows ?? 0, 'changed row')}.`}
      </p>
    </Dialog>
  )
}
