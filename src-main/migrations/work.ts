import type { Session } from '../adapters/postgres.ts'
import type { Progress } from './progress.ts'

export interface WorkSettings {
  /** How long a statement may wait for a lock, and may run; 0 for ever. */
  lockTimeoutMs: number
  statementTimeoutMs: number
  /** Whether each commit waits for the disk, or all together at the end. */
  commitsWait: boolean
}

/** What the parts of the runner share. */
export interface Work {
  session: Session
  project: string
  signal: AbortSignal
  progress: Progress
  /** Sets how the session works; asks the server only where that changes. */
  configure(settings: WorkSettings): Promise<void>
}
