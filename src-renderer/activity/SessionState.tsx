import type { Session } from '../../src-main/activity/contract.ts'
import { State } from '../ui/State.tsx'
import { isLongIdle } from './session.ts'

/** What a session does, as a mark. */
export function SessionState({ session }: { session: Session }) {
  if (session.blockedBy.length > 0) return <State name="queued" label="waits for a lock" />
  if (isLongIdle(session)) return <State name="warning" label="idle in a transaction for over a minute" />
  if (session.state === 'active') return <State name="running" label="active" />
  return <State name="stopped" label={session.state} />
}
