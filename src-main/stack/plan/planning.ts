import type Docker from 'dockerode'
import { hashService } from '../compose/hash.ts'
import { startOrder } from '../compose/order.ts'
import { type LoadedStack, modelOf } from '../compose/project.ts'
import { containerLabels, containerName } from '../engine/containerNames.ts'
import { label } from '../engine/labels.ts'
import { imageOf, readSnapshot, type Snapshot } from '../engine/snapshot.ts'
import { translateService } from '../engine/translate.ts'
import type { Drift } from '../planContract.ts'
import { compareContainer, type FieldChange } from './drift.ts'
import { namedVolumes, numberOf } from './plan.ts'

/** What the files would make, beside what is there. */
export interface Comparison {
  snapshot: Snapshot
  /** By container id: what differs, for containers whose hash is not the files'. Empty: only the hash differs. */
  changes: Map<string, FieldChange[]>
}

/**
 * Reads the engine and compares, field by field, each container whose hash says that it changed. Compose's older
 * versions hash differently: a container of theirs that is the same in every field counts as up to date.
 */
export async function compareStack(docker: Docker, stack: LoadedStack): Promise<Comparison> {
  const model = modelOf(stack)
  const snapshot = await readSnapshot(docker, model)
  const changes = new Map<string, FieldChange[]>()
  const differing = snapshot.containers.filter(({ Labels }) => {
    const service = model.services[Labels[label.service] ?? '']
    return service && (Labels[label.specHash] ?? Labels[label.configHash]) !== hashService(service)
  })
  await Promise.all(
    differing.map(async (container) => {
      const found = await compareOne(
        docker,
        stack,
        container.Labels[label.service] ?? '',
        container,
        snapshot,
      )
      changes.set(container.Id, found)
      if (!(label.specHash in container.Labels) && found.length === 0) snapshot.adopted.add(container.Id)
    }),
  )
  return { snapshot, changes }
}

function imageNameOf(stack: LoadedStack, key: string): string {
  const model = modelOf(stack)
  const service = model.services[key]
  return service ? imageOf(model, key, service) : ''
}

function wantedOf(stack: LoadedStack, key: string, container: Docker.ContainerInfo, snapshot: Snapshot) {
  const model = modelOf(stack)
  const service = model.services[key]
  if (!service) throw new Error(`No service ${key}`)
  const number = numberOf(container)
  return translateService(key, service, {
    model,
    folder: stack.folder,
    name: containerName(model, key, service, number),
    image: imageOf(model, key, service),
    labels: containerLabels(stack, key, service, number, { imageId: '' }),
    containerOf: (other) =>
      snapshot.containers.find(({ Labels }) => Labels[label.service] === other)?.Id ?? other,
  })
}

/** File against container, field by field; of several containers of a service the first that differs. */
export async function describeDrift(
  docker: Docker,
  stack: LoadedStack,
  services: string[] | undefined,
): Promise<Drift[]> {
  const model = modelOf(stack)
  const snapshot = await readSnapshot(docker, model)
  const names = services?.length ? services : startOrder(model)
  // An orphan has no file that it could differ from.
  const known = names.filter((key) => Object.hasOwn(model.services, key))
  return Promise.all(
    known.map(async (key): Promise<Drift> => {
      const own = snapshot.containers.filter(
        ({ Labels }) => Labels[label.service] === key && Labels[label.oneoff] !== 'True',
      )
      const keptVolumes = namedVolumes(model, key)
      if (own.length === 0) return { service: key, status: 'absent', changes: [], keptVolumes }
      const compared = await Promise.all(
        own.map((container) => compareOne(docker, stack, key, container, snapshot)),
      )
      const changes = compared.find((found) => found.length > 0) ?? []
      return { service: key, status: changes.length > 0 ? 'changed' : 'same', changes, keptVolumes }
    }),
  )
}

async function compareOne(
  docker: Docker,
  stack: LoadedStack,
  key: string,
  container: Docker.ContainerInfo,
  snapshot: Snapshot,
): Promise<FieldChange[]> {
  const image = snapshot.images.get(imageNameOf(stack, key))
  const found = await docker.getContainer(container.Id).inspect()
  const changes = compareContainer(wantedOf(stack, key, container, snapshot), found, image)
  const isOtherImage = image !== undefined && image.Id !== container.ImageID
  return isOtherImage && !changes.some(({ field }) => field === 'image')
    ? [{ field: 'image', before: short(container.ImageID), after: short(image.Id) }, ...changes]
    : changes
}

const short = (id: string) => id.replace('sha256:', '').slice(0, 12)
