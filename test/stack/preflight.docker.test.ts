import { readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { describeDocker, idle, openStackTest, type StackTest } from './support.ts'

let opened: StackTest | undefined
afterEach(async () => {
  await opened?.close()
  opened = undefined
})

describeDocker('before up', () => {
  test('a password that a database keeps is said: of a text, of a container, and of one to be generated', async () => {
    const compose = `
services:
  db:
    ${idle}
    environment: ['POSTGRES_PASSWORD=\${DB_PASSWORD:?set it}', POSTGRES_USER=shop]
    volumes: ['data:/var/lib/postgresql/data']
volumes: {data: {}}
`
    opened = openStackTest({
      'compose.yaml': compose,
      '.env': 'DB_PASSWORD=first\n',
      '.env.example': 'DB_PASSWORD=\n',
    })
    const { stack, folder, project, act, write } = opened
    const path = join(folder, '.env')
    const keeps = async (text: string) => (await stack.listKeptPasswords({ path, text }, {})).length
    // Nothing is there yet that could keep one.
    expect(await keeps('DB_PASSWORD=second\n')).toBe(0)
    expect(await act('up')).toMatchObject({ status: 'succeeded' })
    expect(await keeps('DB_PASSWORD=first\nOTHER=1\n')).toBe(0)
    expect(await stack.listKeptPasswords({ path, text: 'DB_PASSWORD=second\n' }, {})).toMatchObject([
      {
        service: 'db',
        variable: 'POSTGRES_PASSWORD',
        data: `${project}_data`,
        next: expect.stringContaining('alter role "shop" password'),
      },
    ])
    // Written as it is, the checks before up say it too.
    const told = async () =>
      (await stack.doctor({}, {})).filter(({ object }) => object === 'POSTGRES_PASSWORD')
    expect(await told()).toEqual([])
    write({ '.env': 'DB_PASSWORD=second\n' })
    expect(await told()).toMatchObject([{ check: 'secrets', status: 'warning' }])
    // Without the container nothing contradicts what the file says; one that is generated is another for certain.
    await act('down')
    expect(await told()).toEqual([])
    write({ '.env': '' })
    expect(await told()).toMatchObject([{ status: 'warning' }])
  })

  test('says who holds a port, writes a free one and generated passwords to .env, and then comes up', async () => {
    const holder = createServer()
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
    const { port } = holder.address() as { port: number }
    opened = openStackTest({
      'compose.yaml': `
services:
  web:
    ${idle}
    environment: {SECRET: '\${WEB_PASSWORD:?set WEB_PASSWORD}'}
    ports: ['127.0.0.1:\${WEB_PORT:-${port}}:80']
  minio:
    image: \${MINIO_IMAGE:-minio/minio}
    profiles: [never]
`,
      '.env.example': `# The password of the web. Required.\nWEB_PASSWORD=\nWEB_NAME=web\n`,
    })
    const { stack, folder, act } = opened
    try {
      const before = await stack.doctor({}, {})
      expect(before.find(({ check }) => check === 'secrets')).toMatchObject({
        status: 'fail',
        fix: { id: 'secrets', label: 'Make .env from .env.example' },
      })
      // What has no value is said once.
      expect(before.filter(({ message }) => message.includes('WEB_PASSWORD'))).toHaveLength(1)
      await expect(stack.fix({ id: 'set:PATH=/evil' }, {})).rejects.toMatchObject({ code: 'CONFLICT' })
      expect((await stack.fix({ id: 'secrets' }, {})).written).toEqual(['WEB_PASSWORD'])
      const file = join(folder, '.env')
      expect(readFileSync(file, 'utf8')).toMatch(
        /^# The password of the web\. Required\.\nWEB_PASSWORD=[A-Za-z0-9_-]{32}\nWEB_NAME=web\n$/,
      )
      expect(statSync(file).mode & 0o777).toBe(0o600)

      const ports = (await stack.doctor({}, {})).filter(({ check }) => check === 'ports')
      expect(ports).toMatchObject([{ status: 'fail', object: `127.0.0.1:${port}` }])
      expect(ports[0]?.message).toContain(`(process ${process.pid})`)
      expect((await act('up')).error).toMatchObject({ code: 'PORT_TAKEN', data: { object: 'web' } })
      expect(opened.kept).toEqual([])
      await stack.fix({ id: ports[0]?.fix?.id ?? '' }, {})
      expect(opened.kept).toMatchObject([{ path: file, text: expect.not.stringContaining('WEB_PORT') }])
      expect(readFileSync(file, 'utf8')).toMatch(/WEB_PORT=\d+\n$/)

      expect((await stack.doctor({}, {})).filter(({ status }) => status === 'fail')).toEqual([])
      expect(await act('up')).toMatchObject({ status: 'succeeded' })
      // Its own port is no clash.
      expect((await stack.doctor({}, {})).find(({ check }) => check === 'ports')).toMatchObject({
        status: 'pass',
      })

      const images = (await stack.doctor({ profiles: ['never'] }, {})).filter(
        ({ check }) => check === 'images',
      )
      expect(images).toMatchObject([
        {
          status: 'fail',
          object: 'minio/minio',
          fix: { id: expect.stringMatching(/^set:MINIO_IMAGE=pgsty\/minio/) },
        },
      ])
    } finally {
      holder.close()
    }
  })

  test('asks before a container gets power over the machine, and refuses known passwords outside local', async () => {
    opened = openStackTest(
      {
        'compose.yaml': `services:\n  a:\n    ${idle}\n    volumes: ['/etc:/host:ro']\n    environment: {P: '\${A_PASSWORD}'}\n`,
        '.env': 'A_PASSWORD=changethis\n',
      },
      { isLocal: false },
    )
    const { act, stack, write } = opened
    await expect(act('up')).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: 'A_PASSWORD is changethis',
    })
    write({ '.env': 'A_PASSWORD=another\n' })
    const { questions } = await stack.plan({}, {})
    expect(questions).toMatchObject([{ service: 'a', field: 'volumes.0' }])
    await expect(act('up')).rejects.toMatchObject({
      code: 'CONFIRMATION_NEEDED',
      fault: { object: questions[0]?.id },
    })
    expect(await act('up', { accept: [questions[0]?.id] })).toMatchObject({ status: 'succeeded' })
    const [plain] = await stack.drift({}, {})
    expect(plain).toMatchObject({ status: 'same' })
    expect(await stack.drift({ services: ['orphan'] }, {})).toEqual([])
  })

  test('without an engine it says what was looked at and what to do', async () => {
    opened = openStackTest(
      { 'compose.yaml': `services: {a: {image: x}}` },
      { host: 'unix:///nowhere/docker.sock' },
    )
    const { stack, act } = opened
    expect(await stack.engine(undefined, {})).toMatchObject({
      status: 'failing',
      tried: [{ source: 'DOCKER_HOST', address: 'unix:///nowhere/docker.sock', outcome: 'no such socket' }],
      fault: { next: expect.stringContaining('DOCKER_HOST') },
    })
    expect(await stack.doctor({}, {})).toMatchObject([
      { check: 'engine', status: 'fail' },
      { check: 'file' },
      { check: 'secrets' },
    ])
    expect((await act('up')).error).toMatchObject({ code: 'DOCKER_UNAVAILABLE' })
  })
})
