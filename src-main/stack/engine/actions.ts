import type Docker from 'dockerode'
import { AtlasError } from '../../errors.ts'
import type { JobControl } from '../../jobs/contract.ts'
import { label } from './labels.ts'
import { listProject } from './snapshot.ts'
import { stopContainer } from './stop.ts'

/** What is done to the containers of a project that are there, whoever made them: only their labels are asked. */

interface Target {
  project: string
  /** All where none is named. */
  services?: string[] | undefined
}

export async function stopServices(
  docker: Docker,
  target: Target & { timeoutSeconds?: number | undefined },
  job: JobControl,
): Promise<string> {
  const levels = levelsOf(await findContainers(docker, target)).reverse()
  const count = await eachLevel(levels, job, 'Stopping', async (container) => {
    if (container.State === 'running' || container.State === 'restarting' || container.State === 'paused')
      await stopContainer(docker.getContainer(container.Id), target.timeoutSeconds)
  })
  return `${count} stopped`
}

export async function startServices(docker: Docker, target: Target, job: JobControl): Promise<string> {
  const found = await findContainers(docker, target)
  if (found.length === 0) throw nothingThere(target.project)
  const count = await eachLevel(levelsOf(found), job, 'Starting', async ({ Id, State }) => {
    const container = docker.getContainer(Id)
    if (State === 'paused') await container.unpause()
    else if (State !== 'running') await container.start()
  })
  return `${count} started`
}

export async function restartServices(
  docker: Docker,
  target: Target & { timeoutSeconds?: number | undefined },
  job: JobControl,
): Promise<string> {
  const all = await findContainers(docker, { project: target.project })
  const named = new Set(target.services?.length ? target.services : all.map(serviceOf))
  // A service that asks for it is restarted with the one that it waits for.
  const found = all.filter(
    (container) =>
      named.has(serviceOf(container)) ||
      dependenciesOf(container).some(({ service, restart }) => restart && named.has(service)),
  )
  if (found.length === 0) throw nothingThere(target.project)
  const count = await eachLevel(levelsOf(found), job, 'Restarting', async ({ Id, Labels: _labels }) => {
    // Podman kills at once without a time.
    const { Config } = await docker.getContainer(Id).inspect()
    const grace = (Config as { StopTimeout?: number }).StopTimeout ?? 10
    await docker.getContainer(Id).restart({ t: target.timeoutSeconds ?? grace })
  })
  return `${count} restarted`
}

/** Stops and removes the containers, then the networks; then the volumes that were named. */
export async function takeDown(
  docker: Docker,
  target: Target & {
    /** Services of the files; containers of others are orphans. Undefined: everything is the project's own. */
    known: string[] | undefined
    shouldRemoveOrphans: boolean
    volumes: string[]
    timeoutSeconds?: number | undefined
  },
  job: JobControl,
): Promise<string> {
  await checkVolumes(docker, target.project, target.volumes)
  const all = await listProject(docker, target.project)
  const isOwn = ({ Labels }: Docker.ContainerInfo) =>
    Labels[label.oneoff] !== 'True' && (!target.known || target.known.includes(Labels[label.service] ?? ''))
  const gone = target.shouldRemoveOrphans ? all : all.filter(isOwn)
  const containers = await eachLevel(levelsOf(gone).reverse(), job, 'Removing', async ({ Id, State }) => {
    const container = docker.getContainer(Id)
    if (State === 'running' || State === 'restarting' || State === 'paused')
      await stopContainer(container, target.timeoutSeconds)
    await container.remove({ force: true }).catch(ignoreGone)
  })
  const networks = await docker.listNetworks({ filters: { label: [`${label.project}=${target.project}`] } })
  const kept: string[] = []
  for (const { Id, Name } of networks) {
    job.report({ detail: `Removing the network ${Name}` })
    try {
      await docker.getNetwork(Id).remove()
    } catch (error) {
      const { statusCode } = error as { statusCode?: number }
      if (statusCode === 403 || statusCode === 409) kept.push(Name)
      else ignoreGone(error)
    }
  }
  const volumes = await removeVolumes(docker, target.project, target.volumes, job)
  const left = all.length - gone.length
  return [
    `${containers} containers and ${networks.length - kept.length} networks removed`,
    volumes > 0 && `${volumes} volumes removed`,
    left > 0 && `${left} containers of other services left`,
    kept.length > 0 && `${kept.join(', ')} still in use`,
  ]
    .filter(Boolean)
    .join('; ')
}

/** Removes volumes of a project, with everything in them. Throws `CONFLICT` for one of another project or in use; then none is removed. */
export async function removeVolumes(
  docker: Docker,
  project: string,
  names: string[],
  job: JobControl,
): Promise<number> {
  await checkVolumes(docker, project, names)
  for (const name of names) {
    const [user] = await docker.listContainers({ all: true, filters: { volume: [name] } })
    if (user)
      throw new AtlasError('CONFLICT', `The volume ${name} is in use`, {
        object: name,
        detail: `The container ${user.Names[0]?.slice(1)} uses it.`,
        saved: 'No volume was removed.',
        next: 'Take the stack down first.',
      })
  }
  for (const name of names) {
    job.report({ detail: `Removing the volume ${name}` })
    await docker.getVolume(name).remove()
  }
  return names.length
}

async function checkVolumes(docker: Docker, project: string, names: string[]) {
  for (const name of names) {
    const { Labels } = await docker.getVolume(name).inspect()
    if (Labels?.[label.project] !== project)
      throw new AtlasError('CONFLICT', `The volume ${name} is not one of this project`, {
        object: name,
        saved: 'Nothing was removed.',
        next: 'Atlas removes only what carries the label of the project; remove others with docker volume rm.',
      })
  }
}

async function findContainers(
  docker: Docker,
  { project, services }: Target,
): Promise<Docker.ContainerInfo[]> {
  const found = await listProject(docker, project)
  const own = found.filter(({ Labels }) => Labels[label.oneoff] !== 'True')
  const missing = services?.find((name) => !own.some((container) => serviceOf(container) === name))
  if (missing)
    throw new AtlasError('NOT_FOUND', `${missing} has no container`, {
      object: missing,
      saved: 'Nothing was changed.',
      next: 'Bring it up first.',
    })
  return services?.length ? own.filter((container) => services.includes(serviceOf(container))) : own
}

const serviceOf = ({ Labels }: Docker.ContainerInfo) => Labels[label.service] ?? ''

/** The order that a container was made with: `db:service_healthy:false`. Older composes write the names alone. */
function dependenciesOf({ Labels }: Docker.ContainerInfo): { service: string; restart: boolean }[] {
  return (Labels[label.dependsOn] ?? '')
    .split(',')
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [service = '', , restart] = entry.split(':')
      return { service, restart: restart === 'true' }
    })
}

/** Containers in groups: each group waits for none but earlier ones. */
function levelsOf(containers: Docker.ContainerInfo[]): Docker.ContainerInfo[][] {
  const byService = Map.groupBy(containers, serviceOf)
  const depth = new Map<string, number>()
  const depthOf = (service: string, path: string[]): number => {
    const known = depth.get(service)
    if (known !== undefined) return known
    const others = (byService.get(service) ?? [])
      .flatMap(dependenciesOf)
      .map((dependency) => dependency.service)
      .filter((name) => byService.has(name) && !path.includes(name))
    const own = Math.max(-1, ...others.map((name) => depthOf(name, [...path, service]))) + 1
    depth.set(service, own)
    return own
  }
  const levels: Docker.ContainerInfo[][] = []
  for (const [service, found] of byService) {
    const level = depthOf(service, [])
    levels[level] = [...(levels[level] ?? []), ...found]
  }
  return levels.filter((level) => level !== undefined)
}

async function eachLevel(
  levels: Docker.ContainerInfo[][],
  job: JobControl,
  verb: string,
  act: (container: Docker.ContainerInfo) => Promise<void>,
): Promise<number> {
  const total = levels.flat().length
  let done = 0
  for (const level of levels) {
    job.signal.throwIfAborted()
    job.report({ detail: `${verb} ${[...new Set(level.map(serviceOf))].join(', ')}`, progress: done / total })
    await Promise.all(level.map(act))
    done += level.length
  }
  return total
}

function ignoreGone(error: unknown) {
  if ((error as { statusCode?: number }).statusCode !== 404) throw error
}

function nothingThere(project: string): AtlasError {
  return new AtlasError('NOT_FOUND', 'The stack has no containers', {
    object: project,
    saved: 'Nothing was changed.',
    next: 'Bring it up first.',
  })
}
