import { hashService } from '../compose/hash.ts'
import type { ComposeModel, ServiceModel } from '../compose/model.ts'
import type { LoadedStack } from '../compose/project.ts'
import { label } from './labels.ts'

/** The release of compose whose algorithm, labels and hashes these are. */
export const composeVersion = '2.40.3'

export function containerName(
  model: ComposeModel,
  key: string,
  service: ServiceModel,
  number: number,
): string {
  return service.container_name ?? `${model.name}-${key}-${number}`
}

/** The labels of a container: the user's, then compose's, which win, then Atlas's own. */
export function containerLabels(
  stack: Pick<LoadedStack, 'project' | 'folder' | 'files'>,
  key: string,
  service: ServiceModel,
  number: number,
  facts: { imageId: string; configHash?: string | undefined },
): Record<string, string> {
  const own = hashService(service)
  return {
    ...service.labels,
    [label.project]: stack.project,
    [label.service]: key,
    [label.number]: String(number),
    [label.oneoff]: 'False',
    [label.configHash]: facts.configHash ?? own,
    [label.dependsOn]: Object.entries(service.depends_on ?? {})
      .map(([name, { condition, restart }]) => `${name}:${condition}:${restart ?? false}`)
      .join(','),
    [label.image]: facts.imageId,
    [label.workingDir]: stack.folder,
    [label.configFiles]: stack.files.join(','),
    [label.version]: composeVersion,
    [label.specHash]: own,
  }
}
