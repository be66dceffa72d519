import { setTimeout as sleep } from 'node:timers/promises'
import type Docker from 'dockerode'
import { AtlasError } from '../../errors.ts'
import type { DependencyModel } from '../compose/model.ts'

const pollMs = 150

interface State {
  Status: string
  Running: boolean
  ExitCode: number
  OOMKilled?: boolean
  Health?: { Status: string; Log?: { Output: string; ExitCode: number }[] }
  /** Podman before 5 calls it so. */
  Healthcheck?: { Status: string }
}

export interface WaitOptions {
  signal: AbortSignal
  timeoutMs: number
}

/**
 * Waits until the containers of a service meet a condition. Throws `SERVICE_FAILED` as soon as they cannot: unhealthy,
 * ended, or without a health check to wait for; and when the time is over.
 */
export async function waitForService(
  docker: Docker,
  service: string,
  ids: string[],
  condition: DependencyModel['condition'],
  { signal, timeoutMs }: WaitOptions,
): Promise<void> {
  if (condition === 'service_started') return
  const deadline = performance.now() + timeoutMs
  let waiting = ids
  while (waiting.length > 0) {
    signal.throwIfAborted()
    const states = await Promise.all(
      waiting.map(async (id) => (await docker.getContainer(id).inspect()).State as State),
    )
    waiting = waiting.filter((_id, index) => {
      const state = states[index]
      return state && !isMet(service, state, condition)
    })
    if (waiting.length === 0) return
    if (performance.now() > deadline)
      throw failed(
        service,
        `${service} is not ${condition === 'service_healthy' ? 'healthy' : 'finished'} after ${Math.round(timeoutMs / 1000)} s`,
        states[0],
      )
    await sleep(pollMs, undefined, { signal })
  }
}

function isMet(service: string, state: State, condition: DependencyModel['condition']): boolean {
  if (condition === 'service_completed_successfully') {
    if (state.Status !== 'exited') return false
    if (state.ExitCode !== 0) throw failed(service, `${service} ended with ${state.ExitCode}`, state)
    return true
  }
  const health = (state.Health ?? state.Healthcheck)?.Status
  if (state.Status === 'exited' || state.Status === 'dead')
    throw failed(service, `${service} ended with ${state.ExitCode} before it was healthy`, state)
  if (health === undefined || health === 'none' || health === '')
    throw failed(service, `${service} has no health check to wait for`, state)
  if (health === 'unhealthy') throw failed(service, `${service} is unhealthy`, state)
  return health === 'healthy'
}

function failed(service: string, message: string, state: State | undefined): AtlasError {
  const probe = state?.Health?.Log?.at(-1)
  return new AtlasError('SERVICE_FAILED', message, {
    object: service,
    sqlState: state && state.Status === 'exited' ? String(state.ExitCode) : undefined,
    detail: state?.OOMKilled
      ? 'The engine killed it for want of memory.'
      : probe && `Its last health check answered ${probe.ExitCode}: ${probe.Output.trim().slice(-500)}`,
    saved: 'What was started before it runs on.',
    next: 'Read its log, correct what it says, and bring the stack up again.',
  })
}
