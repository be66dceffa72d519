import { existsSync } from 'node:fs'
import type { DockerEngine } from '../adapters/docker.ts'
import { AtlasError } from '../errors.ts'
import type { LoadedStack, LoadOptions, LoadStack } from './compose/project.ts'
import type { Selection } from './contract.ts'
import { label } from './engine/labels.ts'
import { listProject } from './engine/snapshot.ts'
import { resolveSelection, type SelectionStore } from './selection.ts'

/** Opens the stack that a call means. */
export type OpenStack = (input: Selection, options?: LoadOptions) => Promise<LoadedStack>

/** The stack of the files that a selection means; of a project that was started elsewhere, what its containers say. */
export function createOpener({
  engine,
  load,
  selection,
}: {
  engine: DockerEngine
  load: LoadStack
  selection: SelectionStore
}): OpenStack {
  return async (input, options) => {
    const isByName = input.project !== undefined && !input.files?.length && input.folder === undefined
    const own = isByName ? selection.get() : undefined
    if (own && input.project !== projectNameOf(load, own)) {
      const found = await openByLabels(engine, load, input, options)
      if (found) return found
    }
    return load(resolveSelection(input, selection), options)
  }
}

/** The name of the project that a selection means; undefined where its files cannot be found. */
function projectNameOf(load: LoadStack, selection: Selection): string | undefined {
  try {
    return load(selection).project
  } catch (error) {
    if (error instanceof AtlasError) return undefined
    throw error
  }
}

/**
 * A project that was started elsewhere, from what its containers' labels say: its files, where they are still there, with
 * the profiles of the services that it has. Undefined where the engine has no container of it.
 */
async function openByLabels(
  engine: DockerEngine,
  load: LoadStack,
  input: Selection,
  options: LoadOptions = {},
): Promise<LoadedStack | undefined> {
  const project = input.project ?? ''
  const containers = await engine.call(project, (docker) => listProject(docker, project))
  const labels = containers.find(({ Labels }) => Labels[label.configFiles])?.Labels
  if (!labels) return undefined
  const folder = labels[label.workingDir] ?? ''
  const files = labels[label.configFiles]?.split(',') ?? []
  if (files.every((file) => existsSync(file))) {
    const services = containers.map(({ Labels }) => Labels[label.service] ?? '')
    return load(
      { ...input, files, folder },
      { ...options, services: [...services, ...(options.services ?? [])] },
    )
  }
  return {
    project,
    folder,
    files: [],
    envFiles: [],
    variables: {},
    origins: {},
    activeProfiles: [],
    profiles: [],
    model: undefined,
    disabled: {},
    problems: [],
  }
}
