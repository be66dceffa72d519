import type { Session } from '../../src-main/activity/contract.ts'
import { longMs } from './thresholds.ts'

/** A process id comes again, with another start. */
export const idOf = ({ processId, startedAt }: Session) => `${processId} ${startedAt}`

/** How long a statement runs; null where none does. */
export const runningMs = ({ state, stateMs }: Session) => (state === 'active' ? stateMs : null)

export const isLongIdle = ({ state, transactionMs }: Session) =>
  state.startsWith('idle in transaction') && (transactionMs ?? 0) > longMs
