import { setTimeout as sleep } from 'node:timers/promises'
import type Docker from 'dockerode'
import type { Queryable } from '../adapters/postgres.ts'
import { AtlasError } from '../errors.ts'
import type { JobControl } from '../jobs/contract.ts'
import type { Snapshot } from './contract.ts'
import type { DependentWork } from './detailContract.ts'
import type { ProjectWatch } from './live/projectWatch.ts'
import type { Known } from './live/snapshot.ts'
import { type Engine, shortName } from './own.ts'
import { cancelBackends, hasRuns, openRuns, openWork } from './sql.ts'

/** Runs statements on a database container; undefined where it cannot be reached from this machine. */
export type OnPostgres = <Result>(
  inspect: Docker.ContainerInspectInfo,
  work: (db: Queryable) => Promise<Result>,
) => Promise<Result | undefined>

export interface Work extends DependentWork {
  /** Of a backend that can be told to end. */
  processId?: number
}

/** What would be interrupted if a service stopped: services that need it, and of a database what runs on it. */
export async function workOn(
  watch: Pick<ProjectWatch, 'snapshot' | 'known'>,
  service: string,
  onPostgres: OnPostgres,
): Promise<Work[]> {
  const snapshot = watch.snapshot()
  const work = dependentsOf(snapshot, service)
  for (const { id, kind, state } of snapshot.services.find(({ name }) => name === service)?.containers ??
    []) {
    const inspect = watch.known.get(id)?.inspect
    if (kind === 'postgres' && state === 'running' && inspect)
      work.push(...((await onPostgres(inspect, readWork)) ?? []))
  }
  return work
}

function dependentsOf({ services, edges }: Snapshot, service: string): Work[] {
  return edges
    .filter(({ from }) => from === service)
    .flatMap(({ to, isRequired }): Work[] => {
      const dependent = services.find(({ name }) => name === to)
      if (!dependent || !['ready', 'starting', 'unhealthy'].includes(dependent.status)) return []
      const detail = isRequired ? 'needs it to start' : 'uses it if it is there'
      const since = dependent.containers[0]?.startedAt ?? null
      return [{ kind: 'service', name: to, detail: `${dependent.status}; ${detail}`, since }]
    })
}

async function readWork(db: Queryable): Promise<Work[]> {
  const [backends, runTable] = await Promise.all([db.rows(openWork()), db.row(hasRuns())])
  const runs = runTable?.exists ? await db.rows(openRuns()) : []
  return [
    ...runs.map(
      ({ number, pipeline, status, since }): Work => ({
        kind: 'run',
        name: `${pipeline} #${number}`,
        detail: status,
        since,
      }),
    ),
    ...backends.map(
      ({ processId, application, user, state, statement, since, isMigration }): Work => ({
        kind: isMigration ? 'migration' : 'transaction',
        name: `${application || user} (pid ${processId})`,
        detail: `${state}: ${statement}`,
        since,
        processId,
      }),
    ),
  ]
}

/** Work that stopping would lose: services merely lose their partner and are told of it. */
export const isAtRisk = ({ kind }: DependentWork) => kind !== 'service'

const askAgainMs = 500

/**
 * Stops every container of a service in the chosen way. `wait` waits until nothing runs on it; `cancel` ends what runs, each
 * by its own transaction's roll back, and then stops. The engine waits for a container's own grace before it kills.
 */
export async function stopService(
  { engine, watch, onPostgres }: { engine: Engine; watch: ProjectWatch; onPostgres: OnPostgres },
  { service, mode }: { service: string; mode: 'wait' | 'cancel' | 'force' },
  job: Pick<JobControl, 'signal' | 'report'>,
): Promise<string> {
  const running = containersOf(watch, service).filter(({ inspect }) => inspect.State.Running)
  let ended = 0
  if (mode === 'wait') {
    for (;;) {
      const left = (await workOn(watch, service, onPostgres)).filter(isAtRisk)
      if (left.length === 0) break
      job.report({ detail: `Waits for ${left.length}: ${left[0]?.name}` })
      await sleep(askAgainMs, undefined, { signal: job.signal })
    }
  }
  if (mode === 'cancel') {
    const processIds = (await workOn(watch, service, onPostgres)).flatMap(({ processId }) => processId ?? [])
    for (const { inspect } of running) await onPostgres(inspect, (db) => db.rows(cancelBackends(processIds)))
    ended = processIds.length
  }
  for (const { inspect } of running) {
    job.report({ detail: `Stops ${shortName(inspect.Name)}` })
    const grace = (inspect.Config as { StopTimeout?: number }).StopTimeout
    // Podman kills at once where no time is given.
    await engine.call(shortName(inspect.Name), (docker) =>
      docker.getContainer(inspect.Id).stop({ t: grace ?? 10 }),
    )
  }
  const said = running.length === 0 ? 'It did not run' : `Stopped ${service}`
  return ended > 0 ? `${said}; ${ended} sessions ended before` : said
}

export function containersOf(
  watch: Pick<ProjectWatch, 'known' | 'snapshot' | 'project'>,
  service: string,
): Known[] {
  const ids = watch.snapshot().services.find(({ name }) => name === service)?.containers ?? []
  const found = ids.flatMap(({ id }) => watch.known.get(id) ?? [])
  if (found.length > 0) return found
  throw new AtlasError('NOT_FOUND', 'The project has no container of this service', {
    object: `${watch.project}: ${service}`,
    next: 'Bring it up first.',
  })
}
