import type Docker from 'dockerode'
import { AtlasError } from '../../errors.ts'
import type { EngineEvent, Kind, Snapshot } from '../contract.ts'
import { type Engine, label, ofProject, shortName } from '../own.ts'
import { type ProbeDependencies, probe } from '../probes/probes.ts'
import { explainFailure } from './explain.ts'
import { textOf } from './frames.ts'
import { buildSnapshot, type Known, type ModelService } from './snapshot.ts'
import { healthOf, toContainer } from './state.ts'

export interface WatchDependencies extends ProbeDependencies {
  engine: Engine
  project: string
  /** What the compose files say; empty where they are not known or not valid. */
  listModel: () => Promise<ModelService[]>
}

export type ProjectWatch = ReturnType<typeof watchProject>

const retryMs = 1500
const probeAgainMs = { starting: 1000, ready: 15_000 }
const createdAgainMs = 1500
const keptEvents = 100
const logTailLines = 60

type EngineMessage = {
  Type?: string
  Action?: string
  Actor?: { ID?: string; Attributes?: Record<string, string> }
  time?: number
  timeNano?: number
}

/**
 * Holds what is known of one project's containers, kept new by the engine's events: a list once, then one `inspect` for
 * each event. Asks again for the engine while there is none. Runs until it is closed.
 */
export function watchProject({ engine, project, listModel, ...probes }: WatchDependencies) {
  const known = new Map<string, Known>()
  const timers = new Map<string, NodeJS.Timeout>()
  const listeners = new Set<() => void>()
  const eventListeners = new Set<(event: EngineEvent) => void>()
  const events: EngineEvent[] = []
  let engineState: Snapshot['engine'] = { status: 'connecting', name: 'Docker' }
  let projects: Snapshot['projects'] = []
  let model: ModelService[] = []
  let isClosed = false
  let stream: NodeJS.ReadableStream | undefined
  let wakeRetry = () => {}
  const changed = () => {
    for (const listen of listeners) listen()
  }

  const forget = (id: string) => {
    known.delete(id)
    clearTimeout(timers.get(id))
    timers.delete(id)
  }
  async function refresh(id: string): Promise<void> {
    try {
      const inspect = await engine.call(id.slice(0, 12), (docker) => docker.getContainer(id).inspect())
      if (isClosed) return
      const before = known.get(id)
      const isSameStart = before?.inspect.State.StartedAt === inspect.State.StartedAt
      const probed = inspect.State.Status === 'running' && isSameStart ? before?.probed : undefined
      known.set(id, { inspect, probed, failure: before?.failure ?? null })
      changed()
      schedule(id, 0)
    } catch (error) {
      if (error instanceof AtlasError && error.code === 'NOT_FOUND') {
        forget(id)
        changed()
      }
    }
  }

  function schedule(id: string, afterMs: number) {
    clearTimeout(timers.get(id))
    timers.set(
      id,
      setTimeout(() => void look(id), afterMs),
    )
  }

  /** Probes what runs and explains what failed. */
  async function look(id: string): Promise<void> {
    const entry = known.get(id)
    if (!entry || isClosed) return
    const { inspect } = entry
    const { kind } = toContainer(inspect, undefined, null)
    const isRunning = inspect.State.Status === 'running'
    const result = isRunning
      ? await probe({ engine, ...probes }, inspect, kind as Kind, entry.probed)
      : undefined
    const isTroubled = !isRunning || healthOf(inspect) === 'unhealthy' || result?.authentication
    const failure = isTroubled
      ? explainFailure(inspect, await readTail(inspect), result?.authentication)
      : null
    // Another start may have come while this one was asked.
    if (known.get(id)?.inspect !== inspect || isClosed) return
    known.set(id, { inspect, probed: result, failure })
    changed()
    if (inspect.State.Status === 'created') {
      // A start that the engine refuses leaves an error in the state and tells of it by no event.
      if (!inspect.State.Error)
        timers.set(
          id,
          setTimeout(() => void refresh(id), createdAgainMs),
        )
      return
    }
    if (!isRunning) return
    const isReady = result?.steps.every(({ status }) => status === 'succeeded')
    schedule(id, isReady ? probeAgainMs.ready : probeAgainMs.starting)
  }

  async function readTail(inspect: Docker.ContainerInspectInfo): Promise<string> {
    const answer = await engine
      .call(shortName(inspect.Name), (docker) =>
        docker
          .getContainer(inspect.Id)
          .logs({ stdout: true, stderr: true, tail: logTailLines, follow: false }),
      )
      .catch(() => undefined)
    return answer ? textOf(answer as unknown as Buffer, inspect.Config.Tty) : ''
  }

  async function readProjects(): Promise<void> {
    const all = await engine.call('the containers', (docker) =>
      docker.listContainers({ all: true, filters: ofProject() }),
    )
    const byName = new Map<string, { name: string; running: number; total: number }>()
    for (const { Labels, State } of all) {
      const name = Labels[label.project] ?? ''
      const entry = byName.get(name) ?? { name, running: 0, total: 0 }
      entry.total += 1
      if (State === 'running') entry.running += 1
      byName.set(name, entry)
    }
    projects = [...byName.values()].sort((a, b) => a.name.localeCompare(b.name))
    const own = all.filter(
      ({ Labels }) => Labels[label.project] === project && Labels[label.oneOff] !== 'True',
    )
    const ids = new Set(own.map(({ Id }) => Id))
    for (const id of known.keys()) if (!ids.has(id)) forget(id)
    const missing = [...ids].filter((id) => !known.has(id))
    // Eight at a time: a thousand containers must not open a thousand connections.
    const next = missing.values()
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (const id of next) await refresh(id)
      }),
    )
  }

  let isReading = false
  const readProjectsSoon = () => {
    if (isReading) return
    isReading = true
    setTimeout(() => {
      isReading = false
      void Promise.all([readEngine(), readProjects(), readModel()]).then(changed, () => {})
    }, 150)
  }

  async function readModel(): Promise<void> {
    model = await listModel().catch(() => [])
  }

  function take(message: EngineMessage) {
    const attributes = message.Actor?.Attributes ?? {}
    const id = message.Actor?.ID
    const action = message.Action ?? ''
    if (message.Type !== 'container' || !id || action.startsWith('exec_')) return
    if (attributes[label.project] === project && attributes[label.oneOff] !== 'True') {
      void refresh(id)
      if (action !== 'top' && !action.startsWith('archive-path')) note(message, attributes, action)
    }
    if (['create', 'destroy', 'start', 'die'].includes(action)) readProjectsSoon()
  }

  function note({ time, timeNano }: EngineMessage, attributes: Record<string, string>, action: string) {
    const event: EngineEvent = {
      at: new Date(timeNano ? timeNano / 1e6 : (time ?? 0) * 1000),
      type: 'container',
      action,
      service: attributes[label.service] ?? '',
      name: attributes.name ?? '',
      detail: [
        attributes.exitCode !== undefined && `exit code ${attributes.exitCode}`,
        attributes.signal !== undefined && `signal ${attributes.signal}`,
      ]
        .filter(Boolean)
        .join(', '),
    }
    events.push(event)
    if (events.length > keptEvents) events.shift()
    for (const listen of eventListeners) listen(event)
  }

  /** Follows the engine's events until they end. */
  async function follow(): Promise<void> {
    const opened = await engine.call('its events', (docker) =>
      docker.getEvents({ filters: { type: ['container'], label: [label.project] } }),
    )
    stream = opened
    // It may have been closed while the engine was asked.
    if (isClosed) return void destroy(opened)
    let rest = ''
    const ended = new Promise<void>((resolve) => {
      for (const name of ['end', 'close', 'error']) opened.once(name, () => resolve())
    })
    opened.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString('utf8')).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line.trim()) take(JSON.parse(line) as EngineMessage)
    })
    // Events first, then the list: what changes between the two is seen twice and not missed.
    await Promise.all([readEngine(), readProjects(), readModel()])
    changed()
    await ended
  }

  async function readEngine(): Promise<void> {
    const [info, found] = await engine.call('the engine', async (docker, { product, version }) => [
      await docker.info(),
      { product, version },
    ])
    engineState = {
      status: 'ready',
      name: found.product,
      version: found.version,
      processors: info.NCPU,
      memoryBytes: info.MemTotal,
      running: info.ContainersRunning,
      containers: info.Containers,
      images: info.Images,
    }
  }

  async function run(): Promise<void> {
    while (!isClosed) {
      try {
        const search = await engine.find()
        if (!search.engine) {
          await readModel()
          throw search.error
        }
        await follow()
      } catch (error) {
        engineState = stateWithout(error)
      }
      if (isClosed) return
      stream = undefined
      for (const id of [...known.keys()]) forget(id)
      projects = []
      if (engineState.status === 'ready') engineState = { status: 'connecting', name: engineState.name }
      changed()
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, engineState.status === 'connecting' ? 200 : retryMs)
        wakeRetry = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  const running = run()

  return {
    project,
    known: known as ReadonlyMap<string, Known>,
    events: events as readonly EngineEvent[],
    snapshot: (): Snapshot =>
      buildSnapshot({ engine: engineState, project, projects, known: [...known.values()], model }),
    onChange(listen: () => void): () => void {
      listeners.add(listen)
      return () => listeners.delete(listen)
    },
    onEvent(listen: (event: EngineEvent) => void): () => void {
      eventListeners.add(listen)
      return () => eventListeners.delete(listen)
    },
    /** Reads the compose files' model again. */
    readModelAgain: () => void readModel().then(changed),
    async close(): Promise<void> {
      isClosed = true
      for (const id of [...known.keys()]) forget(id)
      destroy(stream)
      wakeRetry()
      await running
    },
  }
}

const destroy = (stream: NodeJS.ReadableStream | undefined) =>
  (stream as { destroy?: () => void } | undefined)?.destroy?.()

function stateWithout(error: unknown): Snapshot['engine'] {
  if (!(error instanceof AtlasError)) return { status: 'absent', name: 'Docker' }
  return {
    status: 'unreachable',
    name: 'Docker',
    fault: { ...error.fault, code: error.code, message: error.message },
  }
}
