import type { TaskRun } from '../../src-main/pipelines/contract.ts'
import type { StateName } from '../ui/State.tsx'

/** The mark of a task. */
export function markOf({ status }: Pick<TaskRun, 'status'>): StateName {
  if (status === 'ready') return 'queued'
  return status === 'upstream_failed' ? 'skipped' : status
}
