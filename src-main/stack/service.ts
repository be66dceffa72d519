import type { DockerEngine } from '../adapters/docker.ts'
import type { ServiceOf } from '../contract.ts'
import { AtlasError } from '../errors.ts'
import { toContainer } from './containers.ts'
import type { stackContract } from './contract.ts'
import { describeEngine } from './engine.ts'
import { label } from './labels.ts'

interface Dependencies {
  engine: DockerEngine
}

/** Compose stacks on the engine of this machine. */
export function createStack({ engine }: Dependencies): ServiceOf<typeof stackContract> {
  const unsupported = async (): Promise<never> => {
    throw new AtlasError('UNSUPPORTED', 'The stack cannot be changed yet', { saved: 'Nothing was changed.' })
  }
  return {
    engine: () => describeEngine(engine),
    projects: () =>
      engine.call('projects', async (docker) => {
        const listed = await docker.listContainers({ all: true, filters: { label: [label.project] } })
        const projects = Map.groupBy(listed, ({ Labels }) => Labels[label.project] ?? '')
        return [...projects].sort().map(([project, infos]) => {
          const containers = infos.map(toContainer).filter(({ isOneOff }) => !isOneOff)
          const labels = infos[0]?.Labels ?? {}
          return {
            project,
            folder: labels[label.workingDir] ?? '',
            files: labels[label.configFiles]?.split(',') ?? [],
            running: containers.filter(({ state }) => state === 'running').length,
            total: containers.length,
          }
        })
      }),
    select: unsupported,
    get: unsupported,
    config: unsupported,
    check: unsupported,
    plan: unsupported,
    doctor: unsupported,
    fix: unsupported,
    drift: unsupported,
    up: unsupported,
    down: unsupported,
    start: unsupported,
    stop: unsupported,
    restart: unsupported,
    pull: unsupported,
    build: unsupported,
    removeVolumes: unsupported,
  }
}
