import type Docker from 'dockerode'
import type { JobControl } from '../../jobs/contract.ts'
import type { ComposeModel } from '../compose/model.ts'
import { withDependencies } from '../compose/order.ts'
import { type LoadedStack, modelOf } from '../compose/project.ts'
import { composeVersion } from './containerNames.ts'
import { buildImage, pullImage } from './images.ts'
import { label } from './labels.ts'
import { imageOf } from './snapshot.ts'

export interface ImageStep {
  service: string
  image: string
  action: 'pull' | 'build'
}

/** Pulls or builds the images that are named, each once. */
export async function makeStepImages(
  docker: Docker,
  model: ComposeModel,
  steps: ImageStep[],
  job: JobControl,
): Promise<number> {
  const done = new Set<string>()
  for (const { service: key, image, action } of steps) {
    const service = model.services[key]
    if (!service || done.has(image)) continue
    done.add(image)
    job.signal.throwIfAborted()
    const report = (detail: string) => job.report({ detail })
    report(`${action === 'pull' ? 'Pulling' : 'Building'} ${image}`)
    if (action === 'pull') await pullImage(docker, image, service.platform, report, job.signal)
    else {
      const labels = { [label.project]: model.name, [label.service]: key, [label.version]: composeVersion }
      await buildImage(docker, key, image, service, labels, report, job.signal)
    }
  }
  return done.size
}

/** Pulls every image that is pulled, or builds every one that is built. */
export async function makeImages(
  docker: Docker,
  stack: LoadedStack,
  action: 'pull' | 'build',
  services: string[] | undefined,
  job: JobControl,
): Promise<string> {
  const model = modelOf(stack)
  const names = services?.length ? services : withDependencies(model, undefined)
  const steps = names.flatMap((key): ImageStep[] => {
    const service = model.services[key]
    const isWanted =
      action === 'build' ? service?.build : service && !service.build && service.pull_policy !== 'never'
    return service && isWanted ? [{ service: key, image: imageOf(model, key, service), action }] : []
  })
  const count = await makeStepImages(docker, model, steps, job)
  return `${count} ${action === 'pull' ? 'pulled' : 'built'}`
}
