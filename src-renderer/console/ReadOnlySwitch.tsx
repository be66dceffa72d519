import { IconLock, IconLockOpen2 } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import type { SessionState } from '../../src-main/console/sessionContract.ts'
import { rpc } from '../rpc/client.ts'
import { toFault } from '../ui/fault.ts'

/** Whether the server itself keeps a tab from writing. */
export function ReadOnlySwitch({ id, session }: { id: string; session: SessionState | undefined }) {
  const change = useMutation(rpc.console.setReadOnly.mutationOptions())
  const isReadOnly = session?.isReadOnly ?? false
  const said = change.error ? toFault(change.error).message : (change.data?.warning ?? undefined)
  const role = isReadOnly && change.data?.role ? `, as ${change.data.role}` : ''
  return (
    <button
      type="button"
      className={`btn btn--sm${isReadOnly ? ' con__locked' : ' btn--ghost'}`}
      aria-pressed={isReadOnly}
      disabled={session?.isRunning || change.isPending}
      title={
        said ??
        (isReadOnly
          ? `Every statement runs in a read-only transaction of the server${role}`
          : 'Let nothing that this tab runs write')
      }
      onClick={() => change.mutate({ sessionId: id, isReadOnly: !isReadOnly })}
    >
      {isReadOnly ? <IconLock className="icon icon--14" /> : <IconLockOpen2 className="icon icon--14" />}
      {isReadOnly ? 'Read-only' : 'Read-write'}
      {said && <span className="sr">{said}</span>}
    </button>
  )
}
