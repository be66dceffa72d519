import { spawnSync } from 'node:child_process'
import type { TestProject } from 'vitest/node'
import { openTestEngine } from './engine.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** As DOCKER_HOST; undefined where no engine can be had, and then why. */
    docker: { host: string; composeV1: string | undefined } | { host: undefined; reason: string }
  }
}

/** Runs once a project: gives the tests a Docker engine. Where none is possible the tests skip and print why. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const engine = await openTestEngine()
  if ('reason' in engine) {
    console.error(`The tests of Docker are skipped: ${engine.reason}`)
    project.provide('docker', { host: undefined, reason: engine.reason })
    return async () => {}
  }
  project.provide('docker', { host: engine.host, composeV1: findOldCompose() })
  return engine.stop
}

/** The `docker-compose` of the first generation, which Debian carries. */
function findOldCompose(): string | undefined {
  const { stdout, status } = spawnSync('docker-compose', ['version', '--short'], { encoding: 'utf8' })
  return status === 0 && stdout.startsWith('1.') ? 'docker-compose' : undefined
}
