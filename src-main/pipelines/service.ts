import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Database } from '../adapters/postgres.ts'
import type { ServiceOf } from '../contract.ts'
import { AtlasError } from '../errors.ts'
import type { JobStarter } from '../jobs/contract.ts'
import type { Pipeline, pipelinesContract, Run, RunSummary } from './contract.ts'
import {
  type BoundDefinition,
  bindParameters,
  type Definition,
  dependenciesOf,
  parseDefinition,
} from './definition.ts'
import { createRunFeed } from './feed.ts'
import { getRun, lastRuns, listLogs, listRejected, listRuns, listTaskRuns, runDefinition } from './readSql.ts'
import {
  insertRun,
  insertTaskRuns,
  keepSucceeded,
  markReady,
  notify,
  platformExists,
  removeTasks,
  replaceDependencies,
  replaceParameters,
  requestCancel,
  settleRun,
  upsertPipeline,
  upsertTasks,
} from './sql.ts'
import { settle } from './worker.ts'

interface Dependencies {
  db: Database
  jobs: JobStarter
  environmentId: string
  definitionsFolder: string
  trigger: 'manual' | 'cli' | 'api'
  requestedBy: string
}

export interface Pipelines extends ServiceOf<typeof pipelinesContract> {
  /** Calls back whenever a run changed; returns how to stop that. */
  onChange(hear: () => void): () => void
  /** Resolves with the run once it has ended. */
  finished(runId: string, signal?: AbortSignal): Promise<Run>
  close(): Promise<void>
}

interface DefinitionFile {
  fileName: string
  text: string
  definition: Definition
}

/** Pipelines as files, their runs as rows: starting, following, repeating and cancelling them. */
export function createPipelines(dependencies: Dependencies): Pipelines {
  const { db, jobs, environmentId, definitionsFolder } = dependencies
  const feed = createRunFeed(db)

  async function readDefinitions(): Promise<DefinitionFile[]> {
    const names = (await readdir(definitionsFolder)).filter((name) => name.endsWith('.yaml')).sort()
    return Promise.all(
      names.map(async (fileName) => {
        const text = await readFile(join(definitionsFolder, fileName), 'utf8')
        return { fileName, text, definition: parseDefinition(text, fileName) }
      }),
    )
  }

  async function findDefinition(name: string): Promise<DefinitionFile> {
    const files = await readDefinitions()
    const found = files.find(({ definition }) => definition.name === name)
    if (found) return found
    throw new AtlasError('NOT_FOUND', 'There is no such pipeline', {
      object: name,
      next: `There are ${files.map(({ definition }) => definition.name).join(', ')}.`,
    })
  }

  async function requirePlatform() {
    if ((await db.row(platformExists()))?.exists) return
    throw new AtlasError('PLATFORM_NOT_DEPLOYED', 'The platform is not deployed on this database', {
      saved: 'Nothing was changed.',
      next: 'Deploy it on the overview, or with `atlas-desktop migrate apply`.',
    })
  }

  async function startRun(
    definition: Definition,
    bound: BoundDefinition,
    rerunOf?: string,
  ): Promise<{ runId: string; runNumber: number }> {
    const tasks = bound.tasks.map((task) => ({ task, dependsOn: dependenciesOf(task) }))
    return db.transaction(async (tx) => {
      const stored = await tx.row(upsertPipeline(definition))
      if (!stored) throw new Error('The pipeline was not stored')
      const { pipelineId, version } = stored
      await tx.run(
        removeTasks(
          pipelineId,
          bound.tasks.map(({ id }) => id),
        ),
      )
      await tx.run(upsertTasks(pipelineId, tasks))
      for (const statement of replaceDependencies(pipelineId, tasks)) await tx.run(statement)
      for (const statement of replaceParameters(pipelineId, definition)) await tx.run(statement)
      const { trigger, requestedBy } = dependencies
      const run = await tx.row(
        insertRun({
          pipelineId,
          version,
          definition,
          parameters: bound.parameters,
          trigger: rerunOf ? 'rerun' : trigger,
          requestedBy,
          rerunOf,
        }),
      )
      if (!run) throw new Error('The run was not stored')
      await tx.run(insertTaskRuns(run.runId, tasks))
      if (rerunOf) {
        await tx.run(keepSucceeded(run.runId, rerunOf))
        await tx.run(markReady(run.runId))
        await tx.run(settleRun(run.runId))
      }
      await tx.run(notify(run.runId))
      return run
    })
  }

  async function readRun(runId: string): Promise<Run> {
    // The run first: what is told of one that has ended is then never older than its end.
    const run = await db.row(getRun(runId))
    if (!run) throw new AtlasError('NOT_FOUND', 'There is no such run', { object: runId })
    return { ...run, tasks: await db.rows(listTaskRuns(runId)) }
  }

  const hasEnded = ({ status }: Pick<RunSummary, 'status'>) => status !== 'queued' && status !== 'running'

  const service: Pipelines = {
    list: async () => {
      const files = await readDefinitions()
      const isDeployed = (await db.row(platformExists()))?.exists ?? false
      const runs = isDeployed ? await db.rows(lastRuns()) : []
      return files.map(({ definition }) => describePipeline(definition, runs))
    },
    describe: async ({ name }) => {
      const { fileName, text } = await findDefinition(name)
      return { name, fileName, text }
    },
    listRuns: async ({ limit }) => {
      await requirePlatform()
      return db.rows(listRuns(limit))
    },
    getRun: async ({ runId }) => readRun(runId),
    watchRun: async ({ runId }, { signal }) =>
      feed.follow(
        () => readRun(runId),
        (changed) => changed === undefined || changed === runId,
        hasEnded,
        signal,
      ),
    watchRuns: async ({ limit }, { signal }) => {
      await requirePlatform()
      return feed.follow(
        () => db.rows(listRuns(limit)),
        () => true,
        () => false,
        signal,
      )
    },
    listLogs: async ({ runId, afterId, limit }) => db.rows(listLogs(runId, afterId, limit)),
    listRejected: async ({ runId, task, limit }) => db.rows(listRejected(runId, task, limit)),
    run: async ({ name, parameters }) => {
      const { definition, fileName } = await findDefinition(name)
      const bound = bindParameters(definition, parameters, { fileName })
      await requirePlatform()
      return startRun(definition, bound)
    },
    rerun: async ({ runId }) => {
      const before = await db.row(runDefinition(runId))
      if (!before) throw new AtlasError('NOT_FOUND', 'There is no such run', { object: runId })
      if (before.status !== 'failed' && before.status !== 'cancelled') {
        throw new AtlasError('CONFLICT', `A run that is ${before.status} cannot be continued`, {
          object: runId,
          saved: 'Nothing was changed.',
          next: 'Start a new run instead.',
        })
      }
      const definition = before.definition as Definition
      return startRun(
        definition,
        bindParameters(definition, before.parameters, { fileName: definition.name }),
        runId,
      )
    },
    cancel: async ({ runId }) => {
      await db.run(requestCancel(runId, dependencies.requestedBy))
      await settle(db, runId, true)
      return readRun(runId)
    },
    loadSamples: async () => {
      await requirePlatform()
      const files = await readDefinitions()
      return jobs.start(
        { environmentId, title: 'Load sample data', link: '/pipelines', isCancellable: true },
        async (job) => {
          for (const [index, { definition, fileName }] of files.entries()) {
            job.report({ detail: `Running ${definition.name}`, progress: index / files.length })
            const { runId, runNumber } = await startRun(
              definition,
              bindParameters(definition, {}, { fileName }),
            )
            job.signal.addEventListener('abort', () => void service.cancel({ runId }, {}).catch(() => {}))
            const run = await service.finished(runId, job.signal)
            if (run.status !== 'succeeded') throw failedRun(run, runNumber)
          }
          return `${files.length} pipelines ran`
        },
      )
    },

    onChange: (hear) => feed.subscribe(hear),
    finished: async (runId, signal) => {
      let last: Run | undefined
      for await (const run of await service.watchRun({ runId }, { signal })) last = run
      signal?.throwIfAborted()
      return last ?? readRun(runId)
    },
    close: () => feed.close(),
  }
  return service
}

function describePipeline(definition: Definition, runs: RunSummary[]): Pipeline {
  const { tasks } = bindParameters(definition, {}, { fileName: definition.name, isSample: true })
  return {
    name: definition.name,
    description: definition.description,
    owner: definition.owner,
    parameters: Object.entries(definition.parameters).map(([name, declared]) => ({
      name,
      type: declared.type,
      default: declared.default ?? null,
      description: declared.description,
    })),
    tasks: tasks.map((task) => ({ id: task.id, kind: task.kind, dependsOn: dependenciesOf(task) })),
    lastRun: runs.find(({ pipeline }) => pipeline === definition.name) ?? null,
  }
}

/** The failure of a run as an error, with what its first failed task said. */
export function failedRun(run: Run, runNumber: number): AtlasError {
  const error = run.tasks.find(({ status }) => status === 'failed')?.error
  return new AtlasError('TASK_FAILED', error?.message ?? `The run was ${run.status}`, {
    object: `${run.pipeline} #${runNumber}${run.failedTask ? `, ${run.failedTask}` : ''}`,
    sqlState: error?.sqlState,
    detail: error?.detail,
    saved: 'Tasks that had succeeded keep their results.',
    next: error?.next ?? 'Look at the run, then rerun it.',
  })
}
