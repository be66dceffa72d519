import type { Edge, Service, Snapshot } from '../../src-main/containers/contract.ts'
import { State } from '../ui/State.tsx'
import { worstFirst } from './states.ts'

/** One line of state, the worst first, and what others wait for. */
export function StackState({ snapshot }: { snapshot: Snapshot }) {
  const { services, edges, engine, project } = snapshot
  const ready = services.filter(({ status }) => status === 'ready').length
  const worst = worstFirst(services).find(
    ({ status }) => status !== 'ready' && status !== 'absent' && status !== 'stopped',
  )
  // What holds others up is named beside the worst, where that is another one.
  const blocking = edges.filter(({ isBlocking }) => isBlocking)
  const root = blocking.find(({ from }) => !blocking.some(({ to }) => to === from))?.from
  const blocker = root === worst?.name ? undefined : services.find(({ name }) => name === root)
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
      {worst && <Trouble service={worst} blocking={blocking} />}
      {blocker && <Trouble service={blocker} blocking={blocking} />}
      <span className="t3">
        project {project}, {engine.name} {engine.version}
      </span>
    </>
  )
}

/** `gate is unhealthy, worker waits for it` */
function Trouble({ service: { name, status }, blocking }: { service: Service; blocking: readonly Edge[] }) {
  const waiting = blocking.filter(({ from }) => from === name).map(({ to }) => to)
  return (
    <span className={status === 'failed' ? 't-fail' : status === 'unhealthy' ? 't-warn' : undefined}>
      {name} {verbOf[status]}
      {waiting.length > 0
        ? `, ${waiting.join(', ')} ${waiting.length === 1 ? 'waits' : 'wait'} for it`
        : ', nothing waits for it'}
    </span>
  )
}

const verbOf: Record<string, string> = {
  failed: 'failed',
  unhealthy: 'is unhealthy',
  starting: 'is starting',
  waiting: 'waits',
  paused: 'is paused',
  stopped: 'is stopped',
  absent: 'is not there',
}
