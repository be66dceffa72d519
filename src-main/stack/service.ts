import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { oldComposeHashes } from '../adapters/composeCli.ts'
import type { DockerEngine } from '../adapters/docker.ts'
import type { ServiceOf } from '../contract.ts'
import { AtlasError } from '../errors.ts'
import type { JobControl, JobStarter } from '../jobs/contract.ts'
import { printable, printYaml } from './compose/configText.ts'
import { withDependencies } from './compose/order.ts'
import { type LoadedStack, type LoadStack, modelOf } from './compose/project.ts'
import type { Selection, stackContract } from './contract.ts'
import { removeVolumes, restartServices, startServices, stopServices, takeDown } from './engine/actions.ts'
import { listContainers, toContainer } from './engine/containers.ts'
import { describeEngine } from './engine/describeEngine.ts'
import { label } from './engine/labels.ts'
import { makeImages } from './engine/makeImages.ts'
import { bringUp } from './engine/up.ts'
import { envText, missingSecrets, weakSecrets, writeEnvFile } from './files/envFile.ts'
import { setVariables } from './files/envText.ts'
import { createOpener } from './known.ts'
import { listKeptPasswords } from './plan/keptPasswords.ts'
import { describeSteps, planUp } from './plan/plan.ts'
import { compareStack, describeDrift } from './plan/planning.ts'
import { findPolicyQuestions } from './plan/policy.ts'
import { checkBeforeUp } from './plan/preflight.ts'
import type { Plan } from './planContract.ts'
import type { SelectionStore } from './selection.ts'
import { describeResources, describeServices } from './states.ts'

interface Dependencies {
  engine: DockerEngine
  load: LoadStack
  selection: SelectionStore
  jobs: JobStarter
  environmentId: string
  isLocal: boolean
  /** Keeps what stood in a file before something else is written to it. */
  keepVersion: (path: string, text: string) => void
  oldComposeHashes: typeof oldComposeHashes
}

/** Compose stacks on the engine of this machine. */
export function createStack(dependencies: Dependencies): ServiceOf<typeof stackContract> {
  const { engine, load, selection, jobs, environmentId, isLocal } = dependencies
  const open = createOpener({ engine, load, selection })
  const start = (title: string, work: (job: JobControl) => Promise<string>) =>
    jobs.start({ environmentId, title, link: '/stack', isCancellable: true }, work)
  /** The project alone, where its files need not be valid to act on what runs. */
  const projectOf = async (input: Selection) =>
    input.project && !input.files?.length ? input.project : (await open(input)).project
  const findHashes = async (stack: LoadedStack) => {
    const { engine: found } = await engine.find()
    const { project, folder, files, envFiles, activeProfiles: profiles } = stack
    return found
      ? dependencies.oldComposeHashes({ project, folder, files, envFiles, profiles, engine: found.address })
      : {}
  }

  /** Where secrets are missing, also what the stack is with those that would be generated. */
  const check = async (input: Selection, stack: LoadedStack) => {
    const missing = missingSecrets(stack.folder, stack.variables) ?? {}
    const mended =
      Object.keys(missing).length === 0
        ? stack
        : await open(input, {
            texts: { [join(stack.folder, '.env')]: setVariables(envText(stack.folder), missing) },
          })
    return checkBeforeUp({ engine, stack, mended, isLocal })
  }

  return {
    engine: () => describeEngine(engine),
    projects: () =>
      engine.call('projects', async (docker) => {
        const listed = await docker.listContainers({ all: true, filters: { label: [label.project] } })
        const projects = Map.groupBy(listed, ({ Labels }) => Labels[label.project] ?? '')
        // A container made of an image that compose built may have the label without being of a project.
        projects.delete('')
        return [...projects].sort().map(([project, infos]) => {
          const containers = infos.map(toContainer).filter(({ isOneOff }) => !isOneOff)
          const labels = infos[0]?.Labels ?? {}
          return {
            project,
            folder: labels[label.workingDir] ?? '',
            files: labels[label.configFiles]?.split(',') ?? [],
            running: containers.filter(({ state }) => state === 'running').length,
            total: containers.length,
          }
        })
      }),
    select: async (input) => {
      load(input)
      selection.set(input)
      return input
    },
    get: async (input) => {
      const stack = await open(input)
      const report = await describeEngine(engine)
      const containers =
        report.status === 'ready'
          ? await engine.call(stack.project, (docker) => listContainers(docker, stack.project))
          : []
      return {
        project: stack.project,
        folder: stack.folder,
        files: stack.files,
        envFiles: stack.envFiles,
        profiles: stack.profiles.map((name) => ({
          name,
          isOn: stack.activeProfiles.includes(name) || stack.activeProfiles.includes('*'),
        })),
        problems: stack.problems,
        services: describeServices(stack, containers),
        networks: describeResources(stack.model?.networks ?? {}),
        volumes: describeResources(stack.model?.volumes ?? {}),
        engine: report,
      }
    },
    config: async (input) => {
      const model = modelOf(await open(input))
      return { yaml: printYaml(model), model: printable(model) }
    },
    check: async ({ path, text, ...input }) => (await open(input, { texts: { [path]: text } })).problems,
    listKeptPasswords: async ({ path, text, ...input }) => {
      if (!(await engine.find()).engine) return []
      const changed = await open(input, { texts: { [path]: text } })
      const saved = await open(input)
      return engine.call(changed.project, (docker) => listKeptPasswords(docker, changed, saved))
    },
    plan: async ({ services, shouldBuild = false, ...input }) => {
      const stack = await open(input, { services })
      const model = modelOf(stack)
      const { snapshot, changes } = await engine.call(stack.project, (docker) => compareStack(docker, stack))
      const plan = planUp(model, stack.disabled, snapshot, {
        services,
        recreate: 'changed',
        shouldBuild,
      })
      const steps = describeSteps(plan, model, changes)
      return {
        project: stack.project,
        steps,
        orphans: plan.orphans,
        builds: withDependencies(model, services).filter((name) => model.services[name]?.build),
        questions: findPolicyQuestions(model, stack),
        isCurrent: steps.every(({ action }) => action === 'leave' || action === 'keep'),
      } satisfies Plan
    },
    doctor: async (input) => check(input, await open(input)),
    fix: async ({ id, ...input }) => {
      const stack = await open(input)
      const file = join(stack.folder, '.env')
      const offered = await check(input, stack)
      if (!offered.some(({ fix }) => fix?.id === id)) {
        throw new AtlasError('CONFLICT', 'What this would mend has changed', {
          object: id,
          saved: 'Nothing was written.',
          next: 'Run the checks again.',
        })
      }
      const [, name = '', value = ''] = /^set:([^=]+)=(.*)$/.exec(id) ?? []
      const values =
        id === 'secrets' ? (missingSecrets(stack.folder, stack.variables) ?? {}) : { [name]: value }
      if (existsSync(file)) dependencies.keepVersion(file, readFileSync(file, 'utf8'))
      await writeEnvFile(file, setVariables(envText(stack.folder), values))
      return { file, written: Object.keys(values) }
    },
    drift: async ({ services, ...input }) => {
      const stack = await open(input, { services })
      return engine.call(stack.project, (docker) => describeDrift(docker, stack, services))
    },

    up: async ({ services, accept, ...options }) => {
      const stack = await open(options, { services })
      const model = modelOf(stack)
      if (!isLocal) refuseWeakSecrets(stack)
      refuseUnanswered(stack, withDependencies(model, services), accept)
      return start(`Bring up ${services?.join(', ') || stack.project}`, (job) =>
        engine.call(stack.project, (docker) =>
          bringUp(docker, stack, { ...options, services, findHashes }, job),
        ),
      )
    },
    down: async ({ shouldRemoveOrphans, volumes, timeoutSeconds, ...input }) => {
      const isByLabels = input.project !== undefined && !input.files?.length
      // What is known by its labels alone goes whole; files that can be read say what is an orphan.
      const stack = isByLabels ? await open(input).catch(() => undefined) : await open(input)
      const project = stack?.project ?? (await projectOf(input))
      const known = stack && [...Object.keys(stack.model?.services ?? {}), ...Object.keys(stack.disabled)]
      const options = {
        project,
        known: known?.length ? known : undefined,
        shouldRemoveOrphans,
        volumes,
        timeoutSeconds,
      }
      return start(`Take down ${project}`, (job) =>
        engine.call(project, (docker) => takeDown(docker, options, job)),
      )
    },
    start: async ({ services, ...input }) => {
      const project = await projectOf(input)
      return start(`Start ${services?.join(', ') || project}`, (job) =>
        engine.call(project, (docker) => startServices(docker, { project, services }, job)),
      )
    },
    stop: async ({ services, timeoutSeconds, ...input }) => {
      const project = await projectOf(input)
      return start(`Stop ${services?.join(', ') || project}`, (job) =>
        engine.call(project, (docker) => stopServices(docker, { project, services, timeoutSeconds }, job)),
      )
    },
    restart: async ({ services, timeoutSeconds, ...input }) => {
      const project = await projectOf(input)
      return start(`Restart ${services?.join(', ') || project}`, (job) =>
        engine.call(project, (docker) => restartServices(docker, { project, services, timeoutSeconds }, job)),
      )
    },
    pull: async ({ services, ...input }) => {
      const stack = await open(input, { services })
      return start(`Pull ${services?.join(', ') || stack.project}`, (job) =>
        engine.call(stack.project, (docker) => makeImages(docker, stack, 'pull', services, job)),
      )
    },
    build: async ({ services, accept, ...input }) => {
      const stack = await open(input, { services })
      const named = services?.length ? services : withDependencies(modelOf(stack), undefined)
      refuseUnanswered(stack, named, accept, (field) => field.startsWith('build.'))
      return start(`Build ${services?.join(', ') || stack.project}`, (job) =>
        engine.call(stack.project, (docker) => makeImages(docker, stack, 'build', services, job)),
      )
    },
    removeVolumes: async ({ volumes, ...input }) => {
      const project = await projectOf(input)
      return start(`Remove ${volumes.join(', ')}`, (job) =>
        engine.call(
          project,
          async (docker) => `${await removeVolumes(docker, project, volumes, job)} removed`,
        ),
      )
    },
  }
}

/** Throws `CONFIRMATION_NEEDED` with the questions of the policy about these services that nobody said yes to. */
function refuseUnanswered(
  stack: LoadedStack,
  services: readonly string[],
  accept: readonly string[],
  isAsked: (field: string) => boolean = () => true,
) {
  const asked = findPolicyQuestions(modelOf(stack), stack).filter(
    ({ id, service, field }) =>
      !accept.includes(id) && (service === '' || services.includes(service)) && isAsked(field),
  )
  if (asked.length === 0) return
  throw new AtlasError('CONFIRMATION_NEEDED', 'A container would get power over this machine', {
    object: asked.map(({ id }) => id).join(','),
    detail: asked
      .map(({ id, service, field, message }) => `${id}: ${service}.${field}: ${message}`)
      .join('\n'),
    saved: 'Nothing was started or changed.',
    next: 'Read each, and accept what is meant by its id.',
  })
}

/** Outside a developer's own machine a password that everybody knows is none. */
function refuseWeakSecrets({ variables, files }: LoadedStack) {
  const weak = weakSecrets(variables, files.map((file) => readFileSync(file, 'utf8')).join('\n'))
  if (weak.length === 0) return
  throw new AtlasError('INPUT_INVALID', `${weak.join(', ')} ${weak.length === 1 ? 'is' : 'are'} changethis`, {
    object: weak.join(', '),
    saved: 'Nothing was started or changed.',
    next: 'Set other values in .env: changethis is taken in a local environment alone.',
  })
}
