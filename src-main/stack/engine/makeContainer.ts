import type Docker from 'dockerode'
import { type Pack, pack } from 'tar-stream'
import { AtlasError } from '../../errors.ts'
import type { ComposeModel, ServiceModel } from '../compose/model.ts'
import { stopContainer } from './stop.ts'
import { type TranslationContext, translateService } from './translate.ts'
import { fileReferences } from './translateMounts.ts'

/** Makes a container with its networks and the secrets that no file holds, and does not start it. Answers with its id. */
export async function makeContainer(
  docker: Docker,
  key: string,
  service: ServiceModel,
  context: TranslationContext,
  variables: Record<string, string>,
  name = context.name,
): Promise<string> {
  const { options, otherNetworks } = translateService(key, service, context)
  const container = await docker.createContainer({ ...options, name })
  try {
    for (const { name: network, endpoint } of otherNetworks)
      await docker.getNetwork(network).connect({ Container: container.id, EndpointConfig: endpoint })
    const archive = contentsOf(service, context.model, variables)
    if (archive) await container.putArchive(archive as unknown as NodeJS.ReadableStream, { path: '/' })
  } catch (error) {
    // A container with half of its networks would look finished to the next `up`.
    await container.remove({ force: true, v: true }).catch(() => {})
    throw error
  }
  return container.id
}

/**
 * Puts a new container in the place of one: makes it beside the old one with the old one's anonymous volumes, stops and
 * removes that, and takes its name. Named volumes stay. When making fails, the old one was not touched.
 */
export async function replaceContainer(
  docker: Docker,
  key: string,
  service: ServiceModel,
  context: TranslationContext,
  old: Docker.ContainerInfo,
  variables: Record<string, string>,
  image: Docker.ImageInspectInfo | undefined,
): Promise<string> {
  const anonymous = new Set([
    ...Object.keys(image?.Config.Volumes ?? {}),
    ...(service.volumes ?? [])
      .filter(({ type, source }) => type === 'volume' && !source)
      .map(({ target }) => target),
  ])
  const named = new Set((service.volumes ?? []).filter(({ source }) => source).map(({ target }) => target))
  const inherited = Object.fromEntries(
    old.Mounts.flatMap(({ Type, Name, Destination }) =>
      Type === 'volume' && Name && anonymous.has(Destination) && !named.has(Destination)
        ? [[Destination, Name]]
        : [],
    ),
  )
  const interim = `${old.Id.slice(0, 12)}_${context.name}`
  const id = await makeContainer(docker, key, service, { ...context, inherited }, variables, interim)
  const previous = docker.getContainer(old.Id)
  await stopContainer(previous)
  await previous.remove({ force: true })
  await docker.getContainer(id).rename({ name: context.name })
  return id
}

/** Secrets and configs whose content is a variable or stands in the file, as an archive to unpack at the root. */
function contentsOf(
  service: ServiceModel,
  model: ComposeModel,
  variables: Record<string, string>,
): Pack | undefined {
  const archive = pack()
  let isEmpty = true
  for (const { source, target, uid, gid, mode } of fileReferences(service)) {
    const object = model.secrets[source] ?? model.configs[source]
    if (!object || object.file) continue
    const content = object.content ?? variables[object.environment ?? '']
    if (content === undefined)
      throw new AtlasError('COMPOSE_INVALID', `The variable ${object.environment} of ${source} is not set`, {
        object: source,
        saved: 'The container was not made.',
        next: `Set ${object.environment} in .env.`,
      })
    archive.entry({ name: target.slice(1), uid, gid, mode }, content)
    isEmpty = false
  }
  archive.finalize()
  return isEmpty ? undefined : archive
}
