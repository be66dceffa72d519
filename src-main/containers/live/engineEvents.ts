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

export function eventOf({ Actor, Action = '', time, timeNano }: EngineMessage): EngineEvent {
  const { exitCode, signal, name = '', [label.service]: service = '' } = Actor?.Attributes ?? {}
  return {
    at: new Date(timeNano ? timeNano / 1e6 : (time ?? 0) * 1000),
    type: 'container',
    action: Action,
    service,
    name,
    detail: [exitCode !== undefined && `exit code ${exitCode}`, signal !== undefined && `signal ${signal}`]
      .filter(Boolean)
      .join(', '),
  }
}
