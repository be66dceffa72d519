import type { RunnerState } from './state.contract.ts'

/** `Waits for navigate.dim_customer, held by process 41877 (publish_daily), open since 41 s.` */
export function describeWait(wait: RunnerState['wait']): string | undefined {
  if (!wait?.waitsFor) return undefined
  const holders = wait.blockers.map(
    ({ processId, application, ageSeconds }) =>
      `process ${processId}${application ? ` (${application})` : ''}${ageSeconds === null ? '' : `, open since ${Math.round(ageSeconds)} s`}`,
  )
  return `Waits for ${wait.waitsFor}${holders.length > 0 ? `, held by ${holders.join(' and ')}` : ''}.`
}

/** `building index: scanning table, 45 %` */
export function describePhase(wait: RunnerState['wait']): string | undefined {
  if (!wait?.phase) return undefined
  return wait.total ? `${wait.phase}, ${Math.round(((wait.done ?? 0) / wait.total) * 100)} %` : wait.phase
}
