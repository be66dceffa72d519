import type { Queryable } from '../adapters/postgres.ts'
import type { ServiceOf } from '../contract.ts'
import { AtlasError } from '../errors.ts'
import type { JobStarter } from '../jobs/contract.ts'
import type { containersContract, EngineEvent, Snapshot } from './contract.ts'
import type { Sample } from './detailContract.ts'
import { describeContainer } from './inside/describe.ts'
import { follow } from './live/follow.ts'
import { type ProjectWatch, type WatchDependencies, watchProject } from './live/projectWatch.ts'
import type { Known, ModelService } from './live/snapshot.ts'
import { feedStats, type StatsFeed } from './live/statsFeed.ts'
import { inspectOwn, label, shortName } from './own.ts'
import { postgresTargetOf } from './probes/postgresTarget.ts'
import type { PostgresAnswer, ProbeDependencies } from './probes/probes.ts'
import { newestMigration, serverState } from './sql.ts'
import { listVolumes, removeVolume } from './volumes/volumes.ts'
import { isAtRisk, type OnPostgres, stopService, workOn } from './work.ts'

interface Dependencies {
  engine: ProbeDependencies['engine']
  jobs: JobStarter
  environmentId: string
  /** The project of this environment's own stack. */
  ownProject: () => Promise<string>
  listModel: (project: string) => Promise<ModelService[]>
  /** Does `work` on a connection of its own, which ends with it. */
  onPostgres: <Result>(
    target: ReturnType<typeof postgresTargetOf> & object,
    work: (db: Queryable) => Promise<Result>,
  ) => Promise<Result>
  askRedis: ProbeDependencies['askRedis']
  findProcess: WatchDependencies['findProcess']
}

export interface Containers extends ServiceOf<typeof containersContract> {
  /** The containers of a project for the log, which follows the same ones. `release` gives the watch back. */
  holdForLogs(project?: string): Promise<{
    project: string
    list: () => ReturnType<typeof followedOf>[]
    onChange: ProjectWatch['onChange']
    release: () => void
  }>
  onPostgresOf: OnPostgres
  /** Reads what the compose files say again, for every project that is watched. */
  readModelsAgain(): void
  close(): Promise<void>
}

/** A watch that nobody looks at stays this long: going to another view and back costs nothing. */
const lingerMs = 20_000

/** What runs, live. */
export function createContainers({
  engine,
  jobs,
  environmentId,
  ownProject,
  listModel,
  onPostgres,
  askRedis,
  findProcess,
}: Dependencies): Containers {
  const held = new Map<string, { watch: ProjectWatch; stats: StatsFeed | undefined; holders: number }>()

  const askPostgres: ProbeDependencies['askPostgres'] = (target) =>
    onPostgres(target, async (db): Promise<PostgresAnswer> => {
      const state = await db.row(serverState())
      const newest = state?.hasLedger ? await db.row(newestMigration()) : undefined
      return {
        version: state?.version ?? '',
        isInRecovery: state?.isInRecovery ?? false,
        migration: newest?.version ?? null,
      }
    })

  const onPostgresOf: OnPostgres = async (inspect, work) => {
    const target = postgresTargetOf(inspect)
    return target && onPostgres(target, work)
  }

  const hold = async (wanted: string | undefined) => {
    const project = wanted ?? (await ownProject())
    const entry = held.get(project) ?? {
      watch: watchProject({
        engine,
        project,
        listModel: () => listModel(project),
        askPostgres,
        askRedis,
        findProcess,
      }),
      stats: undefined,
      holders: 0,
    }
    held.set(project, entry)
    entry.holders += 1
    let isReleased = false
    const release = () => {
      if (isReleased) return
      isReleased = true
      entry.holders -= 1
      setTimeout(() => {
        if (entry.holders > 0 || held.get(project) !== entry) return
        held.delete(project)
        entry.stats?.close()
        void entry.watch.close()
      }, lingerMs).unref()
    }
    return { watch: entry.watch, release }
  }

  async function* watchSnapshots(project: string | undefined, signal: AbortSignal | undefined) {
    const { watch, release } = await hold(project)
    watch.readModelAgain()
    try {
      yield* follow<Snapshot>(watch.onChange, watch.snapshot, signal)
    } finally {
      release()
    }
  }

  async function* watchEvents(project: string | undefined, signal: AbortSignal | undefined) {
    const { watch, release } = await hold(project)
    let fresh: EngineEvent[] = [...watch.events]
    const subscribe = (changed: () => void) =>
      watch.onEvent((event) => {
        fresh.push(event)
        changed()
      })
    const take = () => {
      const taken = fresh
      fresh = []
      return taken
    }
    try {
      yield* follow(subscribe, take, signal)
    } finally {
      release()
    }
  }

  async function* watchStats(project: string | undefined, signal: AbortSignal | undefined) {
    const { watch, release } = await hold(project)
    const entry = held.get(watch.project)
    const stats = entry?.stats ?? feedStats(engine, watch)
    if (entry) entry.stats = stats
    let fresh: Sample[] = stats.history()
    const subscribe = (changed: () => void) =>
      stats.onSample((sample) => {
        fresh.push(sample)
        changed()
      })
    const take = () => {
      const taken = fresh
      fresh = []
      return taken
    }
    try {
      yield* follow(subscribe, take, signal, 900)
    } finally {
      release()
    }
  }

  /** Does `work` with the project's watch once it knows what runs. */
  async function within<Result>(
    project: string | undefined,
    work: (watch: ProjectWatch) => Promise<Result>,
  ): Promise<Result> {
    const { watch, release } = await hold(project)
    try {
      for await (const { engine: state } of follow(watch.onChange, watch.snapshot, AbortSignal.timeout(5000)))
        if (state.status !== 'connecting') break
      return await work(watch)
    } finally {
      release()
    }
  }

  const listWork = (project: string | undefined, service: string) =>
    within(project, (watch) => workOn(watch, service, onPostgresOf))

  return {
    holdForLogs: async (wanted) => {
      const { watch, release } = await hold(wanted)
      const list = () => [...watch.known.values()].map(followedOf)
      return { project: watch.project, list, onChange: watch.onChange, release }
    },
    onPostgresOf,
    get: ({ project }) => within(project, async (watch) => watch.snapshot()),
    watch: async ({ project }, { signal }) => watchSnapshots(project, signal),
    watchEvents: async ({ project }, { signal }) => watchEvents(project, signal),
    watchStats: async ({ project }, { signal }) => watchStats(project, signal),
    describe: ({ id }) => describeContainer(engine, id),
    listProcesses: async ({ id }) => {
      await inspectOwn(engine, id)
      const answer = await engine.call(id.slice(0, 12), (docker) => docker.getContainer(id).top())
      return { titles: answer.Titles ?? [], rows: answer.Processes ?? [] }
    },
    listVolumes: async ({ project }) => listVolumes(engine, project ?? (await ownProject())),
    removeVolume: async ({ name, confirm }) => {
      await removeVolume(engine, name, confirm)
      return { name }
    },
    listWork: async ({ project, service }) =>
      (await listWork(project, service)).map(({ processId: _processId, ...work }) => work),
    stop: async ({ project, service, mode }) => {
      if (mode === 'onlyIfIdle') {
        const work = (await listWork(project, service)).filter(isAtRisk)
        if (work.length > 0)
          throw new AtlasError('CONFIRMATION_NEEDED', `Work runs on ${service}`, {
            object: service,
            detail: work.map(({ name }) => name).join(', '),
            saved: 'Nothing was stopped.',
            next: 'Wait for it, cancel it, or stop by force.',
          })
      }
      return jobs.start(
        { environmentId, title: `Stop ${service}`, link: '/stack', isCancellable: mode === 'wait' },
        (job) =>
          within(project, (watch) =>
            stopService(
              { engine, watch, onPostgres: onPostgresOf },
              { service, mode: mode === 'onlyIfIdle' ? 'force' : mode },
              job,
            ),
          ),
      )
    },
    pause: async ({ id, isPaused }) => {
      await inspectOwn(engine, id)
      await engine.call(id.slice(0, 12), async (docker) => {
        const container = docker.getContainer(id)
        await (isPaused ? container.pause() : container.unpause())
      })
      return { id }
    },
    readModelsAgain: () => {
      for (const { watch } of held.values()) watch.readModelAgain()
    },
    close: async () => {
      const entries = [...held.values()]
      held.clear()
      for (const { stats } of entries) stats?.close()
      await Promise.all(entries.map(({ watch }) => watch.close()))
    },
  }
}

/** What following a container's log needs to know of it. */
const followedOf = ({ inspect }: Known) => ({
  id: inspect.Id,
  name: shortName(inspect.Name),
  service: inspect.Config.Labels?.[label.service] ?? '',
  startedAt: inspect.State.StartedAt,
  isRunning: inspect.State.Running,
  hasTerminal: inspect.Config.Tty,
})
