import type { Snapshot } from '../../src-main/containers/contract.ts'
import { State } from '../ui/State.tsx'
import { worstFirst } from './states.ts'

/** One line of state, the worst first. */
export function StackState({ snapshot }: { snapshot: Snapshot }) {
  const { services, edges, engine, project } = snapshot
  const ready = services.filter(({ status }) => status === 'ready').length
  const worst = worstFirst(services).find(
    ({ status }) => status !== 'ready' && status !== 'absent' && status !== 'stopped',
  )
  const waits =
    worst && edges.filter(({ from, isBlocking }) => from === worst.name && isBlocking).map(({ to }) => to)
  const isAllDown = services.every(({ status }) => status === 'absent' || status === 'stopped')
  const mark =
    worst?.status === 'failed'
      ? 'failed'
      : worst?.status === 'unhealthy'
        ? 'warning'
        : worst
          ? 'running'
          : ready === 0
            ? 'stopped'
            : 'succeeded'
  return (
    <>
      <span>
        <State name={mark} />
        {isAllDown ? 'Down' : `${ready} of ${services.length} ready`}
      </span>
      {worst && (
        <span
          className={
            worst.status === 'failed' ? 't-fail' : worst.status === 'unhealthy' ? 't-warn' : undefined
          }
        >
          {worst.name} {verbOf[worst.status]}
          {waits && waits.length > 0
            ? `, ${waits.join(', ')} ${waits.length === 1 ? 'waits' : 'wait'} for it`
            : ', nothing waits for it'}
        </span>
      )}
      <span className="t3">
        project {project}, {engine.name} {engine.version}
      </span>
    </>
  )
}

const verbOf: Record<string, string> = {
  failed: 'failed',
  unhealthy: 'is unhealthy',
  starting: 'is starting',
  waiting: 'waits',
  paused: 'is paused',
}
