import { createServer, type Server } from 'node:net'
import { pack } from 'tar-stream'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { Failure } from '../../src-main/containers/contract.ts'
import { type LiveStack, openLiveStack } from './support.ts'

const docker = inject('docker')
const project = `atlas-failures-${process.pid}`
const busybox = 'busybox:latest'
const image = 'atlas-test/postgres:15'
const data = '/var/lib/postgresql/data'
const first = ['POSTGRES_PASSWORD=first']

describe.skipIf(docker.host === undefined)('a container that does not run says why', () => {
  let stack: LiveStack
  let holder: Server
  let port = 0

  beforeAll(async () => {
    stack = await openLiveStack(docker.host ?? '', project)
    holder = createServer()
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
    port = (holder.address() as { port: number }).port
  })
  afterAll(async () => {
    holder?.close()
    await stack?.close()
  })

  type Made = Parameters<LiveStack['make']>[1] & { files?: Record<string, string | Buffer> }
  /** Makes a container, puts files into it, and starts it; a start that is refused is what is looked at. */
  async function begin(service: string, { files = {}, ...made }: Made): Promise<void> {
    const container = await stack.make(service, made)
    const archive = pack()
    for (const [name, text] of Object.entries(files)) archive.entry({ name, mode: 0o755 }, text)
    archive.finalize()
    await container.putArchive(archive as unknown as NodeJS.ReadableStream, { path: '/' })
    await container.start().catch(() => {})
  }
  const failureOf = (service: string): Promise<Failure> =>
    stack.until(
      ({ services }) => services.find(({ name }) => name === service)?.containers[0]?.failure ?? undefined,
    )

  test.each<[string, Made | (() => Made), Partial<Record<keyof Failure, unknown>>]>([
    [
      'a crash, by what was said last',
      { image: busybox, command: ['sh', '-c', 'echo boom >&2; exit 3'] },
      { cause: 'exited', title: 'It ended with exit code 3', evidence: 'boom' },
    ],
    [
      'a port that a program has, by its name',
      () => ({ image: busybox, command: ['sleep', '60'], port: 80, hostPort: port }),
      {
        cause: 'port-taken',
        title: expect.stringMatching(new RegExp(`^Port \\d+ is taken by .* \\(process ${process.pid}\\)$`)),
        next: expect.stringContaining('choose a free port in .env'),
      },
    ],
    [
      'too little memory',
      // An engine may miss why a container ended that has hardly begun.
      { image: busybox, command: ['sh', '-c', 'sleep 0.3; tail /dev/zero'], memoryBytes: 8 * 1024 ** 2 },
      { cause: 'out-of-memory', evidence: expect.stringContaining('8388608 bytes') },
    ],
    [
      'data of another major version',
      {
        image,
        variables: first,
        volume: { name: `${project}_old`, target: data },
        files: { [`${data}/PG_VERSION`]: '14\n', [`${data}/postgresql.conf`]: '' },
      },
      {
        cause: 'data-of-other-version',
        title: expect.stringMatching(/^The data was made by PostgreSQL 14, the image is 15\.\d+$/),
        next: expect.stringMatching(/image of PostgreSQL 14.*untouched/),
      },
    ],
    [
      'a variable that is not set',
      { image },
      {
        cause: 'variable-missing',
        title: 'POSTGRES_PASSWORD is not set',
        next: expect.stringContaining('.env'),
      },
    ],
    [
      'a disk without space',
      { image, variables: first, memoryFolder: { target: data, size: '6m' } },
      {
        cause: 'disk-full',
        evidence: expect.stringContaining('No space left on device'),
        remedy: 'docker system df',
      },
    ],
    [
      'a program for another processor',
      { image: busybox, command: ['/alien'], files: { alien: alienProgram() } },
      {
        cause: 'wrong-architecture',
        evidence: expect.stringContaining('exec format error'),
        next: expect.stringContaining('platform'),
      },
    ],
    [
      'a command that the image does not have',
      { image: busybox, command: ['nope'] },
      { cause: 'command-missing', evidence: expect.stringContaining('nope') },
    ],
    [
      'a file that it may not read',
      { image: busybox, user: '1234', command: ['touch', '/new'] },
      { cause: 'permission-denied', evidence: expect.stringContaining('/new') },
    ],
    [
      'a check that fails, by what it printed last',
      { image: busybox, command: ['sleep', '600'], health: 'echo no luck; exit 1' },
      { cause: 'unhealthy', evidence: 'no luck', title: expect.stringMatching(/failed \d+ times/) },
    ],
  ])('%s', async (name, made, expected) => {
    const service = name.replaceAll(/\W+/g, '-').slice(0, 40)
    await begin(service, typeof made === 'function' ? made() : made)
    const failure = await failureOf(service)
    expect(failure).toMatchObject(expected)
    expect(failure.next).not.toBe('')
  })

  test('a port that a container has, by its name', async () => {
    await begin('has', { image: busybox, command: ['sleep', '600'], port: 80 })
    const held = await stack.until(
      ({ services }) => services.find(({ name }) => name === 'has')?.containers[0]?.ports[0]?.hostPort,
    )
    await begin('wants', { image: busybox, command: ['sleep', '600'], port: 80, hostPort: held })
    expect(await failureOf('wants')).toMatchObject({
      cause: 'port-taken',
      title: `Port ${held} is taken by the container ${project}-has-1`,
    })
  })

  test('a password that is not the one that the volume was made with, whether the port is published or not', async () => {
    const volume = { name: `${project}_db`, target: data }
    await begin('db', { image, variables: first, volume, port: 5432 })
    const made = await stack.until(
      ({ services }) =>
        services.find(({ name, status }) => name === 'db' && status === 'ready')?.containers[0],
    )
    const again = async (before: string, published: { port?: number }) => {
      await stack.withDocker((engine) => engine.getContainer(before).remove({ force: true }))
      await begin('db', { image, variables: ['POSTGRES_PASSWORD=second'], volume, ...published })
      return stack.until(({ services }) =>
        services
          .find(({ name }) => name === 'db')
          ?.containers.find(({ id, failure }) => id !== before && failure),
      )
    }
    const outside = await again(made.id, { port: 5432 })
    const inside = await again(outside.id, {})
    for (const { failure } of [outside, inside])
      expect(failure).toMatchObject({
        cause: 'password-changed',
        title: 'postgres has another password than the variables say',
        remedy: `alter role "postgres" password '…';`,
      })
  })
})

/** The head of an ELF program for a processor that this machine does not have; the kernel reads no further. */
function alienProgram(): Buffer {
  const head = Buffer.alloc(64)
  head.write('\x7fELF', 0, 'latin1')
  // 64 bits, little endian, version 1; an executable.
  head.set([2, 1, 1], 4)
  head.writeUInt16LE(2, 16)
  // EM_AARCH64, or EM_X86_64 on such.
  head.writeUInt16LE(process.arch === 'arm64' ? 0x3e : 0xb7, 18)
  return head
}
