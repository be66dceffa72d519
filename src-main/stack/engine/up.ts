import type Docker from 'dockerode'
import { AtlasError } from '../../errors.ts'
import type { JobControl } from '../../jobs/contract.ts'
import type { ComposeModel } from '../compose/model.ts'
import { type LoadedStack, modelOf } from '../compose/project.ts'
import { type ContainerStep, type PlanOptions, planUp, type UpPlan } from '../plan/plan.ts'
import { compareStack } from '../plan/planning.ts'
import { containerLabels, containerName } from './containerNames.ts'
import { label } from './labels.ts'
import { makeContainer, replaceContainer } from './makeContainer.ts'
import { makeStepImages } from './makeImages.ts'
import { makeResources } from './makeResources.ts'
import { imageOf, type Snapshot } from './snapshot.ts'
import { stopContainer } from './stop.ts'
import { waitForService } from './waiting.ts'

export interface UpOptions extends PlanOptions {
  shouldRemoveOrphans: boolean
  shouldWait: boolean
  waitTimeoutMs: number
  /** What an installed compose calls the services' hashes; without one they are computed. */
  findHashes: (stack: LoadedStack) => Promise<Record<string, string>>
}

/** Brings a project to what its files say, by compose's own rules. Answers with what was done, in a few words. */
export async function bringUp(
  docker: Docker,
  stack: LoadedStack,
  options: UpOptions,
  job: JobControl,
): Promise<string> {
  const model = modelOf(stack)
  job.report({ detail: 'Comparing the files with what runs' })
  const compared = await compareStack(docker, stack)
  const first = planUp(model, stack.disabled, compared.snapshot, options)
  checkExternal(first)
  checkOwn(model, compared.snapshot)
  // An older compose hashes the images too: it is asked once they are there, and while other things are made.
  const hasImages = first.images.length === 0
  const early = hasImages && makesContainers(first) ? options.findHashes(stack) : undefined
  await makeStepImages(docker, model, first.images, job)
  await makeResources(docker, stack, model, first, job)
  // What was pulled or built changes which containers are up to date.
  const { snapshot } = hasImages ? compared : await compareStack(docker, stack)
  const plan = hasImages ? first : planUp(model, stack.disabled, snapshot, { ...options, shouldBuild: false })
  const hashes = makesContainers(plan) ? await (early ?? options.findHashes(stack)) : {}
  const ids = await makeContainers(docker, stack, model, plan, snapshot, hashes, job)
  await startInOrder(docker, model, plan, ids, options, job)
  const removed = options.shouldRemoveOrphans ? await removeOrphans(docker, snapshot, plan.orphans) : 0
  return summary(plan, removed)
}

const makesContainers = ({ containers }: UpPlan) =>
  containers.some(({ action }) => action === 'create' || action === 'recreate')

function checkExternal(plan: UpPlan) {
  const missing = [...plan.networks, ...plan.volumes].find(({ action }) => action === 'missing')
  if (missing)
    throw new AtlasError('NOT_FOUND', `${missing.name} is external and does not exist`, {
      object: missing.name,
      saved: 'Nothing was started or changed.',
      next: 'Create it (docker network create, docker volume create), or declare it without external.',
    })
}

/** A name of the files may be one that is there already and belongs to others: their data is not taken over in silence. */
function checkOwn(model: ComposeModel, snapshot: Snapshot) {
  for (const [kind, wanted, there] of [
    ['network', model.networks, snapshot.networks],
    ['volume', model.volumes, snapshot.volumes],
  ] as const) {
    for (const { name, external } of Object.values(wanted)) {
      const found = there.get(name)
      if (external || !found || found.Labels?.[label.project] === model.name) continue
      const owner = found.Labels?.[label.project]
      throw new AtlasError('CONFLICT', `The ${kind} ${name} is there already and is not of this project`, {
        object: name,
        detail: owner ? `It belongs to the project ${owner}.` : 'It carries no label of a project.',
        saved: 'Nothing was started or changed.',
        next: `Give this one another name in the compose file, or declare it \`external: true\` to share it.`,
      })
    }
  }
}

/** Makes and replaces containers in start order, starting none; answers with the ids of each service. */
async function makeContainers(
  docker: Docker,
  stack: LoadedStack,
  model: ComposeModel,
  plan: UpPlan,
  snapshot: Snapshot,
  hashes: Record<string, string>,
  job: JobControl,
): Promise<Map<string, string[]>> {
  const ids = new Map<string, string[]>()
  const containerOf = (name: string) =>
    ids.get(name)?.[0] ?? snapshot.containers.find(({ Labels }) => Labels[label.service] === name)?.Id ?? name
  for (const step of plan.containers) {
    const service = model.services[step.service]
    if (!service) continue
    job.signal.throwIfAborted()
    if (step.action === 'remove') {
      await removeSurplus(docker, step)
      continue
    }
    let id = step.container?.Id ?? ''
    if (step.action === 'create' || step.action === 'recreate') {
      const verb = step.action === 'create' ? 'Making' : 'Replacing'
      job.report({ detail: `${verb} ${step.service}` })
      const image = imageOf(model, step.service, service)
      const context = {
        model,
        folder: stack.folder,
        name: containerName(model, step.service, service, step.number),
        image,
        labels: containerLabels(stack, step.service, service, step.number, {
          imageId: snapshot.images.get(image)?.Id ?? '',
          configHash: hashes[step.service],
        }),
        containerOf,
      }
      id = step.container
        ? await replaceContainer(
            docker,
            step.service,
            service,
            context,
            step.container,
            stack.variables,
            snapshot.images.get(image),
          )
        : await makeContainer(docker, step.service, service, context, stack.variables)
    }
    ids.set(step.service, [...(ids.get(step.service) ?? []), id])
  }
  return ids
}

async function removeSurplus(docker: Docker, { container }: ContainerStep) {
  if (!container) return
  const surplus = docker.getContainer(container.Id)
  await stopContainer(surplus)
  await surplus.remove()
}

/** Starts each service as soon as what it waits for is as it should be; services that do not wait for each other start at once. */
async function startInOrder(
  docker: Docker,
  model: ComposeModel,
  plan: UpPlan,
  ids: Map<string, string[]>,
  { shouldWait, waitTimeoutMs }: UpOptions,
  job: JobControl,
) {
  const wait = { signal: job.signal, timeoutMs: waitTimeoutMs }
  const started = new Map<string, Promise<void>>()
  let running = 0
  // Two starts at once may both take the same port of a published range.
  let gate: Promise<unknown> = Promise.resolve()
  const startOne = (service: string, id: string) => {
    const turn = gate.then(() => startContainer(docker, service, id))
    gate = turn.catch(() => {})
    return turn
  }
  const toStart = new Set(
    plan.containers.flatMap(({ service, action }) =>
      action === 'leave' || action === 'remove' ? [] : [service],
    ),
  )
  for (const name of plan.services) {
    const dependencies = Object.entries(model.services[name]?.depends_on ?? {})
    const start = async () => {
      for (const [other, { condition, required }] of dependencies) {
        try {
          await started.get(other)
          if (toStart.has(name)) await waitForService(docker, other, ids.get(other) ?? [], condition, wait)
        } catch (error) {
          if (required) throw error
        }
      }
      job.signal.throwIfAborted()
      if (toStart.has(name)) {
        job.report({ detail: `Starting ${name}`, progress: running / plan.services.length })
        for (const id of ids.get(name) ?? []) await startOne(name, id)
      }
      running += 1
    }
    const begun = start()
    // It is awaited below; until then its failure belongs to those that wait for it.
    begun.catch(() => {})
    started.set(name, begun)
  }
  const outcomes = await Promise.allSettled(started.values())
  const failure = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failure) throw failure.reason
  if (!shouldWait) return
  const healthy = plan.services.filter((name) => {
    const check = model.services[name]?.healthcheck
    return check && !check.disable
  })
  job.report({ detail: `Waiting for ${healthy.join(', ')}` })
  await Promise.all(
    healthy.map((name) => waitForService(docker, name, ids.get(name) ?? [], 'service_healthy', wait)),
  )
}

async function startContainer(docker: Docker, service: string, id: string) {
  try {
    await docker.getContainer(id).start()
  } catch (error) {
    // 304: it runs already.
    const { statusCode } = error as { statusCode?: number }
    if (statusCode === 304) return
    throw Object.assign(error as Error, { object: service })
  }
}

async function removeOrphans(docker: Docker, snapshot: Snapshot, orphans: string[]): Promise<number> {
  const found = snapshot.containers.filter(({ Labels }) => orphans.includes(Labels[label.service] ?? ''))
  for (const { Id } of found) {
    const container = docker.getContainer(Id)
    await stopContainer(container)
    await container.remove()
  }
  return found.length
}

function summary(plan: UpPlan, removed: number): string {
  const count = (action: ContainerStep['action']) =>
    plan.containers.filter((step) => step.action === action).length
  const parts = [
    [count('create'), 'made'],
    [count('recreate'), 'replaced'],
    [count('start'), 'started'],
    [count('leave'), 'left as they are'],
    [count('remove') + removed, 'removed'],
  ].flatMap(([number, word]) => (number ? [`${number} ${word}`] : []))
  const orphans =
    plan.orphans.length > 0 && removed === 0
      ? `; no file knows ${plan.orphans.join(', ')}, which ${plan.orphans.length === 1 ? 'was' : 'were'} left`
      : ''
  return `${parts.join(', ') || 'There is nothing to start'}${orphans}`
}
