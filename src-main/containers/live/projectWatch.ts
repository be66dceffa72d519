import { setImmediate as turn } from 'node:timers/promises'
import { AtlasError } from '../../errors.ts'
import type { EngineEvent, Kind, Snapshot } from '../contract.ts'
import { type Engine, eachOf, label, ofProject } from '../own.ts'
import { type ProbeDependencies, probe } from '../probes/probes.ts'
import { type EngineMessage, eventOf, foretold, isChange, isTold, openEvents } from './engineEvents.ts'
import { failureOf } from './failureOf.ts'
import { buildSnapshot, type Known, type ModelService } from './snapshot.ts'
import { healthOf, toContainer } from './state.ts'

export interface WatchDependencies extends ProbeDependencies {
  engine: Engine
  project: string
  /** What the compose files say; empty where they are not known or not valid. */
  listModel: () => Promise<ModelService[]>
  /** The program that listens on a port of this machine. */
  findProcess: (port: number) => string | undefined
}

export type ProjectWatch = ReturnType<typeof watchProject>

const retryMs = 1500
const probeAgainMs = { starting: 1000, ready: 15_000 }
const createdAgainMs = 1500
const listAgainMs = 150
const engineAgainMs = 1000
const keptEvents = 100

/**
 * Holds what is known of one project's containers, kept new by the engine's events: a list once, then one `inspect` for
 * each event that changes something. Between an event and the listeners stands that one call at most (of an end, nothing):
 * probes, logs, lists and the files are asked afterwards, and tell again. Asks again for the engine while there is none. Runs until it is closed.
 */
export function watchProject({ engine, project, listModel, findProcess, ...probes }: WatchDependencies) {
  const known = new Map<string, Known>()
  const timers = new Map<string, NodeJS.Timeout>()
  const listeners = new Set<() => void>()
  const eventListeners = new Set<(event: EngineEvent) => void>()
  const events: EngineEvent[] = []
  let engineState: Snapshot['engine'] = { status: 'connecting', name: 'Docker' }
  let projects: Snapshot['projects'] = []
  let model: ModelService[] = []
  let isClosed = false
  let closeEvents = () => {}
  let wakeRetry = () => {}
  const changed = () => {
    for (const listen of listeners) listen()
  }

  const forget = (id: string) => {
    known.delete(id)
    clearTimeout(timers.get(id))
    timers.delete(id)
  }

  let asked = 0
  const answered = new Map<string, number>()
  async function refresh(id: string): Promise<void> {
    asked += 1
    const turnOfThis = asked
    try {
      const inspect = await engine.call(id.slice(0, 12), (docker) => docker.getContainer(id).inspect())
      // Two events ask twice, on two connections: an older answer must not come after a newer one.
      if (isClosed || (answered.get(id) ?? 0) > turnOfThis) return
      answered.set(id, turnOfThis)
      const before = known.get(id)
      const isSameStart = before?.inspect.State.StartedAt === inspect.State.StartedAt
      const probed = inspect.State.Status === 'running' && isSameStart ? before?.probed : undefined
      known.set(id, { inspect, probed, failure: before?.failure ?? null })
      clearTimeout(timers.get(id))
      // What needs no asking is known within this turn, and is told together with the state.
      await Promise.race([look(id), turn()])
      changed()
    } catch (error) {
      if (error instanceof AtlasError && error.code === 'NOT_FOUND') {
        answered.set(id, turnOfThis)
        forget(id)
        changed()
      }
    }
  }

  function foretell(id: string, message: EngineMessage) {
    const before = known.get(id)
    const inspect = before && foretold(before.inspect, message)
    if (!inspect) return
    asked += 1
    answered.set(id, asked)
    known.set(id, { inspect, probed: undefined, failure: before.failure })
    changed()
  }

  function schedule(id: string, afterMs: number, act: (id: string) => Promise<void>) {
    clearTimeout(timers.get(id))
    timers.set(
      id,
      setTimeout(() => void act(id), afterMs),
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
    const failure = isTroubled ? await failureOf(engine, inspect, result?.authentication, findProcess) : null
    // Another start may have come while this one was asked.
    if (known.get(id)?.inspect !== inspect || isClosed) return
    const found: Known = { inspect, probed: result, failure }
    known.set(id, found)
    if (textOfKnown(found) !== textOfKnown(entry)) changed()
    if (inspect.State.Status === 'created') {
      // A start that the engine refuses leaves an error in the state and tells of it by no event.
      if (!inspect.State.Error) schedule(id, createdAgainMs, refresh)
      return
    }
    if (!isRunning) return
    const isReady = result?.steps.every(({ status }) => status === 'succeeded')
    schedule(id, isReady ? probeAgainMs.ready : probeAgainMs.starting, look)
  }

  async function readProjects(): Promise<void> {
    const all = await engine.call('the containers', (docker) =>
      docker.listContainers({ all: true, filters: ofProject() }),
    )
    const byName = new Map<string, { name: string; running: number; total: number }>()
    for (const { Labels, State } of all) {
      const name = Labels[label.project]
      if (!name) continue
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
    await eachOf(
      [...ids].filter((id) => !known.has(id)),
      refresh,
    )
  }

  async function readModel(): Promise<void> {
    model = await listModel().catch(() => [])
  }

  /** Does work once, a while after it was first asked for; what fails is asked again with the next event. */
  function soon(afterMs: number, work: () => Promise<unknown>) {
    let isAskedFor = false
    return () => {
      if (isAskedFor) return
      isAskedFor = true
      setTimeout(() => {
        isAskedFor = false
        if (!isClosed) void work().then(changed, () => {})
      }, afterMs)
    }
  }
  const listSoon = soon(listAgainMs, readProjects)
  // The engine counts its images and the files are parsed: neither is what an event tells of, and both take a while.
  const engineSoon = soon(engineAgainMs, () => readEngine())
  const modelSoon = soon(engineAgainMs, readModel)

  function take(message: EngineMessage) {
    const attributes = message.Actor?.Attributes ?? {}
    const id = message.Actor?.ID
    const action = message.Action ?? ''
    if (message.Type !== 'container' || !id || action.startsWith('exec_')) return
    if (attributes[label.project] === project && attributes[label.oneOff] !== 'True') {
      if (isChange(action)) {
        foretell(id, message)
        void refresh(id)
      }
      if (isTold(action)) note(eventOf(message))
    }
    if (['create', 'destroy', 'start', 'die'].includes(action)) {
      listSoon()
      engineSoon()
    }
    if (action === 'create' || action === 'destroy') modelSoon()
  }

  function note(event: EngineEvent) {
    events.push(event)
    if (events.length > keptEvents) events.shift()
    for (const listen of eventListeners) listen(event)
  }

  /** Follows the engine's events until they end. */
  async function follow(): Promise<void> {
    const opened = await openEvents(engine, take)
    closeEvents = opened.close
    // It may have been closed while the engine was asked.
    if (isClosed) return opened.close()
    // Events first, then the list: what changes between the two is seen twice and not missed.
    await Promise.all([readEngine(), readProjects(), readModel()])
    changed()
    await opened.ended
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
      for (const id of [...known.keys()]) forget(id)
      answered.clear()
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
      closeEvents()
      wakeRetry()
      await running
    },
  }
}

/** Two that are alike to whoever looks have the same text. */
const textOfKnown = ({ inspect, probed, failure }: Known) =>
  JSON.stringify(toContainer(inspect, probed, failure))

function stateWithout(error: unknown): Snapshot['engine'] {
  if (!(error instanceof AtlasError)) return { status: 'absent', name: 'Docker' }
  return {
    status: 'unreachable',
    name: 'Docker',
    fault: { ...error.fault, code: error.code, message: error.message },
  }
}
