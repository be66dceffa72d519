import type Docker from 'dockerode'
import { AtlasError } from '../../errors.ts'
import { type Engine, eachOf, helperLabels, label, modifiedAt, ofProject, shortName } from '../own.ts'

/** A container of another image among a container's processes and on its network. */
export interface Sidecar {
  id: string
  close(): Promise<void>
}

/** Images whose names promise a shell and tools. */
const toolImages = /(^|\/)(netshoot|busybox|alpine|debian|ubuntu):/

/**
 * Images of this engine that a debug shell can come from: those of the project whose containers have a shell, the target's
 * own left out, then images that are made of tools. The first is the one to offer.
 */
export async function listDebugImages(
  engine: Engine,
  target: Docker.ContainerInspectInfo,
): Promise<string[]> {
  const project = target.Config.Labels[label.project] ?? ''
  const { containers, images } = await engine.call(project, async (docker) => ({
    containers: await docker.listContainers({ all: true, filters: ofProject(project) }),
    images: await docker.listImages(),
  }))
  const others = new Map(
    containers.filter(({ ImageID }) => ImageID !== target.Image).map(({ Image, Id }) => [Image, Id]),
  )
  const withShell = new Set<string>()
  await eachOf([...others], async ([image, id]) => {
    const hasShell = await modifiedAt(engine, id, '/bin/sh').then(
      () => true,
      () => false,
    )
    if (hasShell) withShell.add(image)
  })
  const own = [...others.keys()].filter((image) => withShell.has(image)).sort()
  const tools = images.flatMap(({ RepoTags }) => RepoTags ?? []).filter((tag) => toolImages.test(tag))
  return [...new Set([...own, ...tools.sort()])]
}

/**
 * Starts a container of an image that is on this engine beside another: it sees that one's processes (its files below
 * `/proc/1/root`) and its network, and gets no right that a container has not anyway. It belongs to no project, ends with
 * the one beside it, and ends and goes when `close` is called or Atlas itself is gone. Throws `IMAGE_NOT_FOUND`, or
 * `UNSUPPORTED` where the image has no shell.
 */
export async function openSidecar(
  engine: Engine,
  target: Docker.ContainerInspectInfo,
  image: string,
): Promise<Sidecar> {
  return engine.call(image, async (docker) => {
    const beside = `container:${target.Id}`
    const container = await docker.createContainer({
      Image: image,
      User: '0',
      // It lasts as long as its input is held open, which the engine closes when the connection is lost.
      Entrypoint: ['sh', '-c', 'read -r held'],
      Cmd: [],
      OpenStdin: true,
      StdinOnce: true,
      AttachStdin: true,
      Healthcheck: { Test: ['NONE'] },
      Labels: await helperLabels(docker, image, target.Config.Labels[label.project] ?? '', 'debug-shell'),
      HostConfig: {
        AutoRemove: true,
        PidMode: beside,
        NetworkMode: beside,
        LogConfig: { Type: 'none', Config: {} },
      },
    })
    const remove = () => container.remove({ force: true, v: true }).catch(() => {})
    try {
      const held = await container.attach({ stream: true, stdin: true, hijack: true })
      held.on('error', () => {})
      await container.start()
      return {
        id: container.id,
        close: async () => {
          held.end()
          await remove()
        },
      }
    } catch (error) {
      await remove()
      if (!isWithoutShell((error as Error).message)) throw error
      throw new AtlasError('UNSUPPORTED', 'This image has no shell either', {
        object: image,
        saved: `Nothing was left beside ${shortName(target.Name)}.`,
        next: 'Name another image of this engine, such as busybox.',
      })
    }
  })
}

/** What the engine says where `sh` is not in an image. */
export const isWithoutShell = (text: string) => /exec: "sh": executable file not found/.test(text)
