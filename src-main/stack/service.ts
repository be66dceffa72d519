import { dirname } from 'node:path'
import type { DockerEngine } from '../adapters/docker.ts'
import type { ServiceOf } from '../contract.ts'
import { AtlasError } from '../errors.ts'
import { printable, printYaml } from './configText.ts'
import { listContainers, toContainer } from './containers.ts'
import type { Selection, stackContract } from './contract.ts'
import { describeEngine } from './engine.ts'
import { label } from './labels.ts'
import { type LoadedStack, type LoadOptions, type LoadStack, modelOf } from './project.ts'
import type { SelectionStore } from './selection.ts'
import { describeResources, describeServices } from './states.ts'

interface Dependencies {
  engine: DockerEngine
  load: LoadStack
  selection: SelectionStore
}

/** Compose stacks on the engine of this machine. */
export function createStack({ engine, load, selection }: Dependencies): ServiceOf<typeof stackContract> {
  const unsupported = async (): Promise<never> => {
    throw new AtlasError('UNSUPPORTED', 'The stack cannot be changed yet', { saved: 'Nothing was changed.' })
  }
  const open = (input: Selection, options?: LoadOptions): LoadedStack =>
    load(resolveSelection(input, selection), options)

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
    select: async (input) => {
      load(input)
      selection.set(input)
      return input
    },
    get: async (input) => {
      const stack = open(input)
      const report = await describeEngine(engine)
      const containers =
        report.status === 'ready'
          ? await engine.call(stack.project, (docker) => listContainers(docker, stack.project))
          : []
      return {
        project: stack.project,
        folder: stack.folder,
        files: stack.files,
        envFiles: stack.envFiles,
        profiles: stack.profiles.map((name) => ({
          name,
          isOn: stack.activeProfiles.includes(name) || stack.activeProfiles.includes('*'),
        })),
        problems: stack.problems,
        services: describeServices(stack, containers),
        networks: describeResources(stack.model?.networks ?? {}),
        volumes: describeResources(stack.model?.volumes ?? {}),
        engine: report,
      }
    },
    config: async (input) => {
      const model = modelOf(open(input))
      return { yaml: printYaml(model), model: printable(model) }
    },
    check: async ({ path, text, ...input }) => open(input, { texts: { [path]: text } }).problems,
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

/** A selection that names no files means the stored one; what it does name wins. */
function resolveSelection(input: Selection, store: SelectionStore): Selection {
  if (input.files?.length || input.folder) return input
  const stored = store.get()
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
  return {
    ...stored,
    ...given,
    folder: stored.folder ?? (stored.files?.[0] ? dirname(stored.files[0]) : undefined),
  }
}
