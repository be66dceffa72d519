import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { openStackTest, type StackTest, until } from './support.ts'

const engine = inject('docker')
const hasPodman = process.getuid?.() === 0 && spawnSync('podman', ['--version']).status === 0
if (!hasPodman) console.error('Podman is not tested: apt-get install podman, and run as root')

describe.skipIf(!hasPodman || engine.host === undefined)("Podman's socket", () => {
  const folder = mkdtempSync(join(tmpdir(), 'atlas-podman-'))
  const socket = join(folder, 'podman.sock')
  const own = ['--root', join(folder, 'root'), '--runroot', join(folder, 'run')]
  const service = hasPodman
    ? spawn('podman', [...own, 'system', 'service', '--time=0', `unix://${socket}`], { stdio: 'ignore' })
    : undefined
  let stack: StackTest

  beforeAll(async () => {
    const image = join(folder, 'busybox.tar')
    spawnSync('docker', ['save', 'busybox', '-o', image], {
      env: { ...process.env, DOCKER_HOST: engine.host },
    })
    expect(spawnSync('podman', [...own, 'load', '-i', image]).status).toBe(0)
    // Podman's own limits are above what a container without privileges may ask for.
    const idle = `
    image: busybox
    command: [sleep, '100000']
    stop_grace_period: 1s
    ulimits: {nofile: 1024, nproc: 1024}`
    stack = openStackTest(
      {
        'compose.yaml': `services:\n  a:${idle}\n    volumes: ['data:/data']\n  b:${idle}\n    depends_on: [a]\nvolumes: {data: {}}\n`,
      },
      { host: `unix://${socket}`, isOwnEngine: true },
    )
    // The socket is there before the service reads from it.
    await until(
      () => stack.stack.engine(undefined, {}),
      ({ status }) => status === 'ready',
    )
  })

  afterAll(async () => {
    await stack?.close()
    if (service && service.exitCode === null) {
      service.kill()
      await once(service, 'exit')
    }
    spawnSync('umount', ['-l', join(folder, 'root', 'overlay')])
    rmSync(folder, { recursive: true, force: true })
  })

  test('is known by its name; up, a second up, stop, start and down work on it', async () => {
    expect(await stack.stack.engine(undefined, {})).toMatchObject({ status: 'ready', product: 'Podman' })
    expect((await stack.act('up')).detail).toBe('2 made')
    expect((await stack.act('up')).detail).toBe('2 left as they are')
    expect((await stack.stack.get({}, {})).services.map(({ state }) => state)).toEqual(['running', 'running'])
    expect((await stack.act('stop')).detail).toBe('2 stopped')
    expect((await stack.act('start')).detail).toBe('2 started')
    expect((await stack.act('down')).status).toBe('succeeded')
    expect((await stack.stack.get({}, {})).services.map(({ state }) => state)).toEqual(['absent', 'absent'])
    const { Volumes } = await stack.docker.listVolumes()
    expect(Volumes.map(({ Name }) => Name)).toContain(`${stack.project}_data`)
  })

  test('limits above its own are refused, and what to set instead is said', async () => {
    const greedy = "{image: busybox, command: [sleep, '9'], ulimits: {nofile: 2000000000}}"
    stack.write({ 'compose.yaml': `services: {c: ${greedy}}\n` })
    const { error } = await stack.act('up')
    expect(error).toMatchObject({
      code: 'DOCKER_ERROR',
      data: { object: 'c', next: expect.stringContaining('ulimits: {nofile: 1024, nproc: 1024}') },
    })
    expect((await stack.act('down')).status).toBe('succeeded')
  })
})
