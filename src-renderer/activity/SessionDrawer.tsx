import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { Session } from '../../src-main/activity/contract.ts'
import { queryClient, rpc } from '../rpc/client.ts'
import { DrawerHead } from '../ui/DrawerHead.tsx'
import { Facts } from '../ui/Facts.tsx'
import { formatDuration } from '../ui/format.ts'
import { SqlBlock } from '../ui/SqlBlock.tsx'
import { StatementDialog } from '../ui/StatementDialog.tsx'

interface Props {
  session: Session
  sessions: readonly Session[]
  onClose: () => void
}

type Act = 'cancel' | 'terminate'

/** One session: what it does, for whom it waits, and the two ways to stop it. */
export function SessionDrawer({ session, sessions, onClose }: Props) {
  const [act, setAct] = useState<Act>()
  const behind = sessions.filter(({ blockedBy }) => blockedBy.includes(session.processId))
  return (
    <aside className="drawer" aria-label={`Session ${session.processId}`}>
      <DrawerHead onClose={onClose}>
        <h2 className="drawer__title mono">{session.processId}</h2>
        <p className="drawer__sub">
          {session.user} in {session.database}
        </p>
      </DrawerHead>
      <div className="drawer__body">
        <Facts
          facts={[
            ['Application', session.application],
            ['From', session.address ?? 'this machine'],
            ['State', session.state],
            ['Waits for', session.lock ?? session.waitsFor],
            ['Behind', session.blockedBy.join(', ')],
            ['Holds up', behind.map(({ processId }) => processId).join(', ')],
            [
              'Transaction',
              session.transactionMs !== null && formatDuration(Math.max(0, session.transactionMs)),
            ],
            ['Connected', session.startedAt],
          ]}
        />
        <p className="drawer__label">{session.state === 'active' ? 'Statement' : 'Last statement'}</p>
        <SqlBlock text={session.query} label="Statement" />
      </div>
      <div className="drawer__foot row">
        <button
          type="button"
          className="btn btn--sm"
          disabled={session.state !== 'active'}
          onClick={() => setAct('cancel')}
        >
          Cancel statement…
        </button>
        <button type="button" className="btn btn--sm btn--danger" onClick={() => setAct('terminate')}>
          End session…
        </button>
      </div>
      {act && <StopDialog act={act} session={session} onClose={() => setAct(undefined)} />}
    </aside>
  )
}

function StopDialog({ act, session, onClose }: { act: Act; session: Session; onClose: () => void }) {
  const { processId, startedAt } = session
  const options = {
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: rpc.activity.list.key() })
      onClose()
    },
  }
  const cancel = useMutation(rpc.activity.cancel.mutationOptions(options))
  const terminate = useMutation(rpc.activity.terminate.mutationOptions(options))
  const stop = act === 'cancel' ? cancel : terminate
  return (
    <StatementDialog
      title={act === 'cancel' ? `Cancel the statement of ${processId}` : `End session ${processId}`}
      sql={`select pg_${act}_backend(${processId});`}
      error={stop.error}
      confirm={String(processId)}
      action={act === 'cancel' ? 'Cancel statement' : 'End session'}
      isDangerous
      canApply={!stop.isPending}
      onApply={() => stop.mutate({ processId, startedAt })}
      onClose={onClose}
    >
      <p>
        {act === 'cancel'
          ? 'The statement ends with an error; its session goes on, its transaction can only be rolled back.'
          : `The connection of ${session.user} (${session.application || 'no name'}) is closed and its transaction rolled back: what it has not committed is lost.`}
      </p>
    </StatementDialog>
  )
}
