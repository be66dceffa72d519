import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { parse } from 'yaml'
import { describeDocker, idle, openStackTest, type StackTest } from './support.ts'

const root = join(import.meta.dirname, '..', '..')
const home = mkdtempSync(join(tmpdir(), 'atlas-cli-stack-'))
let stack: StackTest

/** The command line from its sources, in the project's folder. */
function atlas(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const node = join(root, 'node_modules', '.bin', 'node')
  const env = {
    ...process.env,
    ATLAS_HOME: home,
    DOCKER_HOST: inject('docker').host,
    COMPOSE_PROJECT_NAME: stack.project,
  }
  return new Promise((resolve) =>
    execFile(
      node,
      [join(root, 'src-main/hosts/cli/index.ts'), 'stack', ...args],
      { cwd: stack.folder, env },
      (error, out, err) => resolve({ code: error ? Number(error.code) : 0, out, err }),
    ),
  )
}

describeDocker('stack on the command line', () => {
  beforeAll(() => {
    stack = openStackTest({
      'compose.yaml': `services:\n  a:\n    ${idle}\n    environment: {PRICE: 5$$}\n`,
      'more.yaml': `services:\n  b:\n    image: busybox\n    command: [sh, -c, 'echo from b; exit 0']\n    profiles: [extra]\n`,
    })
  })
  afterAll(async () => {
    await stack?.close()
    rmSync(home, { recursive: true, force: true })
  })

  test('config, doctor, plan, up, ps, logs, stop and down', async () => {
    const both = ['-f', 'compose.yaml', '-f', 'more.yaml', '--profile', 'extra']
    const config = await atlas('config', ...both)
    expect(parse(config.out)).toMatchObject({
      name: stack.project,
      services: { a: { environment: { PRICE: '5$$' } }, b: {} },
    })
    expect((await atlas('doctor')).code).toBe(0)
    expect((await atlas('plan')).out).toMatch(/service\s+a\s+create\s+it has no container/)
    // What it is at is told beside the result, where it takes a moment.
    expect(await atlas('up', ...both)).toMatchObject({ code: 0, out: '2 made\n' })
    const { services } = JSON.parse((await atlas('ps', '--json', ...both)).out) as {
      services: { name: string; state: string }[]
    }
    expect(services.map(({ name, state }) => `${name} ${state}`)).toEqual(['a running', 'b exited'])
    expect((await atlas('logs', 'b', ...both)).out).toBe('b  from b\n')
    expect(JSON.parse((await atlas('stop', '--json')).out)).toEqual({
      status: 'succeeded',
      detail: '2 stopped',
    })
    expect((await atlas('down', ...both)).out).toBe('2 containers and 1 networks removed\n')
  })

  test('a file that is not valid fails with its line, and starts nothing', async () => {
    stack.write({ 'bad.yaml': 'services:\n  a:\n    image: busybox\n    portz: []\n' })
    const { code, out, err } = await atlas('up', '-f', 'bad.yaml')
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toContain('portz is no field of the service a')
    expect(err).toContain(`bad.yaml:4:5`)
    expect((await atlas('ps', '-f', 'bad.yaml')).code).toBe(1)
  })
})
