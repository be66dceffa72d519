import type Docker from 'dockerode'
import type { ComposeModel, ServiceModel } from '../compose/model.ts'
import { label } from './labels.ts'

/** What the engine has of a project, read in a constant number of calls (one an image). */
export interface Snapshot {
  containers: Docker.ContainerInfo[]
  /** Every network and volume of the engine by name: external ones are looked for among them. */
  networks: Map<string, Docker.NetworkInspectInfo>
  volumes: Map<string, Docker.VolumeInspectInfo>
  /** By the name that the files give; absent where the engine does not have it. */
  images: Map<string, Docker.ImageInspectInfo>
  /** Ids of containers whose hash is foreign and which are nevertheless what the files say. */
  adopted: Set<string>
}

export async function readSnapshot(docker: Docker, model: ComposeModel): Promise<Snapshot> {
  const names = [
    ...new Set(Object.entries(model.services).map(([key, service]) => imageOf(model, key, service))),
  ]
  const [containers, networks, { Volumes: volumes }, images] = await Promise.all([
    listProject(docker, model.name),
    docker.listNetworks(),
    docker.listVolumes(),
    Promise.all(names.map(async (name) => [name, await inspectImage(docker, name)] as const)),
  ])
  return {
    containers,
    networks: new Map(networks.map((network) => [network.Name, network])),
    volumes: new Map((volumes ?? []).map((volume) => [volume.Name, volume])),
    images: new Map(images.flatMap(([name, image]) => (image ? [[name, image]] : []))),
    adopted: new Set(),
  }
}

/** Every container of a project, one-offs too. */
export function listProject(docker: Docker, project: string): Promise<Docker.ContainerInfo[]> {
  return docker.listContainers({ all: true, filters: { label: [`${label.project}=${project}`] } })
}

/** The image of a service: what it names, or the name that compose gives what it builds. */
export function imageOf({ name }: ComposeModel, key: string, service: ServiceModel): string {
  return service.image ?? `${name}-${key}`
}

/** Resolves to undefined where the engine does not have the image. */
export async function inspectImage(
  docker: Docker,
  name: string,
): Promise<Docker.ImageInspectInfo | undefined> {
  try {
    return await docker.getImage(name).inspect()
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined
    throw error
  }
}
