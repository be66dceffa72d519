import type Docker from 'dockerode'
import type { StackContainer } from '../contract.ts'
import { label } from './labels.ts'

/** The containers of one project, or of all of them: one call of the Engine API, and one more for each that was killed. */
export async function listContainers(docker: Docker, project?: string): Promise<StackContainer[]> {
  const filter = project === undefined ? label.project : `${label.project}=${project}`
  const listed = await docker.listContainers({ all: true, filters: { label: [filter] } })
  const containers = await Promise.all(listed.map(toContainer).map((one) => withMemoryFault(docker, one)))
  return containers.sort((a, b) => a.service.localeCompare(b.service) || a.number - b.number)
}

/** A list does not say why a container was killed: of those that were, each is asked. */
async function withMemoryFault(docker: Docker, container: StackContainer): Promise<StackContainer> {
  if (container.exitCode !== 137 || container.state === 'running') return container
  try {
    const { State } = await docker.getContainer(container.id).inspect()
    return { ...container, isOutOfMemory: State.OOMKilled }
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return container
    throw error
  }
}

export function toContainer(info: Docker.ContainerInfo): StackContainer {
  const labels = info.Labels
  const ports = new Map(
    info.Ports.filter(({ PublicPort }) => PublicPort !== undefined).map((port) => [
      `${port.IP} ${port.PublicPort} ${port.PrivatePort}/${port.Type}`,
      {
        hostIp: port.IP ?? '',
        hostPort: port.PublicPort ?? null,
        containerPort: port.PrivatePort,
        protocol: port.Type,
      },
    ]),
  )
  return {
    id: info.Id,
    name: info.Names[0]?.replace(/^\//, '') ?? info.Id.slice(0, 12),
    service: labels[label.service] ?? '',
    number: Number(labels[label.number] ?? 1),
    isOneOff: labels[label.oneoff] === 'True',
    state: info.State as StackContainer['state'],
    health: healthOf(info.Status),
    exitCode: exitCodeOf(info.Status),
    isOutOfMemory: false,
    status: info.Status,
    image: info.Image,
    imageId: info.ImageID,
    createdAt: new Date(info.Created * 1000),
    ports: [...ports.values()],
    volumes: info.Mounts.flatMap((mount) => (mount.Type === 'volume' && mount.Name ? [mount.Name] : [])),
    networks: Object.keys(info.NetworkSettings?.Networks ?? {}),
    isOurs: label.specHash in labels,
  }
}

/** A list says the health only in the words of its status: `Up 2 minutes (health: starting)`. */
function healthOf(status: string): StackContainer['health'] {
  const word = /\((?:health: )?(starting|healthy|unhealthy)\)/.exec(status)?.[1]
  return (word as StackContainer['health'] | undefined) ?? 'none'
}

function exitCodeOf(status: string): number | null {
  const code = /^(?:Exited|Restarting) \((\d+)\)/.exec(status)?.[1]
  return code === undefined ? null : Number(code)
}
