import type Docker from 'dockerode'
import type { EngineEvent } from '../contract.ts'
import { type Engine, label } from '../own.ts'

/** Engine API, "Monitor events". */
export interface EngineMessage {
  Type?: string
  Action?: string
  Actor?: { ID?: string; Attributes?: Record<string, string> }
  time?: number
  timeNano?: number
}

/** What leaves a container as it was: a `kill` is a signal, and the end that may come of it is told by `die`. */
const withoutChange = new Set([
  'kill',
  'top',
  'attach',
  'detach',
  'resize',
  'copy',
  'export',
  'commit',
  'archive-path',
  'extract-to-dir',
])

/** Whether an event may have changed what there is to be known of its container. */
export const isChange = (action: string) => !withoutChange.has(action) && !action.startsWith('exec_')

/** Whether people want to read of it: Atlas's own looks into a container tell of themselves too. */
export const isTold = (action: string) => action !== 'top' && !action.startsWith('archive-path')

/**
 * A container as an event says that it is now; undefined where the event does not say it. The engine holds a container that
 * has ended until it has cleared up after it, and answers no question about it meanwhile: a tenth of a second and more.
 */
export function foretold(
  inspect: Docker.ContainerInspectInfo,
  message: EngineMessage,
): Docker.ContainerInspectInfo | undefined {
  const exitCode = Number(message.Actor?.Attributes?.exitCode)
  if (message.Action !== 'die' || !Number.isInteger(exitCode)) return undefined
  const ended = {
    Status: 'exited',
    Running: false,
    Paused: false,
    ExitCode: exitCode,
    FinishedAt: timeOf(message).toISOString(),
  }
  return { ...inspect, State: { ...inspect.State, ...ended } }
}

/** Opens the engine's events of every compose project; `take` gets each as it comes. */
export async function openEvents(engine: Engine, take: (message: EngineMessage) => void) {
  const stream = await engine.call('its events', (docker) =>
    docker.getEvents({ filters: { type: ['container'], label: [label.project] } }),
  )
  let rest = ''
  const ended = new Promise<void>((resolve) => {
    for (const name of ['end', 'close', 'error']) stream.once(name, () => resolve())
  })
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('utf8')).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim()) take(JSON.parse(line) as EngineMessage)
  })
  return { ended, close: () => (stream as { destroy?: () => void }).destroy?.() }
}

const timeOf = ({ time, timeNano }: EngineMessage) => new Date(timeNano ? timeNano / 1e6 : (time ?? 0) * 1000)

export function eventOf(message: EngineMessage): EngineEvent {
  const { Actor, Action = '' } = message
  const { exitCode, signal, name = '', [label.service]: service = '' } = Actor?.Attributes ?? {}
  return {
    at: timeOf(message),
    type: 'container',
    action: Action,
    service,
    name,
    detail: [exitCode !== undefined && `exit code ${exitCode}`, signal !== undefined && `signal ${signal}`]
      .filter(Boolean)
      .join(', '),
  }
}
