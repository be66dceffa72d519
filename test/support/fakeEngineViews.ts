import { randomBytes } from 'node:crypto'

/** A container as the fake engine keeps it: what it was made from, and how it is. */
export interface FakeContainer {
  id: string
  name: string
  labels: Record<string, string>
  state: 'created' | 'running' | 'paused' | 'exited'
  exitCode: number
  image: string
  hostConfig: Record<string, unknown>
}

export interface Named {
  id: string
  labels: Record<string, string>
}

export const compose = {
  project: 'com.docker.compose.project',
  service: 'com.docker.compose.service',
  number: 'com.docker.compose.container-number',
  oneOff: 'com.docker.compose.oneoff',
  hash: 'com.docker.compose.config-hash',
} as const

export const startedAt = new Date(Date.now() - 60_000).toISOString()
export const imageId = `sha256:${'e'.repeat(64)}`

export const newId = () => randomBytes(32).toString('hex')

/** A container of a compose project, with the labels that compose writes. */
export function composeContainer(
  project: string,
  service: string,
  rest: Partial<FakeContainer> = {},
): FakeContainer {
  return {
    id: newId(),
    name: `${project}-${service}-1`,
    labels: {
      [compose.project]: project,
      [compose.service]: service,
      [compose.number]: '1',
      [compose.oneOff]: 'False',
      [compose.hash]: 'made-elsewhere',
    },
    state: 'running',
    exitCode: 0,
    image: 'app:1',
    hostConfig: {},
    ...rest,
  }
}

export const volumeOf = ([Name, { labels }]: [string, Named]) => ({
  Name,
  Driver: 'local',
  Labels: labels,
  CreatedAt: startedAt,
})

function mountsOf({ hostConfig }: FakeContainer) {
  return ((hostConfig.Binds ?? []) as string[]).map((bind) => {
    const [Name = '', Destination = ''] = bind.split(':')
    return { Type: 'volume', Name, Source: `/volumes/${Name}`, Destination, RW: true }
  })
}

export const listed = (container: FakeContainer) => ({
  Id: container.id,
  Names: [`/${container.name}`],
  Image: container.image,
  ImageID: imageId,
  Labels: container.labels,
  State: container.state,
  Status: container.state === 'exited' ? `Exited (${container.exitCode}) 1 minute ago` : 'Up 1 minute',
  Mounts: mountsOf(container),
  Ports: [],
  Created: Date.parse(startedAt) / 1000,
})

export const inspected = (container: FakeContainer) => ({
  Id: container.id,
  Name: `/${container.name}`,
  Created: startedAt,
  RestartCount: 0,
  State: {
    Status: container.state,
    Running: container.state === 'running' || container.state === 'paused',
    Paused: container.state === 'paused',
    ExitCode: container.exitCode,
    Error: '',
    OOMKilled: false,
    StartedAt: startedAt,
    FinishedAt: container.state === 'exited' ? new Date().toISOString() : '0001-01-01T00:00:00Z',
  },
  Image: imageId,
  Config: { Image: container.image, Env: [], Cmd: ['run'], Labels: container.labels, Tty: false },
  HostConfig: { Memory: 0, PortBindings: {}, ...container.hostConfig },
  NetworkSettings: { Ports: {}, Networks: {} },
  Mounts: mountsOf(container),
})
