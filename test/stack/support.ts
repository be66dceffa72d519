import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import Docker from 'dockerode'
import { describe, inject } from 'vitest'
import { openAppDb } from '../../src-main/adapters/appdb.ts'
import { oldComposeHashes } from '../../src-main/adapters/composeCli.ts'
import { openDocker } from '../../src-main/adapters/docker.ts'
import type { ServiceOf } from '../../src-main/contract.ts'
import type { Job } from '../../src-main/jobs/contract.ts'
import { createJobs } from '../../src-main/jobs/service.ts'
import { createLogger } from '../../src-main/log.ts'
import { createLoader } from '../../src-main/stack/compose/project.ts'
import type { stackContract } from '../../src-main/stack/contract.ts'
import { createStack } from '../../src-main/stack/service.ts'

const run = promisify(execFile)
const engine = inject('docker')

/** Tests that need an engine; where there is none they skip, and the setup has printed why. */
export const describeDocker = describe.skipIf(engine.host === undefined)
/** Tests against the docker-compose of Debian. */
export const describeCompose = describe.skipIf(engine.host === undefined || engine.composeV1 === undefined)

type Stack = ServiceOf<typeof stackContract>
type Act = 'up' | 'down' | 'start' | 'stop' | 'restart' | 'pull' | 'build' | 'removeVolumes'

export interface StackTest {
  project: string
  folder: string
  docker: Docker
  stack: Stack
  /** What stood in files that the stack wrote to. */
  kept: { path: string; text: string }[]
  write(files: Record<string, string>): void
  /** Does something to the stack and waits for the end; the job may have failed. */
  act(name: Act, input?: Record<string, unknown>): Promise<Job>
  /** docker-compose on the same project; resolves to what it printed. */
  compose(...args: string[]): Promise<string>
  /** Removes everything that carries the project's label, and the folder. */
  close(): Promise<void>
}

/**
 * A project of its own in a folder of its own. `host` is another way to the engine, by default the direct one; with
 * `isOwnEngine` it is another engine.
 */
export function openStackTest(
  files: Record<string, string>,
  options: { host?: string; isLocal?: boolean; isOwnEngine?: boolean } = {},
): StackTest {
  const host = options.host ?? engine.host ?? ''
  const project = `atlastest${randomBytes(4).toString('hex')}`
  const folder = mkdtempSync(join(tmpdir(), 'atlas-stack-'))
  const direct = options.isOwnEngine ? host : (engine.host ?? '')
  const docker = new Docker({ socketPath: direct.replace('unix://', '') })
  const home = mkdtempSync(join(tmpdir(), 'atlas-stack-home-'))
  const db = openAppDb(home)
  const kept: StackTest['kept'] = []
  const jobs = createJobs(db, createLogger('silent').describe)
  const schemaFile = join(import.meta.dirname, '..', '..', 'resources', 'schemas', 'compose-spec.json')
  const stack = createStack({
    engine: openDocker({ DOCKER_HOST: host }),
    load: createLoader(schemaFile, { COMPOSE_PROJECT_NAME: project }),
    selection: { get: () => ({ folder }), set: () => {} },
    jobs,
    environmentId: 'test',
    isLocal: options.isLocal ?? true,
    keepVersion: (path, text) => kept.push({ path, text }),
    oldComposeHashes,
  })
  const write = (contents: Record<string, string>) => {
    for (const [name, text] of Object.entries(contents)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
  }
  write(files)
  const label = { filters: { label: [`com.docker.compose.project=${project}`] } }
  return {
    project,
    folder,
    docker,
    stack,
    kept,
    write,
    act: async (name, input = {}) => {
      // Contract defaults are filled in at the door, which a direct call does not pass.
      const defaults = { accept: [], recreate: 'changed', volumes: [], waitTimeoutMs: 60_000 }
      const call = stack[name] as (input: unknown, call: object) => Promise<{ jobId: string }>
      const { jobId } = await call({ ...defaults, ...input }, {})
      return jobs.finished(jobId)
    },
    compose: async (...args) => {
      const env = { PATH: process.env.PATH, DOCKER_HOST: engine.host, COMPOSE_PROJECT_NAME: project }
      const { stdout, stderr } = await run('docker-compose', args, { cwd: folder, env })
      return stdout + stderr
    },
    close: async () => {
      await jobs.close()
      for (const { Id } of await docker.listContainers({ all: true, ...label })) {
        const container = docker.getContainer(Id)
        await container.unpause().catch(() => {})
        await container.remove({ force: true, v: true }).catch(() => {})
      }
      for (const { Id } of await docker.listNetworks(label)) await docker.getNetwork(Id).remove()
      for (const { Name } of (await docker.listVolumes(label)).Volumes ?? [])
        await docker.getVolume(Name).remove()
      db.close()
      rmSync(folder, { recursive: true, force: true })
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** Waits until a condition holds; fails with what was seen last. */
export async function until<T>(look: () => Promise<T>, holds: (seen: T) => boolean): Promise<T> {
  const deadline = Date.now() + 60_000
  for (;;) {
    const seen = await look()
    if (holds(seen)) return seen
    if (Date.now() > deadline) throw new Error(`It did not come to pass: ${JSON.stringify(seen)}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** A service that runs until it is asked to stop. */
export const idle =
  'image: busybox\n    command: [sleep, "100000"]\n    init: true\n    stop_grace_period: 5s'
