import { join } from 'node:path'
import type { AppDb } from './adapters/appdb.ts'
import { oldComposeHashes } from './adapters/composeCli.ts'
import type { DockerEngine } from './adapters/docker.ts'
import { openPostgres } from './adapters/postgres.ts'
import { openRedis } from './adapters/redis.ts'
import type { Secrets } from './adapters/secrets.ts'
import { createContainerFiles } from './containers/inside/files.ts'
import { createContainerShell } from './containers/inside/shell.ts'
import { modelOf } from './containers/live/model.ts'
import { createContainers } from './containers/service.ts'
import { createCheckpoints } from './containers/volumes/checkpoints.ts'
import { createVolumes } from './containers/volumes/volumeWork.ts'
import type { Environment } from './environments/contract.ts'
import type { Jobs } from './jobs/service.ts'
import { openLogWith } from './logs/openLog.ts'
import { createLogs, logFolderOf } from './logs/service.ts'
import type { LoadStack } from './stack/compose/project.ts'
import { createStackFiles } from './stack/files/stackFiles.ts'
import { createVersions } from './stack/files/versions.ts'
import { createStackForm } from './stack/form/service.ts'
import { createOpener } from './stack/known.ts'
import { findProcess } from './stack/plan/portHolder.ts'
import type { SelectionStore } from './stack/selection.ts'
import { createStack } from './stack/service.ts'

interface Dependencies {
  docker: DockerEngine
  appDb: AppDb
  jobs: Jobs
  secrets: Secrets
  environment: Pick<Environment, 'id' | 'kind'>
  /** The data folder. */
  home: string
  load: LoadStack
  selection: SelectionStore
}

/** Composes what an environment has to do with Docker: its stack, the containers, their logs, files and checkpoints. */
export function createStackServices({
  docker,
  appDb,
  jobs,
  secrets,
  environment,
  home,
  load,
  selection,
}: Dependencies) {
  const environmentId = environment.id
  const versions = createVersions(appDb, secrets)
  const stack = createStack({
    engine: docker,
    load,
    selection,
    jobs,
    environmentId,
    isLocal: environment.kind === 'local',
    keepVersion: versions.keep,
    oldComposeHashes,
  })
  const ownProject = async () => (await stack.get({}, {}).catch(() => undefined))?.project ?? 'atlas'
  const containers = createContainers({
    engine: docker,
    jobs,
    environmentId,
    ownProject,
    listModel: async (project) => modelOf(await stack.get({ project }, {})),
    onPostgres: async (where, work) => {
      const once = openPostgres(async () => where, {
        applicationName: 'Atlas Desktop stack',
        maxConnections: 1,
        connectTimeoutMs: 3000,
      })
      try {
        return await work(once)
      } finally {
        await once.close()
      }
    },
    askRedis: async (url) => {
      const once = openRedis(() => url)
      try {
        return { version: (await once.ping()).version, isLoading: await once.isLoading() }
      } finally {
        await once.close()
      }
    },
    findProcess,
  })
  const logs = createLogs({
    holdContainers: containers.holdForLogs,
    openLog: openLogWith(docker),
    folder: logFolderOf(home, environmentId),
  })

  const files = createStackFiles({
    versions,
    locate: (project) => stack.get(project ? { project } : {}, {}),
  })
  /** Whoever watches the containers sees what a call that wrote a file changed. */
  const thenRead =
    <Arguments extends unknown[], Answer>(call: (...args: Arguments) => Promise<Answer>) =>
    async (...args: Arguments): Promise<Answer> => {
      const answer = await call(...args)
      containers.readModelsAgain()
      return answer
    }

  return {
    services: {
      checkpoints: createCheckpoints({
        engine: docker,
        jobs,
        environmentId,
        ownProject,
        folder: join(home, 'checkpoints'),
      }),
      containers,
      containerFiles: createContainerFiles(docker),
      containerShell: createContainerShell(docker, { isProduction: environment.kind === 'production' }),
      logs,
      volumes: createVolumes({ engine: docker, jobs, environmentId, folder: join(home, 'volumes') }),
      stack: { ...stack, fix: thenRead(stack.fix) },
      stackForm: createStackForm({ open: createOpener({ engine: docker, load, selection }) }),
      stackFiles: { ...files, save: thenRead(files.save) },
    },
    close: async () => {
      await logs.close()
      await containers.close()
    },
  }
}
