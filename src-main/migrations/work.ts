import type { Session } from '../adapters/postgres.ts'
import type { Progress } from './progress.ts'

/** What the parts of the runner share. */
export interface Work {
  session: Session
  project: string
  signal: AbortSignal
  progress: Progress
  /** Sets how long statements may wait for a lock and may run; asks the server only where that changes. */
  setTimeouts(lockTimeoutMs: number, statementTimeoutMs: number): Promise<void>
}
