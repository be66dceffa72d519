import { IconLock, IconLockOpen2 } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import type { SessionState } from '../../src-main/console/sessionContract.ts'
import { rpc } from '../rpc/client.ts'
import { toFault } from '../ui/fault.ts'
import { State } from '../ui/State.tsx'

interface Props {
  id: string
  session: SessionState | undefined
}

/** Whether the server itself keeps a tab from writing. */
export function ReadOnlySwitch({ id, session }: Props) {
  const change = useMutation(rpc.console.setReadOnly.mutationOptions())
  const isReadOnly = session?.isReadOnly ?? false
  const name = session?.guard?.login ?? session?.guard?.role
  const said = change.error ? toFault(change.error).message : undefined
  return (
    <button
      type="button"
      className={`btn btn--sm${isReadOnly ? ' con__locked' : ' btn--ghost'}`}
      aria-pressed={isReadOnly}
      disabled={session?.isRunning || change.isPending}
      title={
        said ??
        (isReadOnly
          ? `Every statement runs in a read-only transaction of the server${name ? `, as ${name}` : ''}`
          : 'Let nothing that this tab runs write. Its session is opened anew')
      }
      onClick={() => change.mutate({ sessionId: id, isReadOnly: !isReadOnly })}
    >
      {isReadOnly ? <IconLock className="icon icon--14" /> : <IconLockOpen2 className="icon icon--14" />}
      {isReadOnly ? 'Read-only' : 'Read-write'}
      {said && <span className="sr">{said}</span>}
    </button>
  )
}

/** What a read-only tab cannot prevent with the login that it has, and the way out. */
export function ReadOnlyNote({ id, session }: Props) {
  const change = useMutation(rpc.console.setReadOnly.mutationOptions())
  const guard = session?.guard
  if (!guard?.warning) return null
  return (
    <p className="con__note con__remark small">
      <State name="warning" />
      <span className="grow">{change.error ? toFault(change.error).message : guard.warning}</span>
      {guard.canMakeLogin && (
        <button
          type="button"
          className="btn btn--sm"
          title="Makes the login atlas_console, which has no right but to read, and opens this tab's session by it"
          disabled={session?.isRunning || change.isPending}
          onClick={() => change.mutate({ sessionId: id, isReadOnly: true, makesLogin: true })}
        >
          Make a login that may only read
        </button>
      )}
    </p>
  )
}
